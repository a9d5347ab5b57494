/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static io.netty.handler.codec.http.HttpResponseStatus.METHOD_NOT_ALLOWED;
import static io.netty.handler.codec.http.HttpResponseStatus.OK;
import static io.netty.handler.codec.http.HttpResponseStatus.SERVICE_UNAVAILABLE;

import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;

/** Answers as bytes. Stateless. */
final class Reply {
  static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private Reply() {}

  /**
   * @param date of now, as HTTP writes it
   * @param text why, empty for none
   * @param hasBody whether the text goes along; not with HEAD
   * @param isKept whether the connection goes on
   */
  private static byte[] of(
      HttpResponseStatus status, String date, String text, boolean hasBody, boolean isKept) {
    byte[] body = text.isEmpty() ? new byte[0] : (text + "\n").getBytes(StandardCharsets.UTF_8);
    StringBuilder head = new StringBuilder(200);
    head.append("HTTP/1.1 ").append(status.code()).append(' ').append(status.reasonPhrase());
    head.append("\r\nDate: ").append(date);
    if (body.length > 0) {
      head.append("\r\nContent-Type: text/plain;charset=utf-8");
    }
    if (status.equals(METHOD_NOT_ALLOWED)) {
      head.append("\r\nAllow: GET, HEAD, POST");
    } else if (status.equals(SERVICE_UNAVAILABLE)) {
      head.append("\r\nRetry-After: 1");
    }
    head.append("\r\nContent-Length: ").append(body.length);
    head.append(isKept ? "\r\nConnection: keep-alive" : "\r\nConnection: close");
    head.append("\r\n\r\n");
    byte[] headBytes = head.toString().getBytes(StandardCharsets.US_ASCII);
    if (!hasBody || body.length == 0) {
      return headBytes;
    }
    byte[] bytes = new byte[headBytes.length + body.length];
    System.arraycopy(headBytes, 0, bytes, 0, headBytes.length);
    System.arraycopy(body, 0, bytes, headBytes.length, body.length);
    return bytes;
  }

  /**
   * The answer that belongs there.
   *
   * @param isKept whether the connection goes on
   */
  static byte[] of(Answers.Place place, String date, boolean isKept) {
    return place
        .refusal()
        .map(refusal -> of(refusal.status(), date, refusal.text(), !place.isHead(), isKept))
        .orElseGet(() -> of(OK, date, "", false, isKept));
  }
}
