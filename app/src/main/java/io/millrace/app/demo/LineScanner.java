/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Walks the lines of a file in bounded memory: a line is its 64-bit hash. A carriage return before
 * the line feed is not part of a line, as the taildir source has it. Confined to one thread.
 */
final class LineScanner {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final long FNV_OFFSET = 0xcbf29ce484222325L;
  private static final long FNV_PRIME = 0x100000001b3L;

  /** Gets one line. */
  interface Lines {
    /**
     * @param hash of the line's bytes
     * @param endPosition of the first byte after the line and its line feed
     * @param isEnded whether a line feed follows; the last line may be still being written
     */
    void line(long hash, long endPosition, boolean isEnded);
  }

  private final Lines lines;
  private long hash = FNV_OFFSET;
  private long position;
  private boolean heldReturn;
  private boolean insideLine;

  private LineScanner(Lines lines) {
    this.lines = lines;
  }

  static void scan(Path file, Lines lines) throws IOException {
    LineScanner scanner = new LineScanner(lines);
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
        scanner.take(buffer, count);
      }
    }
    if (scanner.insideLine) {
      lines.line(mixed(scanner.hash), scanner.position, false);
    }
  }

  private void take(byte[] buffer, int count) {
    for (int i = 0; i < count; i++) {
      byte octet = buffer[i];
      position++;
      if (octet == '\n') {
        lines.line(mixed(hash), position, true);
        hash = FNV_OFFSET;
        heldReturn = false;
        insideLine = false;
        continue;
      }
      insideLine = true;
      if (heldReturn) {
        add((byte) '\r');
      }
      heldReturn = octet == '\r';
      if (!heldReturn) {
        add(octet);
      }
    }
  }

  private void add(byte octet) {
    hash = (hash ^ (octet & 0xff)) * FNV_PRIME;
  }

  /** Spreads the entropy over all bits, as tables and passes use the low and the high ones. */
  private static long mixed(long hash) {
    long mixed = (hash ^ (hash >>> 32)) * 0xd6e8feb86659fd93L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xd6e8feb86659fd93L;
    return mixed ^ (mixed >>> 32);
  }
}
