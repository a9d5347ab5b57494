/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AgentProcess;
import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.Scene;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Avro containers that file_roll writes with the serializer avro_event: those of Millrace are read
 * by the source spooldir of Apache Flume 1.11 with its own deserializer AVRO, those of Flume by
 * ours, and all of them by Avro's own reader.
 */
@Tag("long")
final class ContainersTest {
  private static final int EVENTS = 2_000;
  private static final Duration LIMIT = Duration.ofMinutes(2);
  private static final String SCHEMA_HEADER = "flume.avro.schema.literal";

  @RegisterExtension final Scene scene = new Scene();

  private interface Start extends BiFunction<String, String, AgentProcess> {}

  // Both codecs are Flume's and ours without any library more.
  @ParameterizedTest
  @CsvSource({"millrace, null", "millrace, deflate", "flume, null", "flume, deflate"})
  void containersOfOneAreReadByTheOtherAndByAvro(String writer, String codec) {
    Start writing = start(writer);
    Start reading = start(writer.equals("flume") ? "millrace" : "flume");
    Path written = scene.directory("written");
    AgentProcess from = writing.apply("writer", writer(written, codec)).startAndAwait();
    // Files are flushed batch by batch: what Avro's reader does not see yet, it sees then.
    awaitBodies(written, bodies());
    from.stop();
    assertThat(codecs(written)).containsOnly(codec);

    Path spool = scene.directory("spool");
    moveFiles(written, spool);
    Path copied = scene.directory("copied");
    AgentProcess to = reading.apply("reader", reader(spool, copied)).startAndAwait();
    Conditions.await(
        "every record is read",
        LIMIT,
        Duration.ofMillis(200),
        () -> StoredFiles.read(copied).size() >= EVENTS);
    to.stop();

    List<TestEvent> records = StoredFiles.read(copied);
    Map<String, Map<String, String>> events = new HashMap<>();
    records.forEach(record -> addEvent(record, events));
    assertThat(records).hasSize(EVENTS);
    assertThat(events.keySet()).containsExactlyInAnyOrderElementsOf(bodies());
    assertThat(events.values())
        .allSatisfy(headers -> assertThat(headers).containsEntry("from", "wr\u00efter"));
    assertThat(names(spool)).isNotEmpty().allMatch(name -> name.endsWith(".COMPLETED"));
  }

  private Start start(String product) {
    return product.equals("flume") ? scene::flume : scene::millrace;
  }

  private static List<String> bodies() {
    return IntStream.range(0, EVENTS).mapToObj(Integer::toString).toList();
  }

  private static void awaitBodies(Path directory, List<String> bodies) {
    Conditions.await(
        "every event is written",
        LIMIT,
        Duration.ofMillis(200),
        () ->
            StoredFiles.read(directory).stream()
                .map(event -> new String(event.body(), StandardCharsets.UTF_8))
                .toList()
                .containsAll(bodies));
  }

  /** A record that was the body of an event: its schema says what it holds. */
  private static void addEvent(TestEvent record, Map<String, Map<String, String>> events) {
    Schema schema = new Schema.Parser().parse(record.headers().get(SCHEMA_HEADER));
    try {
      GenericRecord event =
          new GenericDatumReader<GenericRecord>(schema)
              .read(null, DecoderFactory.get().binaryDecoder(record.body(), null));
      Map<String, String> headers = new HashMap<>();
      ((Map<?, ?>) event.get("headers"))
          .forEach((name, value) -> headers.put(name.toString(), value.toString()));
      ByteBuffer body = (ByteBuffer) event.get("body");
      events.put(StandardCharsets.UTF_8.decode(body).toString(), headers);
    } catch (IOException e) {
      throw new UncheckedIOException("Record of schema " + schema, e);
    }
  }

  private static List<Path> files(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Directory " + directory, e);
    }
  }

  private static List<String> names(Path directory) {
    return files(directory).stream().map(file -> file.getFileName().toString()).toList();
  }

  private static List<String> codecs(Path directory) {
    List<String> codecs = new ArrayList<>();
    for (Path file : files(directory)) {
      if (file.toFile().length() > 0) {
        try (DataFileReader<GenericRecord> reader =
            new DataFileReader<>(file.toFile(), new GenericDatumReader<>())) {
          String codec = reader.getMetaString("avro.codec");
          codecs.add(codec == null ? "null" : codec);
        } catch (IOException e) {
          throw new UncheckedIOException("Container " + file, e);
        }
      }
    }
    return codecs;
  }

  /** Without those that hold nothing, not even a schema. */
  private static void moveFiles(Path from, Path to) {
    for (Path file : files(from)) {
      if (file.toFile().length() > 0) {
        try {
          Files.move(file, to.resolve(file.getFileName() + ".avro"));
        } catch (IOException e) {
          throw new UncheckedIOException("File " + file, e);
        }
      }
    }
  }

  private static String writer(Path directory, String codec) {
    return agent(
        """
        a1.sources.in.type = seq
        a1.sources.in.totalEvents = %d
        a1.sources.in.batchSize = 50
        a1.sources.in.interceptors = mark
        a1.sources.in.interceptors.mark.type = static
        a1.sources.in.interceptors.mark.key = from
        a1.sources.in.interceptors.mark.value = wr\\u00efter
        """
            .formatted(EVENTS),
        directory,
        "a1.sinks.store.sink.serializer.compressionCodec = " + codec);
  }

  private static String reader(Path spool, Path directory) {
    return agent(
        """
        a1.sources.in.type = spooldir
        a1.sources.in.spoolDir = %s
        a1.sources.in.deserializer = AVRO
        a1.sources.in.deserializer.schemaType = LITERAL
        """
            .formatted(spool),
        directory,
        "");
  }

  private static String agent(String source, Path store, String serializerOptions) {
    return """
        a1.sources = in
        a1.channels = memory
        a1.sinks = store

        %s
        a1.sources.in.channels = memory

        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 10000
        a1.channels.memory.transactionCapacity = 1000

        a1.sinks.store.type = file_roll
        a1.sinks.store.sink.directory = %s
        a1.sinks.store.sink.rollInterval = 0
        a1.sinks.store.sink.serializer = avro_event
        %s
        a1.sinks.store.channel = memory
        """
        .formatted(source, store, serializerOptions);
  }
}
