/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.segment.FrameData;
import java.util.Map;
import java.util.TreeMap;

/** The latest frames, by first sequence, bounded in bytes. Guarded by its own monitor. */
final class TailCache {
  private final long maxBytes;
  private final TreeMap<Long, FrameData> frames = new TreeMap<>();
  private long bytes;

  TailCache(long maxBytes) {
    this.maxBytes = maxBytes;
  }

  synchronized void put(long firstSequence, FrameData frame) {
    frames.put(firstSequence, frame);
    bytes += costOf(frame);
    while (bytes > maxBytes) {
      removeFirst();
    }
  }

  /** The frame that holds a sequence, with its first sequence, or null. */
  synchronized Map.Entry<Long, FrameData> find(long sequence) {
    Map.Entry<Long, FrameData> entry = frames.floorEntry(sequence);
    boolean holds = entry != null && sequence < entry.getKey() + entry.getValue().recordCount();
    return holds ? entry : null;
  }

  /** Forgets the frames that lie below a sequence altogether. */
  synchronized void removeBelow(long sequence) {
    while (!frames.isEmpty()
        && frames.firstKey() + frames.firstEntry().getValue().recordCount() <= sequence) {
      removeFirst();
    }
  }

  synchronized long bytes() {
    return bytes;
  }

  private void removeFirst() {
    bytes -= costOf(frames.pollFirstEntry().getValue());
  }

  /** The array may be longer than the payload; all of it is kept from the collector. */
  private static long costOf(FrameData frame) {
    return frame.payload().length + 64L;
  }
}
