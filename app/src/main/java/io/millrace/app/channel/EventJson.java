/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.millrace.api.EventView;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * An event as one line of JSON in ASCII: the body as text if it is UTF-8, else in base 64.
 * Stateless.
 */
final class EventJson {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private EventJson() {}

  static String of(int laneIndex, long sequence, boolean isWaiting, EventView event)
      throws IOException {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeNumberField("lane", laneIndex);
      json.writeNumberField("sequence", sequence);
      json.writeBooleanField("waiting", isWaiting);
      json.writeObjectFieldStart("headers");
      for (Map.Entry<String, String> header : event.headers().entrySet()) {
        json.writeStringField(header.getKey(), header.getValue());
      }
      json.writeEndObject();
      byte[] body = event.body();
      try {
        json.writeStringField(
            "body", StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString());
      } catch (CharacterCodingException e) {
        json.writeBinaryField("bodyBase64", body);
      }
      json.writeEndObject();
    }
    return line.toString();
  }
}
