/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static io.netty.handler.codec.http.HttpResponseStatus.BAD_REQUEST;
import static io.netty.handler.codec.http.HttpResponseStatus.EXPECTATION_FAILED;
import static io.netty.handler.codec.http.HttpResponseStatus.FORBIDDEN;
import static io.netty.handler.codec.http.HttpResponseStatus.HTTP_VERSION_NOT_SUPPORTED;
import static io.netty.handler.codec.http.HttpResponseStatus.METHOD_NOT_ALLOWED;
import static io.netty.handler.codec.http.HttpResponseStatus.NOT_IMPLEMENTED;
import static io.netty.handler.codec.http.HttpResponseStatus.REQUEST_ENTITY_TOO_LARGE;
import static io.netty.handler.codec.http.HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
import static io.netty.handler.codec.http.HttpResponseStatus.REQUEST_URI_TOO_LONG;
import static io.netty.handler.codec.http.HttpResponseStatus.UNSUPPORTED_MEDIA_TYPE;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import java.util.List;
import java.util.Optional;

/**
 * Whether a request may come, judged by its head. What leaves a doubt about where the request ends
 * is refused, and ends the connection: a proxy in front may see another end. Stateless.
 */
final class HeadCheck {
  private HeadCheck() {}

  /** Why the decoder could not read on. */
  static Refusal broken(Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return Refusal.ending(REQUEST_URI_TOO_LONG, "the first line is longer than max-header-size");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return Refusal.ending(
          REQUEST_HEADER_FIELDS_TOO_LARGE, "the headers are longer than max-header-size");
    }
    return Refusal.ending(BAD_REQUEST, "this is not HTTP/1.1");
  }

  static Optional<Refusal> refusal(HttpRequest request, int maxBodyBytes) {
    return framing(request).or(() -> wish(request)).or(() -> length(request, maxBodyBytes));
  }

  private static Optional<Refusal> framing(HttpRequest request) {
    HttpHeaders headers = request.headers();
    HttpVersion version = request.protocolVersion();
    if (version.majorVersion() != 1) {
      return Optional.of(Refusal.ending(HTTP_VERSION_NOT_SUPPORTED, "expected: HTTP/1.1"));
    }
    List<String> hosts = headers.getAll(HttpHeaderNames.HOST);
    if (version.minorVersion() > 0 && (hosts.size() != 1 || hosts.get(0).indexOf(' ') >= 0)) {
      return Optional.of(Refusal.ending(BAD_REQUEST, "expected: one Host header, without blanks"));
    }
    List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
    if (codings.isEmpty()) {
      return Optional.empty();
    }
    if (headers.contains(HttpHeaderNames.CONTENT_LENGTH)) {
      return Optional.of(
          Refusal.ending(BAD_REQUEST, "both Content-Length and Transfer-Encoding are given"));
    }
    if (version.minorVersion() == 0) {
      return Optional.of(Refusal.ending(BAD_REQUEST, "HTTP/1.0 has no Transfer-Encoding"));
    }
    if (codings.size() != 1 || !codings.get(0).trim().equalsIgnoreCase("chunked")) {
      return Optional.of(
          Refusal.ending(NOT_IMPLEMENTED, "Transfer-Encoding is not known (expected: chunked)"));
    }
    return Optional.empty();
  }

  private static Optional<Refusal> wish(HttpRequest request) {
    switch (request.method().name()) {
      case "GET", "HEAD", "POST" -> {}
      case "TRACE", "OPTIONS" -> {
        return Optional.of(Refusal.of(FORBIDDEN, "the method is not permitted"));
      }
      case "PUT", "DELETE", "PATCH", "CONNECT" -> {
        return Optional.of(Refusal.of(METHOD_NOT_ALLOWED, "expected: POST"));
      }
      default -> {
        return Optional.of(Refusal.of(NOT_IMPLEMENTED, "the method is not known"));
      }
    }
    HttpHeaders headers = request.headers();
    String expectation = headers.get(HttpHeaderNames.EXPECT);
    if (expectation != null && !expectation.equalsIgnoreCase("100-continue")) {
      return Optional.of(Refusal.ending(EXPECTATION_FAILED, "expected: 100-continue"));
    }
    if (!Inflation.isKnown(headers.getAll(HttpHeaderNames.CONTENT_ENCODING))) {
      return Optional.of(
          Refusal.of(
              UNSUPPORTED_MEDIA_TYPE, "Content-Encoding is not known (expected: gzip or deflate)"));
    }
    return Optional.empty();
  }

  private static Optional<Refusal> length(HttpRequest request, int maxBodyBytes) {
    String text = request.headers().get(HttpHeaderNames.CONTENT_LENGTH);
    if (text == null) {
      return Optional.empty();
    }
    try {
      long length = Long.parseLong(text.trim());
      return length > maxBodyBytes ? Optional.of(tooLong(maxBodyBytes)) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.of(Refusal.ending(BAD_REQUEST, "Content-Length is no number"));
    }
  }

  static Refusal tooLong(int maxBodyBytes) {
    return Refusal.ending(
        REQUEST_ENTITY_TOO_LARGE,
        "the body is too long (expected: at most "
            + maxBodyBytes
            + " bytes, max-request-size); send fewer events at a time");
  }
}
