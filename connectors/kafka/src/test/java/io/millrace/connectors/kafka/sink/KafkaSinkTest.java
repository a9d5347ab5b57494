/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.api.ConfigurationException;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.TransientException;
import io.millrace.connectors.kafka.testing.Broker;
import io.millrace.connectors.kafka.testing.Events;
import io.millrace.connectors.kafka.testing.ToyContext;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Broker.Extension.class)
class KafkaSinkTest {
  private final Broker broker;
  private final SinkScene scene;

  KafkaSinkTest(Broker broker) {
    this.broker = broker;
    this.scene = new SinkScene(broker);
  }

  @AfterEach
  void stop() throws Exception {
    scene.stop();
  }

  private static Outcome deliver(Sink sink, EventBatch batch) throws Exception {
    return sink.deliver(batch, Origin.NONE).get(60, TimeUnit.SECONDS);
  }

  private static EventBatch event(Map<String, String> headers, String body) {
    return EventBatch.of(headers, Broker.bytes(body));
  }

  @Test
  void bodiesAreValuesAndHeadersLeadToTopicPartitionKeyTimestampAndHeaders() throws Exception {
    String topic = broker.newTopic(3);
    String other = broker.newTopic(1);
    Sink sink =
        scene.start(
            Map.of(
                "kafka.topic", topic,
                "partitionIdHeader", "p",
                "defaultPartitionId", "1",
                "timestampHeader", "timestamp",
                "header.trace", "x-trace"));

    assertThat(
            deliver(
                    sink,
                    event(Map.of("key", "k", "p", "2", "timestamp", "77", "trace", "t1"), "first"))
                .isFullyDelivered())
        .isTrue();
    deliver(sink, event(Map.of("timestamp", "soon"), "second"));
    deliver(sink, event(Map.of("topic", other, "p", "0"), "third"));

    ConsumerRecord<byte[], byte[]> first =
        broker.records(topic).stream().filter(r -> r.partition() == 2).findFirst().orElseThrow();
    assertThat(Broker.text(first.value())).isEqualTo("first");
    assertThat(Broker.text(first.key())).isEqualTo("k");
    assertThat(first.timestamp()).isEqualTo(77);
    assertThat(Broker.text(first.headers().lastHeader("x-trace").value())).isEqualTo("t1");
    assertThat(first.headers().toArray()).hasSize(1);
    assertThat(broker.records(topic)).extracting(ConsumerRecord::partition).contains(1);
    assertThat(broker.values(other)).containsExactly("third");
  }

  @Test
  void escapesInTheTopicAreFilledAndTheTopicHeaderCanBeIgnored() throws Exception {
    String topic = broker.newTopic(1);
    String half = topic.substring(0, topic.length() - 4);
    Sink sink = scene.start(Map.of("kafka.topic", half + "%{tail}", "allowTopicOverride", "false"));

    deliver(sink, event(Map.of("tail", topic.substring(half.length()), "topic", "no"), "a"));

    assertThat(broker.values(topic)).containsExactly("a");
  }

  @Test
  void flumeFormatCarriesHeadersAndBody() throws Exception {
    String topic = broker.newTopic(1);
    Sink sink = scene.start(Map.of("topic", topic, "useFlumeEventFormat", "true"));
    EventBatch batch = event(Map.of("host", "ü"), "b");

    deliver(sink, batch);

    byte[] value = broker.records(topic).get(0).value();
    assertThat(EventBatch.parseEvent(value, 0, value.length)).isEqualTo(batch);
    // Map of one entry in one block, then the body: as Avro's own encoder has it.
    assertThat(value).containsExactly(2, 8, 'h', 'o', 's', 't', 4, 0xC3, 0xBC, 0, 2, 'b');
  }

  @Test
  void whatCanNeverBeSentIsRejectedAndTheOthersAreDelivered() throws Exception {
    String topic = broker.newTopic(2, Map.of("max.message.bytes", "20000"));
    Sink sink =
        scene.start(
            Map.of(
                "kafka.topic", topic,
                "partitionIdHeader", "p",
                "kafka.producer.batch.size", "16384",
                "kafka.producer.max.request.size", "50000"));
    EventBatch batch =
        EventBatch.join(
            List.of(
                event(Map.of(), "good"),
                event(Map.of(), "x".repeat(60_000)),
                event(Map.of("p", "one"), "no number"),
                event(Map.of("p", "7"), "no partition"),
                event(Map.of("topic", "no/topic"), "no topic"),
                event(Map.of(), "y".repeat(30_000)),
                event(Map.of("p", "1"), "good too")));

    Outcome outcome = deliver(sink, batch);

    assertThat(outcome.rejections().keySet()).containsExactly(1, 2, 3, 4, 5);
    assertThat(outcome.retryCount()).isZero();
    assertThat(outcome.rejections().get(1)).contains("RecordTooLarge");
    assertThat(outcome.rejections().get(3)).contains("expected: 0 to 1");
    assertThat(broker.values(topic)).containsExactlyInAnyOrder("good", "good too");
  }

  @Test
  void anEventWithoutAKeyForACompactedTopicIsRejectedAndTheOthersAreDelivered() throws Exception {
    String topic = broker.newTopic(1, Map.of("cleanup.policy", "compact"));
    Sink sink = scene.start(Map.of("kafka.topic", topic));
    EventBatch one = event(Map.of("key", "k1"), "1");
    EventBatch two = event(Map.of("key", "k2"), "2");

    Outcome outcome = deliver(sink, EventBatch.join(List.of(one, event(Map.of(), "x"), two)));

    // The broker refuses what came in one request as a whole, and says which record it was for.
    assertThat(outcome.rejections().keySet()).containsExactly(1);
    EventBatch.Builder again = EventBatch.builder();
    for (EventView event : EventBatch.join(List.of(one, two))) {
      if (outcome.isRetried(event.header("key").equals("k1") ? 0 : 2)) {
        again.add(event);
      }
    }
    assertThat(deliver(sink, again.build()).isFullyDelivered()).isTrue();
    assertThat(broker.values(topic)).containsExactlyInAnyOrder("1", "2");
  }

  @Test
  void aMissingTopicIsTriedAgainAndHoldsUpTheOthersOnceOnly() throws Exception {
    String topic = broker.newTopic(1);
    Sink sink = scene.start(Map.of("kafka.topic", topic, "kafka.producer.max.block.ms", "5000"));
    // It knows the topic from then on.
    await().atMost(Duration.ofMinutes(2)).until(() -> isDelivered(sink, Events.of("good")));
    EventBatch.Builder batch = EventBatch.builder();
    EncodedHeaders nowhere = EncodedHeaders.of(Map.of("topic", "missing-" + topic));
    for (int i = 0; i < 50; i++) {
      batch.add(nowhere, Broker.bytes("x"));
    }
    batch.add(EncodedHeaders.NONE, Broker.bytes("better"));
    long beganNanos = System.nanoTime();

    Outcome outcome = deliver(sink, batch.build());

    assertThat(outcome.retryCount()).isEqualTo(50);
    assertThat(outcome.rejections()).isEmpty();
    assertThat(broker.values(topic)).containsExactly("good", "better");
    // 50 waits would be 250 s.
    assertThat(System.nanoTime() - beganNanos).isLessThan(TimeUnit.SECONDS.toNanos(120));
    assertThatThrownBy(() -> deliver(sink, event(Map.of("topic", "missing-" + topic), "x")))
        .hasCauseInstanceOf(TransientException.class);
  }

  @Test
  void severalBatchesAreUnderWayAndKeepTheirOrder() throws Exception {
    String topic = broker.newTopic(1);
    ToyContext context = new ToyContext("out");
    Sink sink = scene.start(context, Map.of("kafka.topic", topic));
    assertThat(sink.maxInFlight()).isEqualTo(16);

    List<CompletableFuture<Outcome>> all =
        IntStream.range(0, 16)
            .mapToObj(i -> sink.deliver(Events.numbered(i * 100, i * 100 + 100), Origin.NONE))
            .toList();
    for (CompletableFuture<Outcome> one : all) {
      assertThat(one.get(60, TimeUnit.SECONDS).isFullyDelivered()).isTrue();
    }

    assertThat(broker.values(topic)).isEqualTo(Events.numbers(0, 1600));
    assertThat(context.metrics().value("KafkaEventSendTimer")).isPositive();
  }

  /** A leader is known a moment before it takes records, and later requests may overtake then. */
  @Test
  void whatIsSentWhileTopicsAreCreatedIsDeliveredSoonAndInOrder() throws Exception {
    Sink sink =
        scene.start(
            Map.of(
                "kafka.topic", "none",
                // Many requests.
                "kafka.producer.batch.size", "1024",
                "kafka.producer.linger.ms", "0"));
    List<String> bodies = IntStream.range(0, 100).mapToObj(i -> i + "-" + "x".repeat(500)).toList();
    Map<String, CompletableFuture<Outcome>> all = new LinkedHashMap<>();
    for (int i = 0; i < 10; i++) {
      String topic = "new-" + UUID.randomUUID();
      EncodedHeaders headers = EncodedHeaders.of(Map.of("topic", topic));
      EventBatch.Builder batch = EventBatch.builder();
      bodies.forEach(body -> batch.add(headers, Broker.bytes(body)));
      broker.admin().createTopics(List.of(new NewTopic(topic, 1, (short) 1)));
      all.put(topic, sink.deliver(batch.build(), Origin.NONE));
    }
    for (Map.Entry<String, CompletableFuture<Outcome>> topic : all.entrySet()) {
      // A record that was overtaken is refused for 120 s.
      assertThat(topic.getValue().get(60, TimeUnit.SECONDS).isFullyDelivered()).isTrue();
      assertThat(broker.values(topic.getKey())).isEqualTo(bodies);
    }
  }

  @Test
  void whatIsUnderWayEndsSoonAfterAStop() throws Exception {
    Sink sink = scene.start(Map.of("kafka.topic", broker.newTopic(1)));
    sink.deliver(Events.of("warm"), Origin.NONE).get(60, TimeUnit.SECONDS);
    sink.stop();
    sink.stop();
    assertThatThrownBy(() -> sink.deliver(Events.of("late"), Origin.NONE))
        .isInstanceOf(TransientException.class);
  }

  /** A record larger than a batch of the producer's is waited for: here there is nobody to ask. */
  @Test
  @Tag("long")
  void aStopThatIsNearEndsTheWaitForALargeRecordAndTheStopWhatIsUnderWay() throws Exception {
    Sink sink =
        scene.start(
            Map.of(
                "kafka.topic", broker.newTopic(1),
                "kafka.producer.batch.size", "16384",
                "kafka.producer.delivery.timeout.ms", "600000",
                // So that it goes on to know the topic.
                "kafka.producer.metadata.recovery.strategy", "none"));
    deliver(sink, Events.of("warm"));
    CompletableFuture<CompletableFuture<Outcome>> handedOver = new CompletableFuture<>();
    Thread delivering =
        new Thread(
            () ->
                handedOver.complete(sink.deliver(Events.of("x".repeat(20_000), "y"), Origin.NONE)));
    broker.server().stop();
    try {
      delivering.start();
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> delivering.getState() == Thread.State.WAITING);
      sink.settleSoon();
      CompletableFuture<Outcome> underWay = handedOver.get(60, TimeUnit.SECONDS);
      assertThat(underWay).isNotDone();
      sink.stop();
      assertThatThrownBy(() -> underWay.get(60, TimeUnit.SECONDS))
          .hasCauseInstanceOf(TransientException.class);
    } finally {
      broker.server().start();
    }
  }

  @Test
  @Tag("long")
  void aBrokerThatIsRestartedCostsNothing() throws Exception {
    String topic = broker.newTopic(1);
    Sink sink = scene.start(Map.of("kafka.topic", topic));
    deliver(sink, Events.numbered(0, 100));
    broker.server().stop();
    CompletableFuture<Void> started = CompletableFuture.runAsync(broker.server()::start);

    // A client that finds no broker forgets what it knew of topics, and waits for it at each send.
    await().atMost(Duration.ofMinutes(5)).until(() -> isDelivered(sink, Events.numbered(100, 200)));
    started.get(60, TimeUnit.SECONDS);
    assertThat(broker.values(topic)).containsAll(Events.numbers(0, 200));
  }

  private static boolean isDelivered(Sink sink, EventBatch batch) throws Exception {
    try {
      return sink.deliver(batch, Origin.NONE).get(150, TimeUnit.SECONDS).isFullyDelivered();
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(TransientException.class);
      return false;
    }
  }

  @Test
  void oldKeysAreReadAndContradictionsAreRefused() {
    KafkaSinkOptions old =
        scene.options(
            Map.of(
                "topic", "t", "batchSize", "7", "requiredAcks", "-1", "serializer.class", "x.Y"));
    assertThat(old.batchSize()).isEqualTo(7);
    assertThat(old.acks()).isEqualTo("-1");
    assertThat(old.topic()).isEqualTo("t");
    assertThat(scene.options(Map.of()).acks()).isEqualTo("all");
    assertThat(scene.options(Map.of()).batchesInFlight()).isEqualTo(16);
    Map<String, Integer> onceInFlight = Map.of("1", 1024, "100", 200, "1000", 20, "9999", 16);
    onceInFlight.forEach(
        (size, batches) ->
            assertThat(
                    scene
                        .options(Map.of("batchSize", size, "exactly-once", "true"))
                        .batchesInFlight())
                .isEqualTo(batches));
    assertThat(
            scene.options(Map.of("max-in-flight", "3", "exactly-once", "true")).batchesInFlight())
        .isEqualTo(3);
    assertThatThrownBy(() -> scene.options(Map.of("requiredAcks", "2")))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> scene.options(Map.of("requiredAcks", "1", "exactly-once", "true")))
        .hasMessageContaining("exclude each other");
    assertThatThrownBy(() -> scene.options(Map.of("kafka.topic", "a-%{b}", "exactly-once", "true")))
        .isInstanceOfSatisfying(
            ConfigurationException.class,
            e -> assertThat(e.option()).isEqualTo("exactly-once-topic"));
    assertThatThrownBy(() -> scene.options(Map.of("kafka.producer.linger.ms", "long")))
        .isInstanceOfSatisfying(
            ConfigurationException.class,
            e -> assertThat(e.option()).isEqualTo("kafka.producer.linger.ms"));
  }
}
