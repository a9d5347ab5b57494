/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.httpsink;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.millrace.api.EventView;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** Writes events as JSON. Immutable. */
final class JsonEncoding {
  private final JsonFactory factory = new JsonFactory();

  /** The event as an object; empty when its body is no UTF-8, which JSON cannot carry as it is. */
  Optional<byte[]> object(EventView event) {
    String body;
    try {
      body = StandardCharsets.UTF_8.newDecoder().decode(event.bodyBuffer()).toString();
    } catch (CharacterCodingException e) {
      return Optional.empty();
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(event.bodyBytes() + 256);
    try (JsonGenerator out = factory.createGenerator(bytes)) {
      out.writeStartObject();
      out.writeObjectFieldStart("headers");
      for (Map.Entry<String, String> header : event.headers().entrySet()) {
        out.writeStringField(header.getKey(), header.getValue());
      }
      out.writeEndObject();
      out.writeStringField("body", body);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Optional.of(bytes.toByteArray());
  }
}
