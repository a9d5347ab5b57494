/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.admin;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import java.nio.charset.StandardCharsets;

/**
 * What a route answers. Whoever hands over the body does not change it any more.
 *
 * @param type the header {@code Content-Type}
 */
public record Answer(int status, String type, byte[] body) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final ObjectWriter READABLE_JSON = JSON.writerWithDefaultPrettyPrinter();

  public static Answer text(int status, String text) {
    return new Answer(status, "text/plain;charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  static Answer html(String text) {
    return new Answer(200, "text/html;charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
  }

  /** On one line, in the form of Flume. */
  public static Answer json(int status, Object tree) {
    try {
      return new Answer(status, "application/json;charset=utf-8", JSON.writeValueAsBytes(tree));
    } catch (JsonProcessingException e) {
      throw notJson(e);
    }
  }

  /** Indented, for people. */
  public static Answer readableJson(int status, Object tree) {
    try {
      String text = READABLE_JSON.writeValueAsString(tree) + "\n";
      return new Answer(
          status, "application/json;charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    } catch (JsonProcessingException e) {
      throw notJson(e);
    }
  }

  private static IllegalStateException notJson(JsonProcessingException e) {
    return new IllegalStateException("Maps and lists of texts and numbers are always JSON", e);
  }
}
