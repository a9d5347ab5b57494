/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Compatibility: Millrace and a real Apache Flume 1.11 at the two ends of topics of a real broker,
 * with the same configuration. Neither must notice the other.
 */
@Tag("long")
final class KafkaInteropTest {
  private static final int EVENTS = 500;
  private static final Duration LIMIT = Duration.ofMinutes(2);

  @RegisterExtension final Scene scene = new Scene();

  @Test
  void theChannelIsFilledByOneAndEmptiedByTheOtherBothWays() throws Exception {
    try (KafkaProcess kafka = KafkaProcess.start(scene.directory("kafka"))) {
      kafka.createTopic("of-flume", 2);
      kafka.createTopic("of-millrace", 2);
      Path fromFlume = scene.directory("from-flume");
      Path fromMillrace = scene.directory("from-millrace");
      List<AgentProcess> agents =
          List.of(
              scene.flume("flume-fills", fills(kafka, "of-flume")),
              scene.millrace("millrace-fills", fills(kafka, "of-millrace")),
              scene.millrace("millrace-empties", empties(kafka, "of-flume", fromFlume)),
              scene.flume("flume-empties", empties(kafka, "of-millrace", fromMillrace)));
      startTogether(agents);
      awaitLines(fromFlume);
      awaitLines(fromMillrace);
      agents.forEach(AgentProcess::stop);

      // The same headers and bodies. Either may write a map in one block or in several.
      assertThat(values(kafka, "of-millrace")).isEqualTo(values(kafka, "of-flume"));
      Map<String, Integer> expected =
          lines("{kind=demo, key=k1}", "{key=k1, kind=demo}", fromFlume);
      assertThat(sorted(fromFlume)).isEqualTo(expected);
      assertThat(sorted(fromMillrace)).isEqualTo(expected);
    }
  }

  @Test
  void sinkAndSourceWorkWithEachOthersRecords() throws Exception {
    try (KafkaProcess kafka = KafkaProcess.start(scene.directory("kafka"))) {
      kafka.createTopic("of-flume", 1);
      kafka.createTopic("of-millrace", 1);
      Path fromFlume = scene.directory("from-flume");
      Path fromMillrace = scene.directory("from-millrace");
      List<AgentProcess> agents =
          List.of(
              scene.flume("flume-sends", sends(kafka, "of-flume")),
              scene.millrace("millrace-sends", sends(kafka, "of-millrace")),
              scene.millrace("millrace-reads", reads(kafka, "of-flume", fromFlume)),
              scene.flume("flume-reads", reads(kafka, "of-millrace", fromMillrace)));
      startTogether(agents);
      awaitLines(fromFlume);
      awaitLines(fromMillrace);
      agents.forEach(AgentProcess::stop);

      assertThat(records(kafka, "of-millrace")).isEqualTo(records(kafka, "of-flume"));
      assertThat(bodies(fromFlume)).isEqualTo(bodies(fromMillrace)).hasSize(EVENTS);
    }
  }

  private static void startTogether(List<AgentProcess> agents) {
    agents.forEach(AgentProcess::start);
    agents.forEach(AgentProcess::awaitStarted);
  }

  private static void awaitLines(Path store) {
    Conditions.await(
        store + " has all events",
        LIMIT,
        Duration.ofMillis(300),
        () -> Store.of(store).lineCount() >= EVENTS);
  }

  private static List<String> values(KafkaProcess kafka, String topic) {
    return kafka.records(topic).stream().map(record -> event(record.value())).sorted().toList();
  }

  /** Partition, key, headers and value of each record. */
  private static List<String> records(KafkaProcess kafka, String topic) {
    return kafka.records(topic).stream().map(KafkaInteropTest::text).toList();
  }

  private static String text(ConsumerRecord<byte[], byte[]> record) {
    StringBuilder text = new StringBuilder();
    text.append(record.partition()).append(' ').append(hex(record.key())).append(' ');
    record.headers().forEach(h -> text.append(h.key()).append('=').append(hex(h.value())));
    return text.append(' ').append(event(record.value())).toString();
  }

  /** Headers and body of an event in Flume's Avro format, read by Avro's own decoder. */
  private static String event(byte[] value) {
    BinaryDecoder decoder = DecoderFactory.get().binaryDecoder(value, null);
    Map<String, String> headers = new TreeMap<>();
    try {
      for (long count = decoder.readMapStart(); count > 0; count = decoder.mapNext()) {
        for (long i = 0; i < count; i++) {
          headers.put(decoder.readString(), decoder.readString());
        }
      }
      String body = StandardCharsets.UTF_8.decode(decoder.readBytes(null)).toString();
      assertThat(decoder.isEnd()).as("nothing behind the event " + hex(value)).isTrue();
      return headers + " " + body;
    } catch (IOException e) {
      throw new UncheckedIOException("Not an event: " + hex(value), e);
    }
  }

  private static String hex(byte[] bytes) {
    return bytes == null ? "null" : java.util.HexFormat.of().formatHex(bytes);
  }

  /** All numbers with either order of the headers, as the store has it. */
  private static Map<String, Integer> lines(String headers, String orSo, Path store) {
    String used =
        Store.of(store).lines().keySet().iterator().next().startsWith(headers) ? headers : orSo;
    return IntStream.range(0, EVENTS)
        .boxed()
        .collect(Collectors.toMap(i -> normal(used + " " + i), i -> 1, (a, b) -> a, TreeMap::new));
  }

  private static Map<String, Integer> sorted(Path store) {
    Map<String, Integer> sorted = new TreeMap<>();
    Store.of(store).lines().forEach((line, count) -> sorted.put(normal(line), count));
    return sorted;
  }

  /** Flume writes headers in the order of a hash. */
  private static String normal(String line) {
    return line.replace("{key=k1, kind=demo}", "{kind=demo, key=k1}");
  }

  private static Map<String, Integer> bodies(Path store) {
    Map<String, Integer> bodies = new TreeMap<>();
    Store.of(store)
        .lines()
        .forEach(
            (line, count) -> bodies.merge(line.replaceFirst("^.*} ", ""), count, Integer::sum));
    return bodies;
  }

  private static String source(String channel) {
    return """
        a1.sources = numbers
        a1.channels = %1$s
        a1.sources.numbers.type = seq
        a1.sources.numbers.totalEvents = %2$d
        a1.sources.numbers.batchSize = 50
        a1.sources.numbers.channels = %1$s
        a1.sources.numbers.interceptors = i1 i2
        a1.sources.numbers.interceptors.i1.type = static
        a1.sources.numbers.interceptors.i1.key = kind
        a1.sources.numbers.interceptors.i1.value = demo
        a1.sources.numbers.interceptors.i2.type = static
        a1.sources.numbers.interceptors.i2.key = key
        a1.sources.numbers.interceptors.i2.value = k1
        """
        .formatted(channel, EVENTS);
  }

  private static String fileRoll(String channel, Path store) {
    return """
        a1.sinks = files
        a1.sinks.files.type = file_roll
        a1.sinks.files.sink.directory = %s
        a1.sinks.files.sink.rollInterval = 0
        a1.sinks.files.sink.serializer = HEADER_AND_TEXT
        a1.sinks.files.channel = %s
        """
        .formatted(store, channel);
  }

  private static String channel(KafkaProcess kafka, String topic) {
    return """
        a1.channels.topic.type = org.apache.flume.channel.kafka.KafkaChannel
        a1.channels.topic.kafka.bootstrap.servers = %s
        a1.channels.topic.kafka.topic = %s
        a1.channels.topic.kafka.consumer.group.id = g-%s
        """
        .formatted(kafka.address(), topic, topic);
  }

  private static String memory() {
    return """
        a1.channels.memory.type = memory
        a1.channels.memory.capacity = 10000
        a1.channels.memory.transactionCapacity = 1000
        """;
  }

  private static String fills(KafkaProcess kafka, String topic) {
    return source("topic") + channel(kafka, topic);
  }

  private static String empties(KafkaProcess kafka, String topic, Path store) {
    return "a1.channels = topic\n" + channel(kafka, topic) + fileRoll("topic", store);
  }

  private static String sends(KafkaProcess kafka, String topic) {
    return source("memory")
        + memory()
        + """
        a1.sinks = kafka
        a1.sinks.kafka.type = org.apache.flume.sink.kafka.KafkaSink
        a1.sinks.kafka.kafka.bootstrap.servers = %s
        a1.sinks.kafka.kafka.topic = %s
        a1.sinks.kafka.kafka.flumeBatchSize = 100
        a1.sinks.kafka.kafka.producer.acks = all
        a1.sinks.kafka.useFlumeEventFormat = true
        a1.sinks.kafka.header.kind = kind
        a1.sinks.kafka.channel = memory
        """
            .formatted(kafka.address(), topic);
  }

  private static String reads(KafkaProcess kafka, String topic, Path store) {
    return """
        a1.sources = kafka
        a1.channels = memory
        a1.sources.kafka.type = org.apache.flume.source.kafka.KafkaSource
        a1.sources.kafka.kafka.bootstrap.servers = %s
        a1.sources.kafka.kafka.topics = %s
        a1.sources.kafka.kafka.consumer.group.id = g-%s
        a1.sources.kafka.kafka.consumer.auto.offset.reset = earliest
        a1.sources.kafka.useFlumeEventFormat = true
        a1.sources.kafka.batchSize = 100
        a1.sources.kafka.channels = memory
        """
            .formatted(kafka.address(), topic, topic)
        + memory()
        + fileRoll("memory", store);
  }
}
