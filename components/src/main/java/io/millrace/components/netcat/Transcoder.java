/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import io.millrace.kit.text.LineFramer;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CharsetEncoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Turns a stream of text in some encoding into UTF-8 for a {@link LineFramer}. What is no text in
 * that encoding becomes the replacement character. Confined to one thread.
 */
final class Transcoder {
  private static final int CHARS = 4096;

  private final LineFramer target;
  private final CharsetDecoder decoder;
  private final CharsetEncoder encoder;
  private final CharBuffer chars = CharBuffer.allocate(CHARS);
  private final ByteBuffer bytes = ByteBuffer.allocate(CHARS * Utf8.MAX_BYTES_PER_CHAR);
  private byte[] undecoded = new byte[0];

  Transcoder(Charset encoding, LineFramer target) {
    this.target = target;
    this.decoder =
        encoding
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    this.encoder =
        StandardCharsets.UTF_8
            .newEncoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
  }

  void feed(byte[] array, int offset, int length) {
    ByteBuffer input;
    if (undecoded.length == 0) {
      input = ByteBuffer.wrap(array, offset, length);
    } else {
      input = ByteBuffer.allocate(undecoded.length + length);
      input.put(undecoded).put(array, offset, length).flip();
    }
    decode(input, false);
    // The first bytes of a character that is not complete; a few at most.
    undecoded = Arrays.copyOfRange(input.array(), input.position(), input.limit());
  }

  /** The stream ends here. */
  void finish() {
    decode(ByteBuffer.wrap(undecoded), true);
    undecoded = new byte[0];
    decoder.flush(chars);
    encode(true);
  }

  private void decode(ByteBuffer input, boolean isEnd) {
    CoderResult result;
    do {
      result = decoder.decode(input, chars, isEnd);
      encode(false);
    } while (result.isOverflow());
  }

  private void encode(boolean isEnd) {
    chars.flip();
    CoderResult result;
    do {
      result = encoder.encode(chars, bytes, isEnd);
      target.feed(bytes.array(), 0, bytes.position());
      bytes.clear();
    } while (result.isOverflow());
    // Half of a surrogate pair may be left.
    chars.compact();
  }
}
