/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.api.DataSize;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventSerializer;
import io.millrace.api.EventView;
import io.millrace.api.SerializerOptions;
import io.millrace.components.batchfile.BatchSerializerOptions;
import io.millrace.components.serializer.AvroEventSerializerOptions;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;

/** Files as file_roll writes them. Immutable. */
record StoredDirectory(Path path) {
  static final SerializerOptions BATCH = new BatchSerializerOptions(DataSize.ofBytes(1 << 20));
  static final SerializerOptions AVRO = avro(AvroEventSerializerOptions.Compression.NULL);

  static final Instant OLD = Instant.parse("2026-01-01T00:00:00Z");

  static SerializerOptions avro(AvroEventSerializerOptions.Compression compression) {
    return new AvroEventSerializerOptions(DataSize.ofBytes(2_048_000), compression);
  }

  static String name(int number) {
    return "1767225600000-" + number;
  }

  /**
   * Events {@code [from, to)} whose time in seconds since 1970 is their number, in blocks of ten.
   */
  Path write(int number, SerializerOptions serializer, int from, int to) throws IOException {
    Path file = path.resolve(name(number));
    try (OutputStream out = Files.newOutputStream(file)) {
      EventSerializer events = serializer.build().open(out);
      events.begin();
      for (int first = from; first < to; first += 10) {
        for (EventView event : numbered(first, Math.min(to, first + 10))) {
          events.write(event);
        }
        events.flush();
      }
      events.end();
    }
    return age(file, number);
  }

  Path writeText(int number, String text) throws IOException {
    return age(Files.writeString(path.resolve(name(number)), text), number);
  }

  /** Last written to long ago, in the order of the numbers. */
  static Path age(Path file, int number) throws IOException {
    return Files.setLastModifiedTime(file, FileTime.from(OLD.plusSeconds(number)));
  }

  private static EventBatch numbered(int from, int to) {
    EventBatch.Builder events = EventBatch.builder();
    for (int i = from; i < to; i++) {
      events.add(
          EncodedHeaders.of(Map.of("timestamp", i + "000", "n", "" + i)),
          ("event " + i).getBytes(StandardCharsets.UTF_8));
    }
    return events.build();
  }
}
