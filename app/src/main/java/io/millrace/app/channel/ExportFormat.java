/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.api.DataSize;
import io.millrace.api.EventSerializer;
import io.millrace.components.serializer.AvroEventSerializerOptions;
import io.millrace.components.serializer.HeaderAndTextSerializerOptions;
import io.millrace.components.serializer.TextSerializerOptions;

/** How events are written into files. */
enum ExportFormat {
  AVRO_EVENT("avro"),
  TEXT("txt"),
  HEADER_AND_TEXT("txt"),
  /** A line an event, as {@code dump} prints it. */
  JSON("json");

  private static final DataSize AVRO_BLOCK = DataSize.ofBytes(2_048_000);

  private final String suffix;

  ExportFormat(String suffix) {
    this.suffix = suffix;
  }

  String suffix() {
    return suffix;
  }

  /** Those of the sinks; JSON names lane and sequence too, and so has none. */
  EventSerializer.Factory serializer() {
    return switch (this) {
      case AVRO_EVENT ->
          new AvroEventSerializerOptions(AVRO_BLOCK, AvroEventSerializerOptions.Compression.NULL)
              .build();
      case TEXT -> new TextSerializerOptions(true).build();
      case HEADER_AND_TEXT -> new HeaderAndTextSerializerOptions(true).build();
      case JSON -> throw new IllegalStateException("JSON lines are not written by a serializer");
    };
  }
}
