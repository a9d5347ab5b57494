/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.deserializer;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.DeserializerOptions;
import io.millrace.api.EventDeserializer;
import io.millrace.api.Option;

/** Options of the deserializer of Avro containers. Immutable. */
@Component(
    kind = ComponentKind.DESERIALIZER,
    name = "avro",
    flumeClasses = {
      "org.apache.flume.serialization.AvroEventDeserializer$Builder",
      "org.apache.flume.serialization.AvroEventDeserializer"
    },
    summary = "Makes an event of each record of an Avro container file, in Avro binary.")
public record AvroDeserializerOptions(
    @Option(
            doc =
                "Which header names the schema: flume.avro.schema.hash with its CRC-64-AVRO, or"
                    + " flume.avro.schema.literal with all of it.",
            def = "HASH")
        SchemaType schemaType)
    implements DeserializerOptions {
  /** How an event names its schema. */
  public enum SchemaType {
    HASH,
    LITERAL
  }

  @Override
  public EventDeserializer.Factory build() {
    return (content, mark, setting) -> AvroDeserializer.open(content, mark, schemaType);
  }
}
