/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/** What sinks of type file_roll wrote with the serializer avro_event. */
final class StoredFiles {
  private StoredFiles() {}

  /**
   * All events of a directory in the order in which they were written; while its sink runs, at
   * least those of which it is done.
   */
  static List<TestEvent> read(Path directory) {
    List<TestEvent> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted(byStartAndNumber()).toList()) {
        readInto(file, events);
      }
      return events;
    } catch (IOException e) {
      throw new UncheckedIOException("Store " + directory, e);
    }
  }

  /** Files are called START-NUMBER, both as numbers that grow. */
  private static Comparator<Path> byStartAndNumber() {
    return Comparator.<Path>comparingLong(file -> part(file, 0))
        .thenComparingLong(file -> part(file, 1));
  }

  private static long part(Path file, int index) {
    return Long.parseLong(file.getFileName().toString().split("[-.]", -1)[index]);
  }

  private static void readInto(Path file, List<TestEvent> events) throws IOException {
    if (Files.size(file) == 0) {
      return;
    }
    try (DataFileReader<GenericRecord> reader =
        new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
      while (reader.hasNext()) {
        events.add(event(reader.next()));
      }
    } catch (AvroRuntimeException | IOException e) {
      // The end of a file that is being written; it is complete the next time, or will be missed.
    }
  }

  private static TestEvent event(GenericRecord datum) {
    Map<String, String> headers = new HashMap<>();
    ((Map<?, ?>) datum.get("headers"))
        .forEach((name, value) -> headers.put(name.toString(), value.toString()));
    ByteBuffer body = (ByteBuffer) datum.get("body");
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    return TestEvent.of(headers, bytes);
  }
}
