/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.serializer;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.EventSerializer;
import io.millrace.api.Option;
import io.millrace.api.SerializerOptions;

/** Options of the text serializer. Immutable. */
@Component(
    kind = ComponentKind.SERIALIZER,
    name = "text",
    flumeClasses = {
      "org.apache.flume.serialization.BodyTextEventSerializer$Builder",
      "org.apache.flume.serialization.BodyTextEventSerializer"
    },
    summary = "Writes bodies as they are, one a line.")
public record TextSerializerOptions(
    @Option(doc = "Whether a line feed follows each body.", def = "true") boolean appendNewline)
    implements SerializerOptions {
  @Override
  public EventSerializer.Factory build() {
    return target ->
        event -> {
          event.writeBodyTo(target);
          if (appendNewline) {
            target.write('\n');
          }
        };
  }
}
