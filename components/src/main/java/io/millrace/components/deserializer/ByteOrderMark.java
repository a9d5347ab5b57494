/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.deserializer;

import io.millrace.api.EventDeserializer.Content;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * The character set of a text whose first bytes say in which order bytes stand. Immutable.
 *
 * @param bytes length of the mark
 */
record ByteOrderMark(Charset charset, int bytes) {
  static ByteOrderMark of(Content content, Charset declared) throws IOException {
    boolean isWide = declared.name().equals("UTF-32");
    if (!isWide && !declared.equals(StandardCharsets.UTF_16)) {
      return new ByteOrderMark(declared, 0);
    }
    byte[] head = new byte[isWide ? 4 : 2];
    content.seek(0);
    int read = 0;
    while (read < head.length) {
      int count = content.read(head, read, head.length - read);
      if (count < 0) {
        break;
      }
      read += count;
    }
    boolean isLittle = head[0] == (byte) 0xff && head[1] == (byte) 0xfe;
    int last = head.length - 1;
    boolean isBig = head[last] == (byte) 0xff && head[last - 1] == (byte) 0xfe;
    String order = isLittle ? "LE" : "BE";
    return new ByteOrderMark(
        Charset.forName(declared.name() + order), isLittle || isBig ? head.length : 0);
  }
}
