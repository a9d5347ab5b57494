/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

import io.millrace.bench.load.AppendBatchFrame.Answer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Random;

/**
 * A POST request with events as Flume's JSON handler takes them, laid out once and sent many times,
 * and its responses. Each body is a line as of an access log: text with one quoted part, so that it
 * holds two escapes.
 */
final class PostedEvents {
  private static final String ALPHABET =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .";

  private static final int STATUS_OFFSET = "HTTP/1.1 ".length();
  private static final int OK = 200;
  private static final int UNAVAILABLE = 503;

  private PostedEvents() {}

  /** The request in a direct buffer of its own, from its position 0 to its limit. */
  static ByteBuffer of(Scenario scenario, long seed) {
    Random random = new Random(seed);
    StringBuilder json = new StringBuilder("[");
    for (int event = 0; event < scenario.batchEvents(); event++) {
      json.append(event == 0 ? "" : ",")
          .append("{\"headers\":{\"host\":\"web-017.example\",\"timestamp\":\"1700000000000\"},")
          .append("\"body\":\"");
      for (int i = 0; i < scenario.bodyBytes(); i++) {
        boolean isQuote = scenario.bodyBytes() > 40 && (i == 20 || i == 40);
        json.append(isQuote ? "\\\"" : ALPHABET.charAt(random.nextInt(ALPHABET.length())));
      }
      json.append("\"}");
    }
    byte[] body = json.append(']').toString().getBytes(StandardCharsets.US_ASCII);
    byte[] head =
        ("POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json; charset=utf-8\r\n"
                + "Content-Length: "
                + body.length
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocateDirect(head.length + body.length).put(head).put(body).flip();
  }

  /** Length of the response that begins at the buffer's position; 0 when it is not complete. */
  static int responseBytes(ByteBuffer input) {
    byte[] bytes = new byte[input.remaining()];
    input.get(input.position(), bytes);
    String text = new String(bytes, StandardCharsets.US_ASCII);
    int headEnd = text.indexOf("\r\n\r\n");
    if (headEnd < 0) {
      return 0;
    }
    int bodyStart = headEnd + 4;
    String head = text.substring(0, bodyStart).toLowerCase(Locale.ROOT);
    int at = head.indexOf("content-length:");
    if (at >= 0) {
      int length = Integer.parseInt(head.substring(at + 15, head.indexOf('\r', at)).trim());
      return bytes.length - bodyStart >= length ? bodyStart + length : 0;
    }
    if (head.contains("transfer-encoding: chunked")) {
      int end = text.indexOf("0\r\n\r\n", bodyStart);
      return end < 0 ? 0 : end + 5;
    }
    throw new IllegalStateException("a response without a length: " + head);
  }

  /**
   * What the response at the buffer's position says.
   *
   * @throws IllegalStateException when it is neither 200 nor 503
   */
  static Answer readAnswer(ByteBuffer input) {
    int start = input.position() + STATUS_OFFSET;
    int status = 0;
    for (int i = start; i < start + 3; i++) {
      status = 10 * status + input.get(i) - '0';
    }
    return switch (status) {
      case OK -> Answer.OK;
      case UNAVAILABLE -> Answer.FAILED;
      default -> throw new IllegalStateException("status " + status + " (expected: 200 or 503)");
    };
  }
}
