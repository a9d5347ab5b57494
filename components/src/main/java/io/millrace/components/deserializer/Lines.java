/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.deserializer;

import io.millrace.api.EventDeserializer;
import io.millrace.api.EventDeserializer.Content;
import io.millrace.api.EventDeserializer.DecodeErrorPolicy;
import io.millrace.api.EventDeserializer.MalformedFileException;
import io.millrace.api.Metrics.Counter;
import io.millrace.kit.text.LineFeeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Lines of a text in any character set, as bytes in the character set of the bodies. A line whose
 * bytes can stay as they are is lent from the buffer; others are decoded. Confined to the thread
 * that reads.
 *
 * <p>Memory: a buffer of {@link #BUFFER_BYTES}, or twice the longest line.
 */
final class Lines {
  static final int BUFFER_BYTES = 256 << 10;

  private static final int MIN_BUFFER_BYTES = 4 << 10;

  private final Content content;
  private final Charset input;
  private final Charset output;
  private final byte[] lineEnd;
  private final DecodeErrorPolicy policy;
  private final boolean dropsCarriageReturn;
  private final int maxChars;
  private final int windowBytes;
  private final boolean keepsBytes;
  private final boolean isEveryByteValid;
  private final Counter split;
  private final CharsetDecoder decoder;
  private final CharBuffer chars;
  private byte[] buffer;
  private long bufferPosition;
  private int at;
  private int limit;
  private boolean isAtEnd;

  private byte[] line;
  private int lineOffset;
  private int lineBytes;

  Lines(
      LineDeserializerOptions options,
      Content content,
      long mark,
      EventDeserializer.Setting setting)
      throws IOException {
    this.content = content;
    this.output = options.outputCharset();
    this.policy = setting.decodeErrorPolicy();
    this.dropsCarriageReturn = options.dropCarriageReturn();
    this.split = setting.metrics().counter("LinesSplit");
    ByteOrderMark order = ByteOrderMark.of(content, setting.inputCharset());
    this.input = order.charset();
    this.lineEnd = "\n".getBytes(input);
    int charsOfEvent = (int) (setting.maxEventBytes() / output.newEncoder().maxBytesPerChar());
    this.maxChars = Math.max(2, Math.min(options.maxLineLength(), charsOfEvent));
    float bytesPerChar = input.newEncoder().maxBytesPerChar();
    this.windowBytes = (int) Math.ceil((double) maxChars * bytesPerChar) + 16;
    boolean isAsciiBased = input.equals(StandardCharsets.UTF_8) || isSingleByte(input);
    this.keepsBytes = isAsciiBased && input.equals(output);
    this.isEveryByteValid = input.equals(StandardCharsets.ISO_8859_1);
    CodingErrorAction action =
        switch (policy) {
          case FAIL -> CodingErrorAction.REPORT;
          case REPLACE -> CodingErrorAction.REPLACE;
          case IGNORE -> CodingErrorAction.IGNORE;
        };
    this.decoder = input.newDecoder().onMalformedInput(action).onUnmappableCharacter(action);
    this.chars = CharBuffer.allocate(maxChars);
    long length = content.length();
    long wanted = Math.min(BUFFER_BYTES, Math.max(MIN_BUFFER_BYTES, length + 1));
    this.buffer = new byte[(int) Math.max(wanted, Math.min(2L * windowBytes, length + 1))];
    this.bufferPosition = Math.max(mark, order.bytes());
    content.seek(bufferPosition);
  }

  private static boolean isSingleByte(Charset charset) {
    return charset.equals(StandardCharsets.ISO_8859_1) || charset.equals(StandardCharsets.US_ASCII);
  }

  /** Behind the last line, or its last piece. */
  long position() {
    return bufferPosition + at;
  }

  byte[] array() {
    return line;
  }

  int offset() {
    return lineOffset;
  }

  int length() {
    return lineBytes;
  }

  /** Finds the next line, or piece of one; false at the end. */
  boolean next() throws IOException {
    int searched = at;
    while (true) {
      int end = endOfLine(searched);
      if (end >= 0) {
        take(end, true);
        return true;
      }
      if (limit - at >= windowBytes) {
        take(limit, false);
        return true;
      }
      if (isAtEnd) {
        if (at == limit) {
          return false;
        }
        take(limit, true);
        return true;
      }
      int behind = Math.max(0, (limit - at) - (limit - at) % lineEnd.length);
      fill();
      searched = at + behind;
    }
  }

  private int endOfLine(int from) {
    if (lineEnd.length == 1 && lineEnd[0] == LineFeeds.LF) {
      return LineFeeds.indexOf(buffer, from, limit);
    }
    for (int i = from; i + lineEnd.length <= limit; i += lineEnd.length) {
      if (Arrays.equals(buffer, i, i + lineEnd.length, lineEnd, 0, lineEnd.length)) {
        return i;
      }
    }
    return -1;
  }

  private void fill() throws IOException {
    if (at > 0) {
      System.arraycopy(buffer, at, buffer, 0, limit - at);
      bufferPosition += at;
      limit -= at;
      at = 0;
    }
    if (limit == buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(buffer.length * 2, 2 * windowBytes));
    }
    while (limit < buffer.length) {
      int read = content.read(buffer, limit, buffer.length - limit);
      if (read < 0) {
        isAtEnd = true;
        return;
      }
      limit += read;
    }
  }

  /**
   * Takes what stands before {@code end} as a line, or so much of it as a line may have.
   *
   * @param isWhole whether the line ends there
   */
  private void take(int end, boolean isWhole) throws IOException {
    boolean hasLineEnd = isWhole && end < limit;
    if (isWhole && keepsBytes && end - at <= maxChars && isValid(at, end)) {
      line = buffer;
      lineOffset = at;
      lineBytes = end - at;
      if (dropsCarriageReturn && hasLineEnd && lineBytes > 0 && buffer[end - 1] == '\r') {
        lineBytes--;
      }
      at = end + (hasLineEnd ? 1 : 0);
      return;
    }
    decode(end, isWhole, hasLineEnd);
  }

  /** Whether the bytes are characters without a doubt; when not, the decoder looks closer. */
  private boolean isValid(int from, int to) {
    if (isEveryByteValid) {
      return true;
    }
    int different = 0;
    for (int i = from; i < to; i++) {
      different |= buffer[i];
    }
    return different >= 0;
  }

  private void decode(int end, boolean isWhole, boolean hasLineEnd) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(buffer, at, end - at);
    chars.clear();
    decoder.reset();
    CoderResult result = decoder.decode(bytes, chars, isWhole);
    if (result.isUnderflow() && isWhole) {
      result = decoder.flush(chars);
    }
    if (result.isError()) {
      throw new MalformedFileException(
          "bytes at position "
              + (bufferPosition + bytes.position())
              + " are no characters of "
              + input
              + " (decodeErrorPolicy = FAIL; REPLACE or IGNORE read on)");
    }
    boolean isComplete = isWhole && !result.isOverflow();
    int consumed = bytes.position() - at;
    if (consumed == 0 && !isComplete) {
      // Bytes that never become a character, longer than any character is.
      consumed = end - at;
    }
    chars.flip();
    if (dropsCarriageReturn && isComplete && hasLineEnd) {
      int last = chars.limit() - 1;
      if (last >= 0 && chars.get(last) == '\r') {
        chars.limit(last);
      }
    }
    if (!isComplete) {
      split.increment();
    }
    line = chars.toString().getBytes(output);
    lineOffset = 0;
    lineBytes = line.length;
    at += consumed;
    if (isComplete) {
      at = end + (hasLineEnd ? lineEnd.length : 0);
    }
  }
}
