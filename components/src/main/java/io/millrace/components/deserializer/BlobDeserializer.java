/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.deserializer;

import io.millrace.api.EventDeserializer;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;

/** Cuts a file into pieces of one size. Memory: one piece. */
final class BlobDeserializer implements EventDeserializer {
  private static final int FIRST_BYTES = 64 << 10;

  private final Content content;
  private final int maxBytes;
  private long mark;

  BlobDeserializer(Content content, long mark, int maxBytes) throws IOException {
    this.content = content;
    this.mark = mark;
    this.maxBytes = maxBytes;
    content.seek(mark);
  }

  @Override
  public boolean next(Events events) throws IOException {
    long left = Math.max(0, content.length() - mark);
    byte[] piece = new byte[(int) Math.min(maxBytes, Math.max(1, Math.min(left, FIRST_BYTES)))];
    int length = 0;
    while (length < maxBytes) {
      if (length == piece.length) {
        piece = Arrays.copyOf(piece, (int) Math.min(maxBytes, 2L * piece.length));
      }
      int read = content.read(piece, length, piece.length - length);
      if (read < 0) {
        break;
      }
      length += read;
    }
    if (length == 0) {
      return false;
    }
    events.add(Map.of(), piece, 0, length);
    mark += length;
    return true;
  }

  @Override
  public long mark() {
    return mark;
  }
}
