/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.kit.text.LineFeeds;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.function.BooleanSupplier;

/**
 * Cuts lines out of big blocks of one file at a time, with positional reads. A block begins up to
 * {@link Mark#MAX_BYTES} before the file's read position, so that one read both proves that the
 * file is still the one that was read before and brings what is new. Confined to the source's
 * thread.
 *
 * <p>Memory: one block, which grows to the longest line (bounded) and shrinks again.
 */
final class LineReader {
  private static final int SEARCH_BYTES = 64 * 1024;
  private static final int UNKNOWN_BYTES = -1;

  private final int blockBytes;
  private final int maxLineBytes;
  private final EventEnds eventEnds;
  private final BooleanSupplier isStopping;
  private byte[] block;
  private TailedFile owner;
  private long blockPosition;
  private int filledBytes;
  private boolean isAtEnd;

  private int lineOffset;
  private int lineBytes;
  private long truncatedBytes;
  private long nextPosition;
  private long skippedHoleBytes;

  /** What a look at a file found. */
  enum Look {
    /** A line is ready: see the accessors. */
    LINE,
    /** No whole line stands behind the read position. */
    NOTHING,
    /** The bytes before the read position are not those that were read: start over. */
    REPLACED
  }

  /**
   * @param eventEnds how lines are joined to events; null when they are not
   * @param isStopping ends the search for the end of a very long line
   */
  LineReader(int blockBytes, int maxLineBytes, EventEnds eventEnds, BooleanSupplier isStopping) {
    if (blockBytes < 2 * Mark.MAX_BYTES) {
      throw new IllegalArgumentException(
          "blockBytes: " + blockBytes + " (expected: " + 2 * Mark.MAX_BYTES + " or more)");
    }
    if (maxLineBytes < 1) {
      throw new IllegalArgumentException(
          "maxLineBytes: " + maxLineBytes + " (expected: 1 or more)");
    }
    this.blockBytes = blockBytes;
    this.maxLineBytes = maxLineBytes;
    this.eventEnds = eventEnds;
    this.isStopping = isStopping;
    this.block = new byte[blockBytes];
  }

  /** The array that holds the line; valid until the next call. */
  byte[] array() {
    return block;
  }

  int lineOffset() {
    return lineOffset;
  }

  /** Length without the line's end. */
  int lineBytes() {
    return lineBytes;
  }

  /** Bytes of the line beyond the limit, which are left out. */
  long truncatedBytes() {
    return truncatedBytes;
  }

  /** Position behind the line and its end. */
  long nextPosition() {
    return nextPosition;
  }

  /** Zero bytes skipped at the beginning of files since the last call. */
  long takeSkippedHoleBytes() {
    long taken = skippedHoleBytes;
    skippedHoleBytes = 0;
    return taken;
  }

  /** Forgets what was read of the file, so that the next look reads anew. */
  void forget() {
    owner = null;
  }

  /**
   * Looks for the line at the file's read position. The same line is found again until the file is
   * moved on with {@link #consume}. When the file was not the last one, its mark must be learnt.
   */
  Look nextLine(TailedFile file) throws IOException {
    if (owner != file || file.readPosition() > blockPosition + filledBytes) {
      if (!fill(file)) {
        return Look.REPLACED;
      }
    }
    while (true) {
      skipWhatIsNoLine(file);
      int at = offsetIn(file);
      // Not from where the last search ended: the file may have been truncated in between.
      int end = LineFeeds.indexOf(block, at, filledBytes);
      if (end >= 0 && eventEnds != null) {
        end = eventEnds.find(block, at, filledBytes, isAtEnd && file.isEventDue);
      }
      if (end >= 0) {
        lineTo(at, end);
        return Look.LINE;
      }
      file.searchedTo = Math.max(file.searchedTo, blockPosition + filledBytes);
      if (isAtEnd) {
        // The file may have grown since; the next look reads again.
        owner = null;
        return Look.NOTHING;
      }
      if (filledBytes - at > longestKnown()) {
        return overlongLine(file, at);
      }
      requireTime();
      file.learnMark(Mark.of(block, at));
      grow(filledBytes - at);
      if (!fill(file)) {
        return Look.REPLACED;
      }
    }
  }

  /** As {@link #nextLine}, but takes what stands at the end of the file without a line feed. */
  Look unfinishedLine(TailedFile file) throws IOException {
    owner = null;
    Look look = nextLine(file);
    if (look != Look.NOTHING) {
      return look;
    }
    long unfinished = file.searchedTo - file.readPosition();
    if (unfinished <= 0) {
      return Look.NOTHING;
    }
    lineOffset = (int) (file.readPosition() - blockPosition);
    lineBytes = (int) Math.min(unfinished, longestEvent());
    truncatedBytes = unfinished - lineBytes;
    nextPosition = file.searchedTo;
    return Look.LINE;
  }

  /** Moves the file behind the line. */
  void consume(TailedFile file) {
    file.advanceTo(nextPosition);
    if (owner != file || nextPosition > blockPosition + filledBytes) {
      // The next look reads a new block and needs to know what stands before it.
      learnMark(file);
    }
  }

  /** Learns the mark of the file's read position, from the block or else from the file. */
  void learnMark(TailedFile file) {
    if (filledBytes == UNKNOWN_BYTES) {
      // The last fill failed; the mark was learnt before it.
      return;
    }
    long position = file.readPosition();
    long end = position - blockPosition;
    if (end <= filledBytes) {
      file.learnMark(Mark.of(block, (int) end));
      return;
    }
    byte[] before = new byte[(int) Math.min(position, Mark.MAX_BYTES)];
    try {
      int read = readFully(file, ByteBuffer.wrap(before), position - before.length);
      file.learnMark(read == before.length ? Mark.of(before, read) : Mark.UNKNOWN);
    } catch (IOException e) {
      // Without a mark a truncation is seen by the size alone; the next read meets the error again.
      file.learnMark(Mark.UNKNOWN);
    }
  }

  /** Reads the block around the read position; false when the file is another one. */
  private boolean fill(TailedFile file) throws IOException {
    owner = null;
    filledBytes = UNKNOWN_BYTES;
    long position = file.readPosition();
    blockPosition = Math.max(0, position - Mark.MAX_BYTES);
    int read = readFully(file, ByteBuffer.wrap(block), blockPosition);
    isAtEnd = read < block.length;
    int at = (int) (position - blockPosition);
    if (read < at || !file.readMark().matches(block, at)) {
      return false;
    }
    filledBytes = read;
    file.isStray = false;
    if (at > 0 && !file.readMark().isKnown()) {
      file.learnMark(Mark.of(block, at));
    }
    if (isAtEnd && file.searchedTo > blockPosition + filledBytes) {
      // Truncated in what was not yet delivered.
      file.searchedTo = position;
    }
    owner = file;
    return true;
  }

  private static int readFully(TailedFile file, ByteBuffer target, long position)
      throws IOException {
    long from = position - target.position();
    while (target.hasRemaining()) {
      if (file.handle.read(target, from + target.position()) <= 0) {
        break;
      }
    }
    return target.position();
  }

  /**
   * Moves the file behind bytes that begin no line: the line feed of a line that was delivered
   * while it had none, and the hole that a writer without append mode leaves after a truncation.
   */
  private void skipWhatIsNoLine(TailedFile file) {
    int at = offsetIn(file);
    if (file.readPosition() == 0) {
      int skipped = 0;
      while (skipped < filledBytes && block[skipped] == 0) {
        skipped++;
      }
      if (skipped > 0) {
        skippedHoleBytes += skipped;
        file.skipTo(skipped, Mark.of(block, skipped));
      }
    } else if (at > 0 && at < filledBytes && block[at - 1] == 0 && block[at] == 0 && isHole(at)) {
      int to = at;
      while (to < filledBytes && block[to] == 0) {
        to++;
      }
      skippedHoleBytes += to - at;
      file.skipTo(file.readPosition() + (to - at), Mark.of(block, to));
    } else if (at > 0 && block[at - 1] != LineFeeds.LF && !isHole(at)) {
      int end = at < filledBytes && block[at] == '\r' ? at + 1 : at;
      if (end < filledBytes && block[end] == LineFeeds.LF) {
        file.skipTo(file.readPosition() + (end + 1 - at), Mark.of(block, end + 1));
      }
    }
  }

  /** Whether all that stands in the block before {@code at} is zeros. */
  private boolean isHole(int at) {
    for (int i = 0; i < at; i++) {
      if (block[i] != 0) {
        return false;
      }
    }
    return true;
  }

  private void lineTo(int at, int end) {
    int length = end - at;
    if (length > 0 && block[end - 1] == '\r') {
      length--;
    }
    lineOffset = at;
    lineBytes = Math.min(length, longestEvent());
    truncatedBytes = length - lineBytes;
    nextPosition = blockPosition + end + 1;
  }

  private int longestEvent() {
    return eventEnds == null ? maxLineBytes : Math.max(maxLineBytes, eventEnds.maxBytes());
  }

  /** Bytes behind the read position with which it is known whether an event ends there. */
  private int longestKnown() {
    return eventEnds == null ? maxLineBytes : Math.max(maxLineBytes, eventEnds.windowBytes());
  }

  /** The line is longer than the limit and its end is not in the block: looks for it behind. */
  private Look overlongLine(TailedFile file, int at) throws IOException {
    byte[] piece = new byte[SEARCH_BYTES];
    while (true) {
      requireTime();
      int read = readFully(file, ByteBuffer.wrap(piece), file.searchedTo);
      int end = LineFeeds.indexOf(piece, 0, read);
      if (end >= 0) {
        long endPosition = file.searchedTo + end;
        lineOffset = at;
        lineBytes = longestEvent();
        truncatedBytes = endPosition - file.readPosition() - lineBytes;
        nextPosition = endPosition + 1;
        return Look.LINE;
      }
      file.searchedTo += read;
      if (read < piece.length) {
        owner = null;
        return Look.NOTHING;
      }
    }
  }

  /** A line may be as long as the file, and take minutes to be passed over. */
  private void requireTime() throws InterruptedIOException {
    if (isStopping.getAsBoolean()) {
      throw new InterruptedIOException("the end of a line was looked for when reading ended");
    }
  }

  /** Makes room for a line of which {@code knownBytes} are in the block, or gives room back. */
  private void grow(int knownBytes) {
    long needed = Mark.MAX_BYTES + 2L * knownBytes;
    long ceiling = Math.max(blockBytes, Mark.MAX_BYTES + (long) longestKnown() + 2);
    int bytes = (int) Math.min(ceiling, Math.max(blockBytes, needed));
    if (bytes != block.length) {
      block = new byte[bytes];
    }
  }

  private int offsetIn(TailedFile file) {
    return (int) (file.readPosition() - blockPosition);
  }
}
