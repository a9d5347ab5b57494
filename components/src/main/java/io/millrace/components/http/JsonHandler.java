/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.EventBatch;
import io.millrace.api.HttpHandler;
import io.millrace.api.HttpRequest;
import io.millrace.api.RejectedException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Makes events of JSON. Safe for many threads. */
final class JsonHandler implements HttpHandler {
  private static final Map<String, Charset> CHARSETS =
      Map.of(
          "utf-8", StandardCharsets.UTF_8,
          "utf8", StandardCharsets.UTF_8,
          "utf-16", StandardCharsets.UTF_16,
          "utf-32", Charset.forName("UTF-32"));

  private final JsonEvents json = new JsonEvents();

  @Override
  public EventBatch read(HttpRequest request) {
    if (request.bodyBytes() == 0) {
      throw new RejectedException("the request has no body (expected: an array of events in JSON)");
    }
    String type = request.header("content-type").orElse("").toLowerCase(Locale.ROOT);
    Charset charset = charset(type);
    boolean isLines = isLines(type);
    if (charset.equals(StandardCharsets.UTF_8)) {
      Optional<EventBatch> plain =
          PlainEvents.read(request.bodyArray(), 0, request.bodyBytes(), isLines);
      if (plain.isPresent()) {
        return plain.get();
      }
    }
    return json.read(request.bodyArray(), request.bodyBytes(), charset, isLines);
  }

  private static boolean isLines(String type) {
    int end = type.indexOf(';');
    String name = (end < 0 ? type : type.substring(0, end)).trim();
    return name.equals("application/x-ndjson") || name.equals("application/jsonl");
  }

  private static Charset charset(String type) {
    for (String part : type.split(";", -1)) {
      String parameter = part.trim();
      if (parameter.startsWith("charset=")) {
        String name = parameter.substring("charset=".length()).replace("\"", "").trim();
        Charset charset = CHARSETS.get(name);
        if (charset == null) {
          throw new RejectedException(
              "the charset of the Content-Type is not known here (expected: UTF-8, UTF-16 or"
                  + " UTF-32)");
        }
        return charset;
      }
    }
    return StandardCharsets.UTF_8;
  }
}
