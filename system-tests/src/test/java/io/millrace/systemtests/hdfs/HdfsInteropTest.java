/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hdfs;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AgentProcess;
import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.Scene;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The same configuration and the same input through a real Flume 1.11 and through Millrace, into
 * one HDFS: the same directories, names but for the time in them, and contents.
 */
@Tag("long")
final class HdfsInteropTest {
  private static final int EVENTS = 1_000;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @RegisterExtension final Scene scene = new Scene();

  @Test
  void directoriesNamesAndContentsAreThoseOfFlume() throws Exception {
    try (HdfsProcess hdfs = HdfsProcess.start(scene.directory())) {
      AgentProcess flume = scene.flume("flume", conf(hdfs.uri() + "/flume"));
      AgentProcess millrace = scene.millrace("millrace", conf(hdfs.uri() + "/millrace"));
      for (AgentProcess agent : List.of(flume, millrace)) {
        agent.startAndAwait();
        for (String sink : List.of("text", "gzip", "records", "blocks", "avro")) {
          Conditions.await(
              sink + " has all events",
              LIMIT,
              () -> agent.metric("SINK." + sink, "EventDrainSuccessCount") >= EVENTS);
        }
        agent.stop();
      }
      Map<String, List<String>> expected = contents(hdfs, "flume");
      Map<String, List<String>> actual = contents(hdfs, "millrace");
      Scene.say(
          "%d directories and prefixes, %d files of Flume, %d of Millrace"
              .formatted(expected.size(), count(expected), count(actual)));
      assertThat(actual.keySet()).containsExactlyElementsOf(expected.keySet());
      assertThat(expected).hasSize(5);
      expected.forEach(
          (name, files) -> assertThat(actual.get(name)).as(name).containsExactlyElementsOf(files));
    }
  }

  private static int count(Map<String, List<String>> contents) {
    return contents.values().stream().mapToInt(List::size).sum();
  }

  /** Contents of the files in their order, by name with the counter replaced. */
  private Map<String, List<String>> contents(HdfsProcess hdfs, String product) throws IOException {
    Path raw = scene.directory().resolve(product + "-raw");
    Path records = scene.directory().resolve(product + "-records");
    for (String place : List.of("text", "gzip", "avro")) {
      hdfs.command("copy /" + product + "/" + place + " " + raw.resolve(place));
    }
    for (String place : List.of("records", "blocks")) {
      hdfs.command("records /" + product + "/" + place + " " + records.resolve(place));
    }
    Map<String, List<String>> contents = new TreeMap<>();
    for (Path root : List.of(raw, records)) {
      try (Stream<Path> files = Files.walk(root)) {
        for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
          String name = root.relativize(file).toString().replaceAll("\\.\\d{13}", ".COUNTER");
          contents
              .computeIfAbsent(name, n -> new ArrayList<>())
              .add(root == raw ? text(file) : Files.readString(file));
        }
      }
    }
    return contents;
  }

  private static String text(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    if (file.toString().endsWith(".gz")) {
      // How often a member ends hangs on what a sync finds; what is in them does not.
      bytes = new GZIPInputStream(new ByteArrayInputStream(bytes)).readAllBytes();
    }
    if (file.toString().endsWith(".avro")) {
      return events(file);
    }
    return new String(bytes, java.nio.charset.StandardCharsets.ISO_8859_1);
  }

  /** Schema and records: the sync marker between blocks is drawn at random. */
  private static String events(Path file) throws IOException {
    try (var reader =
        new org.apache.avro.file.DataFileReader<Object>(
            file.toFile(), new org.apache.avro.generic.GenericDatumReader<>())) {
      StringBuilder text = new StringBuilder(reader.getSchema().toString());
      while (reader.hasNext()) {
        text.append('\n').append(reader.next());
      }
      return text.toString();
    }
  }

  /** Numbered events with a fixed time, to one sink of each kind. */
  private String conf(String path) {
    StringBuilder conf =
        new StringBuilder(
            """
            a1.sources = numbers
            a1.channels = c-text c-gzip c-records c-blocks c-avro
            a1.sinks = text gzip records blocks avro
            a1.sources.numbers.type = seq
            a1.sources.numbers.totalEvents = %d
            a1.sources.numbers.batchSize = 50
            a1.sources.numbers.channels = c-text c-gzip c-records c-blocks c-avro
            a1.sources.numbers.interceptors = time app
            a1.sources.numbers.interceptors.time.type = static
            a1.sources.numbers.interceptors.time.key = timestamp
            a1.sources.numbers.interceptors.time.value = 1709564829123
            a1.sources.numbers.interceptors.app.type = static
            a1.sources.numbers.interceptors.app.key = app
            a1.sources.numbers.interceptors.app.value = shop
            """
                .formatted(EVENTS));
    sink(conf, path, "text", "DataStream", "hdfs.fileSuffix = .log");
    sink(conf, path, "gzip", "CompressedStream", "hdfs.codeC = gzip");
    sink(conf, path, "records", "SequenceFile", "hdfs.writeFormat = Text");
    sink(conf, path, "blocks", "SequenceFile", "hdfs.codeC = gzip");
    sink(conf, path, "avro", "DataStream", "serializer = avro_event");
    conf.append("a1.sinks.avro.hdfs.fileSuffix = .avro\n");
    return conf.toString();
  }

  private static void sink(
      StringBuilder conf, String path, String name, String fileType, String more) {
    conf.append(
        """
        a1.channels.c-%1$s.type = memory
        a1.channels.c-%1$s.capacity = 10000
        a1.channels.c-%1$s.transactionCapacity = 1000
        a1.sinks.%1$s.type = hdfs
        a1.sinks.%1$s.channel = c-%1$s
        a1.sinks.%1$s.hdfs.path = %2$s/%1$s/%%Y-%%m-%%d/%%H%%M/%%{app}
        a1.sinks.%1$s.hdfs.filePrefix = p-%%{app}-%%j
        a1.sinks.%1$s.hdfs.timeZone = UTC
        a1.sinks.%1$s.hdfs.round = true
        a1.sinks.%1$s.hdfs.roundValue = 10
        a1.sinks.%1$s.hdfs.roundUnit = minute
        a1.sinks.%1$s.hdfs.batchSize = 50
        a1.sinks.%1$s.hdfs.rollInterval = 0
        a1.sinks.%1$s.hdfs.rollSize = 0
        a1.sinks.%1$s.hdfs.rollCount = 300
        a1.sinks.%1$s.hdfs.fileType = %3$s
        a1.sinks.%1$s.%4$s
        """
            .formatted(name, path, fileType, more));
  }
}
