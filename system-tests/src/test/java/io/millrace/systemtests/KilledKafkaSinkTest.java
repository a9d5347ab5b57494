/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A collector that writes to Kafka is killed at random moments while it does: with three sinks that
 * get the same events, one of them exactly once, one behind a channel that is a topic itself.
 */
@Tag("long")
final class KilledKafkaSinkTest {
  private static final int LINES_PER_SECOND_AND_LOG = 500;
  private static final long LONGEST_LIFE_MILLIS = 2500;
  private static final Duration DRAIN_LIMIT = Duration.ofMinutes(4);

  @RegisterExtension final Scene scene = new Scene();

  private final Ledger ledger = new Ledger();

  // Promise 6: durable to the end. Promise 8: after a crash at most what was in flight comes twice,
  // and with exactly-once nothing does.
  @Test
  void nothingIsLostAndWithExactlyOnceNothingIsDoubled() throws Exception {
    int kills = Integer.getInteger("system.tests.kafka.kills", 4);
    try (KafkaProcess kafka = KafkaProcess.start(scene.directory("kafka"))) {
      kafka.createTopic("plain", 2);
      kafka.createTopic("once", 2);
      kafka.createTopic("channel", 2);
      kafka.createTopic("through", 2);
      int port = Ports.free();
      Path state = scene.directory("collector");
      AgentProcess collector = scene.millrace("collector", collector(port, state, kafka.address()));
      Path logs = scene.directory("logs");
      List<LogWriter> writers = new ArrayList<>();
      for (int log = 1; log <= 2; log++) {
        writers.add(new LogWriter(ledger, "log-" + log, logs.resolve("log-" + log + ".log")));
      }
      AgentProcess edge = scene.millrace("edge", Confs.edge(logs, scene.directory("edge"), port));
      collector.startAndAwait();
      edge.startAndAwait();

      try (Load load = Load.start(writers, LINES_PER_SECOND_AND_LOG, /* rotationSeconds= */ 9)) {
        killOften(collector, kills);
      }
      collector.awaitStarted();
      Conditions.await(
          "every line is in Kafka",
          DRAIN_LIMIT,
          Duration.ofSeconds(1),
          () ->
              Stream.of("plain", "once", "through")
                  .allMatch(
                      topic -> stored(kafka, topic).distinctLineCount() >= ledger.lineCount()));
      edge.stop();
      collector.stop();

      Audit plain = Audit.of(ledger, stored(kafka, "plain"));
      Audit once = Audit.of(ledger, stored(kafka, "once"));
      Audit through = Audit.of(ledger, stored(kafka, "through"));
      Scene.say(
          "kills: %d; plain: %s; through a Kafka channel: %s; exactly once: %s"
              .formatted(kills, plain.summary(), through.summary(), once.summary()));
      plain.assertNothingLostOrInvented();
      through.assertNothingLostOrInvented();
      once.assertExactlyOnce();
    }
  }

  private void killOften(AgentProcess collector, int kills) {
    Random random = scene.random();
    for (int i = 0; i < kills; i++) {
      if (random.nextInt(4) > 0) {
        collector.awaitStarted();
      }
      long life = 1 + (long) (random.nextDouble() * LONGEST_LIFE_MILLIS);
      assertThat(collector.process().awaitExit(Duration.ofMillis(life)))
          .as("exit status of the collector, which nobody had killed yet")
          .isEmpty();
      collector.kill();
      collector.start();
    }
  }

  private static Store stored(KafkaProcess kafka, String topic) {
    Map<String, Integer> lines = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : kafka.records(topic)) {
      lines.merge(new String(record.value(), StandardCharsets.ISO_8859_1), 1, Integer::sum);
    }
    return new Store(lines, List.of());
  }

  /** avro -> two file channels and one of Kafka -> three sinks of Kafka. */
  private static String collector(int port, Path state, String kafka) {
    return """
        a1.sources = in
        a1.channels = c1 c2 c3
        a1.sinks = plain once through

        a1.sources.in.type = avro
        a1.sources.in.bind = 127.0.0.1
        a1.sources.in.port = %1$d
        a1.sources.in.channels = c1 c2 c3

        %2$s
        %3$s
        a1.channels.c3.type = org.apache.flume.channel.kafka.KafkaChannel
        a1.channels.c3.kafka.bootstrap.servers = %4$s
        a1.channels.c3.kafka.topic = channel
        a1.channels.c3.kafka.consumer.group.id = channel
        # A member that was killed is the same one again, and needs not time out first.
        a1.channels.c3.kafka.consumer.group.instance.id = collector

        a1.sinks.plain.type = org.apache.flume.sink.kafka.KafkaSink
        a1.sinks.plain.kafka.bootstrap.servers = %4$s
        a1.sinks.plain.kafka.topic = plain
        a1.sinks.plain.channel = c1
        a1.sinks.once.type = org.apache.flume.sink.kafka.KafkaSink
        a1.sinks.once.kafka.bootstrap.servers = %4$s
        a1.sinks.once.kafka.topic = once
        a1.sinks.once.exactly-once = true
        a1.sinks.once.channel = c2
        a1.sinks.through.type = org.apache.flume.sink.kafka.KafkaSink
        a1.sinks.through.kafka.bootstrap.servers = %4$s
        a1.sinks.through.kafka.topic = through
        a1.sinks.through.channel = c3
        """
        .formatted(
            port,
            Confs.fileChannel("c1", state.resolve("c1")),
            Confs.fileChannel("c2", state.resolve("c2")),
            kafka);
  }
}
