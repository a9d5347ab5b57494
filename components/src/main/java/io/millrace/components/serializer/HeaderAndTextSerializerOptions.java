/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.serializer;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.EventSerializer;
import io.millrace.api.Option;
import io.millrace.api.SerializerOptions;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Options of the serializer of headers and text. Immutable. */
@Component(
    kind = ComponentKind.SERIALIZER,
    name = "header_and_text",
    flumeClasses = {
      "org.apache.flume.serialization.HeaderAndBodyTextEventSerializer$Builder",
      "org.apache.flume.serialization.HeaderAndBodyTextEventSerializer"
    },
    summary = "Writes the headers in braces, a blank, and the body.")
public record HeaderAndTextSerializerOptions(
    @Option(doc = "Whether a line feed follows each body.", def = "true") boolean appendNewline)
    implements SerializerOptions {
  /** {@code {name=value, name=value} body}; headers in the order of the event, in UTF-8. */
  @Override
  public EventSerializer.Factory build() {
    return target ->
        event -> {
          target.write(text(event.headers()).getBytes(StandardCharsets.UTF_8));
          event.writeBodyTo(target);
          if (appendNewline) {
            target.write('\n');
          }
        };
  }

  private static String text(Map<String, String> headers) {
    StringBuilder text = new StringBuilder("{");
    headers.forEach(
        (name, value) -> {
          if (text.length() > 1) {
            text.append(", ");
          }
          text.append(name).append('=').append(value);
        });
    return text.append("} ").toString();
  }
}
