/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.JournalEvent.LossCause;
import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.codec.UndecodableException;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.segment.FrameData;
import io.millrace.journal.segment.Segment;
import io.millrace.journal.segment.SegmentReader;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Finds durable frames on disk, sequentially at best. Guarded by the dispatcher's lock. */
final class ColdReader {
  private static final int MAX_HINTS = 1024;

  private final SegmentIndex index;
  private final PayloadCodec codec;

  private Segment segment;
  private SegmentReader reader;

  /** Where the frame with {@link #nextSequence} is expected. */
  private long position;

  private long nextSequence;
  private Found.Frame last;

  /** Positions of frames read before, for what is released and read again; oldest forgotten. */
  private final LinkedHashMap<Long, Long> hints =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Long, Long> eldest) {
          return size() > MAX_HINTS;
        }
      };

  ColdReader(SegmentIndex index, PayloadCodec codec) {
    this.index = index;
    this.codec = codec;
  }

  /** Whether the file is the one being read. */
  boolean isOn(Segment candidate) {
    return segment == candidate;
  }

  void forget(Segment gone) {
    if (segment == gone) {
      segment = null;
      reader = null;
    }
  }

  /**
   * Looks for the frame that holds a durable, unacknowledged sequence.
   *
   * @param endSequence first sequence that is not durable
   */
  Found find(long sequence, long endSequence) throws IOException {
    if (last != null && sequence >= last.firstSequence() && sequence < last.endSequence()) {
      return last;
    }
    Segment holder = index.of(sequence);
    if (holder == null) {
      Segment first = index.first();
      long until = first == null ? endSequence : Math.min(endSequence, first.firstSequence());
      return new Found.Missing(null, 0, 0, until, LossCause.MISSING_SEGMENT);
    }
    long limit = Math.min(endSequence, index.endOf(holder));
    moveTo(holder, sequence);
    Found found = walk(sequence, limit);
    if (found instanceof Found.Missing) {
      // The window may show the file as it was before the frame was written.
      reader.invalidate();
      restart();
      found = walk(sequence, limit);
    }
    if (found instanceof Found.Frame frame) {
      last = frame;
    }
    return found;
  }

  private void moveTo(Segment holder, long sequence) throws IOException {
    if (segment != holder) {
      Segment left = segment;
      segment = holder;
      reader = new SegmentReader(holder.file(), holder.use());
      restart();
      if (left != null && !left.isBeingWritten()) {
        left.file().close();
      }
    }
    if (sequence < nextSequence) {
      restart();
    }
    Long hint = hints.get(sequence);
    if (hint != null && sequence != nextSequence) {
      FrameHeader header = reader.headerAt(hint);
      if (header != null && header.firstSequence() == sequence) {
        position = hint;
        nextSequence = sequence;
      }
    }
  }

  private void restart() {
    position = SegmentHeaderLayout.BLOCK_BYTES;
    nextSequence = segment.firstSequence();
  }

  /** Goes from frame to frame up to the one that holds the sequence. */
  private Found walk(long sequence, long limit) throws IOException {
    while (true) {
      FrameHeader header = reader.headerAt(position);
      if (header == null) {
        header = reader.findHeader(position);
      }
      if (header == null || header.firstSequence() >= limit) {
        long endPosition = header == null ? segment.file().fileBytes() : header.position();
        return new Found.Missing(
            segment.name(), position, endPosition, limit, LossCause.DAMAGED_FRAMES);
      }
      if (header.firstSequence() > sequence) {
        return new Found.Missing(
            segment.name(),
            position,
            header.position(),
            header.firstSequence(),
            LossCause.DAMAGED_FRAMES);
      }
      if (header.endSequence() <= sequence) {
        position = header.endPosition();
        nextSequence = Math.max(nextSequence, header.endSequence());
        continue;
      }
      byte[] stored = reader.payload(header);
      if (stored == null) {
        return frameMissing(header, limit, LossCause.DAMAGED_FRAMES);
      }
      byte[] payload;
      try {
        payload = codec.decode(header.codec(), header.keyId(), stored, header.recordCount());
      } catch (UndecodableException e) {
        return frameMissing(header, limit, LossCause.UNDECODABLE);
      }
      hints.put(header.firstSequence(), (long) header.position());
      position = header.endPosition();
      nextSequence = header.endSequence();
      return new Found.Frame(
          header.firstSequence(), FrameData.ofRead(payload, header.recordCount()), false);
    }
  }

  private Found.Missing frameMissing(FrameHeader header, long limit, LossCause cause) {
    return new Found.Missing(
        segment.name(),
        header.position(),
        header.endPosition(),
        Math.min(limit, header.endSequence()),
        cause);
  }
}
