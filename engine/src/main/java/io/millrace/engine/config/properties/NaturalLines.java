/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Splits bytes at CR, LF and CRLF and decodes each line by itself, so that a comment in another
 * encoding spoils nothing. Properties files are ISO-8859-1 by their definition; a line that is
 * valid UTF-8 is read as what its author saw.
 */
final class NaturalLines {
  /** A line and how it was decoded. */
  record Line(String text, Charset charset) {
    boolean isAscii() {
      return charset.equals(StandardCharsets.US_ASCII);
    }
  }

  private NaturalLines() {}

  static List<Line> of(byte[] bytes) {
    List<Line> lines = new ArrayList<>();
    int start = startsWithByteOrderMark(bytes) ? 3 : 0;
    for (int offset = start; offset < bytes.length; offset++) {
      if (bytes[offset] == '\n' || bytes[offset] == '\r') {
        lines.add(decode(bytes, start, offset));
        boolean isCrLf =
            bytes[offset] == '\r' && offset + 1 < bytes.length && bytes[offset + 1] == '\n';
        offset += isCrLf ? 1 : 0;
        start = offset + 1;
      }
    }
    lines.add(decode(bytes, start, bytes.length));
    return lines;
  }

  /** Whether the bytes begin as UTF-16 does, in either order of bytes. */
  static boolean startsAsUtf16(byte[] bytes) {
    if (bytes.length < 2) {
      return false;
    }
    int first = ((bytes[0] & 0xff) << 8) | (bytes[1] & 0xff);
    return first == 0xfeff || first == 0xfffe;
  }

  private static boolean startsWithByteOrderMark(byte[] bytes) {
    return bytes.length >= 3
        && bytes[0] == (byte) 0xef
        && bytes[1] == (byte) 0xbb
        && bytes[2] == (byte) 0xbf;
  }

  private static Line decode(byte[] bytes, int start, int end) {
    boolean isAscii = true;
    for (int offset = start; offset < end && isAscii; offset++) {
      isAscii = bytes[offset] >= 0;
    }
    if (isAscii) {
      String text = new String(bytes, start, end - start, StandardCharsets.US_ASCII);
      return new Line(text, StandardCharsets.US_ASCII);
    }
    try {
      String text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(bytes, start, end - start))
              .toString();
      return new Line(text, StandardCharsets.UTF_8);
    } catch (CharacterCodingException notUtf8) {
      String text = new String(bytes, start, end - start, StandardCharsets.ISO_8859_1);
      return new Line(text, StandardCharsets.ISO_8859_1);
    }
  }
}
