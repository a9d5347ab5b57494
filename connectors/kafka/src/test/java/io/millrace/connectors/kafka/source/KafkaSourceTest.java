/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.api.ChannelFullException;
import io.millrace.api.ConfigurationException;
import io.millrace.api.EventBatch;
import io.millrace.connectors.kafka.client.RecordEvents;
import io.millrace.connectors.kafka.testing.Broker;
import io.millrace.connectors.kafka.testing.Events;
import io.millrace.connectors.kafka.testing.Options;
import io.millrace.connectors.kafka.testing.ToyContext;
import io.millrace.connectors.kafka.testing.ToyOutput;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Broker.Extension.class)
class KafkaSourceTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** So few that the group hears of a new member long before they are many. */
  private static final Duration SENDING_PACE = Duration.ofMillis(100);

  private final Broker broker;
  private final String group = "g-" + UUID.randomUUID();
  private final List<KafkaSource> started = new ArrayList<>();

  KafkaSourceTest(Broker broker) {
    this.broker = broker;
  }

  @AfterEach
  void stopSources() throws Exception {
    for (KafkaSource source : started) {
      source.stop();
    }
  }

  private ToyContext start(Map<String, String> more) {
    ToyContext context = new ToyContext("in-" + started.size());
    start(context, more);
    return context;
  }

  private void start(ToyContext context, Map<String, String> more) {
    KafkaSource source = (KafkaSource) options(more).build(context);
    source.start();
    started.add(source);
  }

  private KafkaSourceOptions options(Map<String, String> more) {
    Map<String, String> given = new HashMap<>();
    given.put("kafka.bootstrap.servers", broker.server().bootstrap());
    given.put("kafka.consumer.group.id", group);
    given.put("kafka.consumer.auto.offset.reset", "earliest");
    given.put("batchDurationMillis", "50");
    given.put("backoffSleepIncrement", "20");
    given.put("maxBackoffSleep", "100");
    given.putAll(more);
    return Options.read(KafkaSourceOptions.class, given);
  }

  private static ToyOutput output(ToyContext context) {
    return (ToyOutput) context.output();
  }

  @Test
  void recordsBecomeEventsWithTheirHeadersAndOffsetsAreCommittedBehindThem() {
    String topic = broker.newTopic(1);
    ProducerRecord<byte[], byte[]> record =
        new ProducerRecord<>(topic, 0, 1234L, Broker.bytes("k1"), Broker.bytes("body"));
    record.headers().add(new RecordHeader("trace", Broker.bytes("first")));
    record.headers().add(new RecordHeader("trace", Broker.bytes("ab-12")));
    broker.send(record);
    broker.send(new ProducerRecord<>(topic, 0, (Long) 1235L, (byte[]) null, (byte[]) null));

    ToyContext context = start(Map.of("kafka.topics", topic + ", other", "header.id", "trace"));

    await().atMost(LIMIT).until(() -> output(context).events().size() == 2);
    assertThat(output(context).events())
        .containsExactly(
            new ToyOutput.Event(
                Map.of(
                    "timestamp",
                    "1234",
                    "topic",
                    topic,
                    "partition",
                    "0",
                    "offset",
                    "0",
                    "key",
                    "k1",
                    "id",
                    "ab-12"),
                "body"),
            new ToyOutput.Event(
                Map.of("timestamp", "1235", "topic", topic, "partition", "0", "offset", "1"), ""));
    await().atMost(LIMIT).until(() -> broker.committed(group) == 2);
  }

  @Test
  void flumeFormatGivesTheHeadersOfTheEventAndWhatIsNoneGoesOnAsItIs() {
    String topic = broker.newTopic(1);
    EventBatch event = EventBatch.of(Map.of("host", "web1", "topic", "own"), Broker.bytes("b"));
    broker.send(new ProducerRecord<>(topic, RecordEvents.value(event.iterator().next(), true)));
    broker.send(new ProducerRecord<>(topic, Broker.bytes("poison")));
    broker.send(new ProducerRecord<>(topic, RecordEvents.value(event.iterator().next(), true)));

    ToyContext context =
        start(
            Map.of(
                "topic", topic,
                "useFlumeEventFormat", "true",
                "timestampHeader", "when",
                "topicHeader", "from"));

    await().atMost(LIMIT).until(() -> output(context).events().size() == 3);
    List<ToyOutput.Event> events = output(context).events();
    assertThat(events.get(0).headers())
        .containsEntry("host", "web1")
        .containsEntry("topic", "own")
        .containsEntry("from", topic)
        .containsKey("when")
        .doesNotContainKey("timestamp");
    assertThat(events.get(1).body()).isEqualTo("poison");
    assertThat(events.get(1).headers()).containsKey(RecordEvents.UNDECODABLE_HEADER);
    assertThat(events.get(2).body()).isEqualTo("b");
    assertThat(context.metrics().value("EventUndecodableCount")).isEqualTo(1);
  }

  @Test
  void aRegularExpressionNamesTopicsAndTheHeaderCanBeLeftOut() {
    String stem = "r" + UUID.randomUUID().toString().substring(0, 8);
    broker.createTopic(stem + "-a", 1, Map.of());
    broker.createTopic(stem + "-b", 2, Map.of());
    broker.createTopic("x" + stem + "-c", 1, Map.of());
    broker.sendNumbers(stem + "-a", 0, 3, 1);
    broker.sendNumbers(stem + "-b", 3, 6, 2);
    broker.sendNumbers("x" + stem + "-c", 6, 9, 1);

    ToyContext context =
        start(Map.of("kafka.topics.regex", stem + "-[a-z]", "setTopicHeader", "false"));

    await().atMost(LIMIT).until(() -> output(context).events().size() >= 6);
    assertThat(output(context).bodies()).containsExactlyInAnyOrderElementsOf(Events.numbers(0, 6));
    assertThat(output(context).events().get(0).headers()).doesNotContainKey("topic");
  }

  @Test
  void offsetsWaitForTheChannelsAndAFullChannelCostsNothing() {
    String topic = broker.newTopic(2);
    broker.sendNumbers(topic, 0, 3000, 2);
    ToyContext context = new ToyContext("held");
    output(context).hold();
    start(context, Map.of("kafka.topics", topic, "batchSize", "100"));

    int most = GroupMember.MAX_BATCHES_IN_FLIGHT * 100;
    await().atMost(LIMIT).until(() -> output(context).heldEvents() == most);
    assertThat(broker.committed(group)).isZero();
    output(context).release();
    await().atMost(LIMIT).until(() -> output(context).events().size() == 3000);
    output(context).refuse(new ChannelFullException("full"));
    broker.sendNumbers(topic, 3000, 3100, 2);
    await().atMost(LIMIT).until(() -> context.metrics().value("BatchRefusedCount") > 1);
    await().atMost(LIMIT).until(() -> broker.committed(group) == 3000);
    output(context).refuse(null);

    await().atMost(LIMIT).until(() -> broker.committed(group) == 3100);
    assertThat(output(context).bodies())
        .containsExactlyInAnyOrderElementsOf(Events.numbers(0, 3100));
    assertThat(context.metrics().value("KafkaEventGetTimer")).isPositive();
  }

  @Test
  void aMemberThatJoinsAndOneThatLeavesLoseAndDoubleNothing() throws Exception {
    String topic = broker.newTopic(4);
    Map<String, String> options = Map.of("kafka.topics", topic, "batchSize", "50");
    broker.sendNumbers(topic, 0, 2000, 4);
    ToyContext first = start(options);
    await().atMost(LIMIT).until(() -> output(first).events().size() > 100);
    ToyContext second = start(options);
    AtomicInteger sent = new AtomicInteger(2000);
    await()
        .atMost(LIMIT)
        .pollInterval(SENDING_PACE)
        .until(
            () -> {
              int from = sent.getAndAdd(200);
              broker.sendNumbers(topic, from, from + 200, 4);
              return !output(second).events().isEmpty();
            });
    started.get(0).stop();
    int all = sent.get() + 1000;
    broker.sendNumbers(topic, sent.get(), all, 4);

    await().atMost(LIMIT).until(() -> Set.copyOf(bodies(first, second)).size() >= all);
    List<String> bodies = bodies(first, second);
    assertThat(Set.copyOf(bodies)).containsExactlyInAnyOrderElementsOf(Events.numbers(0, all));
    // A broker that is too slow to take the commit before partitions are given up, and only that,
    // costs a duplicate.
    if (first.metrics().value("KafkaLastCommitFailCount") == 0) {
      assertThat(bodies).doesNotHaveDuplicates();
    }
  }

  private static List<String> bodies(ToyContext first, ToyContext second) {
    List<String> bodies = new ArrayList<>(output(first).bodies());
    bodies.addAll(output(second).bodies());
    return bodies;
  }

  @Test
  void anEventThatTheChannelsRejectIsLeftOutAndTheOthersOfItsBatchKeepTheirOrder() {
    String topic = broker.newTopic(1);
    broker.sendNumbers(topic, 0, 300, 1);
    ToyContext context = new ToyContext("picky");
    output(context).reject("77");
    start(context, Map.of("kafka.topics", topic, "batchSize", "100"));

    await().atMost(LIMIT).until(() -> broker.committed(group) == 300);
    assertThat(context.metrics().value("EventsRejected")).isEqualTo(1);
    assertThat(context.metrics().value("BatchRefusedCount")).isZero();
    List<String> bodies = new ArrayList<>(output(context).bodies());
    assertThat(bodies).doesNotHaveDuplicates().hasSize(299).doesNotContain("77");
    // Batches that were under way behind the rejected one have overtaken it; inside it order holds.
    bodies.removeIf(body -> Integer.parseInt(body) >= 100);
    assertThat(bodies).isSortedAccordingTo(Comparator.comparingInt(Integer::parseInt));
  }

  @Test
  @Tag("long")
  void aStopWhileTheGroupTakesPartitionsAwayDoesNotWaitAsLongAsTheGroupMay() throws Exception {
    String topic = broker.newTopic(2);
    broker.sendNumbers(topic, 0, 400, 2);
    Map<String, String> options =
        Map.of("kafka.topics", topic, "batchSize", "50", "rebalance-wait", "250000");
    ToyContext first = new ToyContext("held");
    output(first).hold();
    start(first, options);
    await().atMost(LIMIT).until(() -> output(first).heldEvents() > 0);
    ToyContext second = start(options);
    await().atMost(LIMIT).until(() -> first.metrics().value("KafkaRebalanceCount") > 0);

    CompletableFuture<Void> stopped =
        CompletableFuture.runAsync(
            () -> {
              try {
                started.get(0).stop();
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });

    stopped.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    await().atMost(LIMIT).until(() -> Set.copyOf(output(second).bodies()).size() == 400);
  }

  @Test
  void aSourceThatIsStartedAgainGoesOnWhereTheChannelsHadTheEvents() throws Exception {
    String topic = broker.newTopic(1);
    broker.sendNumbers(topic, 0, 500, 1);
    ToyContext first = start(Map.of("kafka.topics", topic));
    await().atMost(LIMIT).until(() -> output(first).events().size() == 500);
    started.get(0).stop();
    broker.sendNumbers(topic, 500, 600, 1);

    ToyContext second = start(Map.of("kafka.topics", topic));

    await().atMost(LIMIT).until(() -> output(second).events().size() >= 100);
    assertThat(output(second).bodies()).isEqualTo(Events.numbers(500, 600));
  }

  @Test
  @Tag("long")
  void aBrokerThatIsRestartedCostsNothing() {
    String topic = broker.newTopic(2);
    broker.sendNumbers(topic, 0, 1000, 2);
    ToyContext context = start(Map.of("kafka.topics", topic, "batchSize", "10"));
    await().atMost(LIMIT).until(() -> output(context).events().size() > 200);

    broker.server().stop();
    broker.server().start();
    broker.sendNumbers(topic, 1000, 1500, 2);

    await().atMost(LIMIT.multipliedBy(2)).until(() -> broker.committed(group) == 1500);
    assertThat(output(context).bodies()).containsAll(Events.numbers(0, 1500));
  }

  @Test
  void optionsThatCannotWorkAreRefusedByName() {
    assertThatThrownBy(() -> options(Map.of()))
        .isInstanceOfSatisfying(
            ConfigurationException.class, e -> assertThat(e.option()).isEqualTo("kafka.topics"));
    assertThatThrownBy(() -> options(Map.of("topic", "t", "kafka.topics.regex", "(")))
        .hasMessageContaining("regular expression");
    assertThatThrownBy(
            () -> options(Map.of("topic", "t", "kafka.consumer.max.poll.records", "many")))
        .isInstanceOfSatisfying(
            ConfigurationException.class,
            e -> assertThat(e.option()).isEqualTo("kafka.consumer.max.poll.records"));
    assertThatThrownBy(
            () ->
                Options.read(
                    KafkaSourceOptions.class, Map.of("topic", "t", "zookeeperConnect", "zk:2181")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("ZooKeeper")
        .hasMessageContaining("kafka.bootstrap.servers");
  }
}
