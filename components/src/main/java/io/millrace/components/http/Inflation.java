/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;

/** Inflates bodies up to a bound. Stateless. */
final class Inflation {
  private static final int INPUT_BYTES = 64 * 1024;
  private static final int ZLIB_METHOD = 8;

  /** The body inflates to more than is permitted. */
  static final class TooLongException extends Exception {
    private static final long serialVersionUID = 1L;
  }

  private Inflation() {}

  static boolean isKnown(List<String> codings) {
    return codings.size() <= 1
        && codings.stream()
            .allMatch(
                coding ->
                    switch (lower(coding)) {
                      case "gzip", "x-gzip", "deflate", "identity", "" -> true;
                      default -> false;
                    });
  }

  /** Whether there is anything to inflate. */
  static boolean isAskedFor(String coding) {
    return coding != null && !lower(coding).isEmpty() && !lower(coding).equals("identity");
  }

  private static String lower(String coding) {
    return coding.trim().toLowerCase(Locale.ROOT);
  }

  /** An inflated body; its array may be longer. */
  record Inflated(byte[] array, int bytes) {}

  /**
   * @param coding one that {@link #isKnown} and {@link #isAskedFor}
   * @throws IOException when the bytes are not of that coding
   */
  static Inflated inflate(String coding, byte[] array, int bytes, int maxBytes)
      throws IOException, TooLongException {
    boolean isDeflate = lower(coding).equals("deflate");
    ByteArrayInputStream deflated = new ByteArrayInputStream(array, 0, bytes);
    Inflater inflater = new Inflater(isDeflate && !hasZlibHeader(array, bytes));
    try (InputStream in =
        isDeflate
            ? new InflaterInputStream(deflated, inflater, INPUT_BYTES)
            : new GZIPInputStream(deflated, INPUT_BYTES)) {
      return read(in, (int) Math.min(maxBytes, 4L * bytes + 1024), maxBytes);
    } finally {
      inflater.end();
    }
  }

  private static Inflated read(InputStream in, int firstBytes, int maxBytes)
      throws IOException, TooLongException {
    byte[] out = new byte[firstBytes];
    int at = 0;
    while (true) {
      if (at == out.length) {
        if (at == maxBytes) {
          if (in.read() >= 0) {
            throw new TooLongException();
          }
          return new Inflated(out, at);
        }
        out = Arrays.copyOf(out, (int) Math.min(maxBytes, 2L * out.length));
      }
      int read = in.read(out, at, out.length - at);
      if (read < 0) {
        return new Inflated(out, at);
      }
      at += read;
    }
  }

  /** By the letter of the standard deflate has one; some clients leave it out. */
  private static boolean hasZlibHeader(byte[] array, int bytes) {
    return bytes >= 2
        && (array[0] & 0x0F) == ZLIB_METHOD
        && ((array[0] & 0xFF) << 8 | array[1] & 0xFF) % 31 == 0;
  }
}
