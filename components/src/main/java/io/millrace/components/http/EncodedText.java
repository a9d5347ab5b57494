/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import com.fasterxml.jackson.core.JsonParser;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.Charset;

/** Bytes of the text that a JSON parser stands on. Stateless. */
final class EncodedText {
  /** Longer text is encoded in pieces: as one string it would be held several times. */
  private static final int MAX_STRING_CHARS = 16 * 1024;

  private EncodedText() {}

  static byte[] of(JsonParser in, Charset charset) throws IOException {
    if (!in.currentToken().isScalarValue()
        || in.currentToken().isNumeric()
        || in.getTextLength() <= MAX_STRING_CHARS) {
      return in.getText().getBytes(charset);
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(2 * MAX_STRING_CHARS);
    try (Writer writer = new OutputStreamWriter(bytes, charset)) {
      in.getText(writer);
    }
    return bytes.toByteArray();
  }
}
