/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.TransientException;
import io.millrace.connectors.kafka.testing.Broker;
import io.millrace.connectors.kafka.testing.Events;
import io.millrace.connectors.kafka.testing.ToyContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerInterceptor;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Broker.Extension.class)
class ExactlyOnceSinkTest {
  private final Broker broker;
  private final SinkScene scene;
  private final UUID journal = UUID.randomUUID();

  ExactlyOnceSinkTest(Broker broker) {
    this.broker = broker;
    this.scene = new SinkScene(broker);
  }

  @AfterEach
  void stop() throws Exception {
    scene.stop();
  }

  private Sink start(String topic) throws Exception {
    return start(new ToyContext("out"), topic);
  }

  private Sink start(ToyContext context, String topic) throws Exception {
    return scene.start(context, Map.of("kafka.topic", topic, "exactly-once", "true"));
  }

  /** The events as they come again, not fresh. */
  private Origin again(int from, int to) {
    return new Origin(journal, 0, from, to - from);
  }

  private Origin fresh(int from, int to) {
    return new Origin(journal, 0, from, to - from, 1, 0, true, "");
  }

  private Outcome deliver(Sink sink, int from, int to) throws Exception {
    return sink.deliver(Events.numbered(from, to), again(from, to)).get(180, TimeUnit.SECONDS);
  }

  @Test
  void whatComesAgainAfterARestartIsNotWrittenAgainHoweverItIsCut() throws Exception {
    String topic = broker.newTopic(2);
    Sink first = start(topic);
    deliver(first, 0, 100);
    deliver(first, 100, 150);
    deliver(first, 200, 250);
    first.stop();

    ToyContext context = new ToyContext("out");
    Sink second = start(context, topic);
    assertThat(deliver(second, 50, 230).isFullyDelivered()).isTrue();
    assertThat(deliver(second, 230, 300).isFullyDelivered()).isTrue();

    assertThat(broker.values(topic)).containsExactlyInAnyOrderElementsOf(Events.numbers(0, 300));
    assertThat(context.metrics().value("EventDuplicateCount")).isEqualTo(150);
  }

  /**
   * The agent is killed in the middle of a transaction: the records are there, but not committed.
   */
  @Test
  @SuppressWarnings("removal")
  void anOpenTransactionOfAKilledAgentIsAbortedAndItsEventsAreWrittenOnce() throws Exception {
    String topic = broker.newTopic(1);
    KafkaProducer<byte[], byte[]> killed = producerOf("out");
    killed.initTransactions();
    killed.beginTransaction();
    killed.send(new ProducerRecord<>(topic, Broker.bytes("0"))).get(60, TimeUnit.SECONDS);
    killed.sendOffsetsToTransaction(
        Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(0, "1;0:0-1")),
        new ConsumerGroupMetadata(TransactionalProducer.group(journal, "out")));

    Sink sink = start(topic);
    deliver(sink, 0, 10);

    assertThat(broker.values(topic)).isEqualTo(Events.numbers(0, 10));
    assertThat(broker.records(topic, "read_uncommitted")).hasSize(11);
    killed.close(Duration.ZERO);
  }

  @Test
  void aFormerInstanceIsFencedAndSaysSoAndDoesNotFenceBack() throws Exception {
    String topic = broker.newTopic(1);
    ToyContext context = new ToyContext("out");
    Sink zombie = start(context, topic);
    deliver(zombie, 0, 10);
    Sink successor = start(topic);
    deliver(successor, 10, 20);

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> deliver(zombie, 10, 20))
          .hasCauseInstanceOf(FencedException.class)
          .hasMessageContaining("KAFKA_SINK_FENCED");
    }
    assertThat(context.metrics().value("KafkaFenced")).isEqualTo(1);
    deliver(successor, 20, 30);
    assertThat(broker.values(topic)).isEqualTo(Events.numbers(0, 30));
  }

  /** As after a transaction that took longer than the broker allows: its epoch is over. */
  @Test
  void whoIsFencedAndFindsNoSuccessorGoesOnAndDoublesNothing() throws Exception {
    String topic = broker.newTopic(1);
    Sink sink = start(topic);
    deliver(sink, 0, 10);
    try (KafkaProducer<byte[], byte[]> other = producerOf("out")) {
      other.initTransactions();
    }
    await()
        .atMost(Duration.ofSeconds(120))
        .ignoreExceptions()
        .until(() -> deliver(sink, 5, 20).isFullyDelivered());
    assertThat(broker.values(topic)).isEqualTo(Events.numbers(0, 20));
  }

  @Test
  void poisonIsRejectedAndTheRestOfTheTransactionIsCommittedOnce() throws Exception {
    String topic = broker.newTopic(1, Map.of("max.message.bytes", "20000"));
    Sink sink =
        scene.start(
            Map.of(
                "kafka.topic", topic,
                "exactly-once", "true",
                "kafka.producer.max.block.ms", "5000",
                "kafka.producer.batch.size", "16384"));
    // It knows the topic and has its transactional id from then on.
    await()
        .atMost(Duration.ofMinutes(2))
        .ignoreExceptions()
        .until(() -> sink.deliver(Events.of("warm"), again(100, 101)).get().isFullyDelivered());
    EventBatch batch =
        EventBatch.join(
            List.of(
                Events.of("0"),
                Events.of("x".repeat(30_000)),
                EventBatch.of(Map.of("topic", "a/b"), Broker.bytes("2")),
                Events.of("y".repeat(2 << 20)),
                EventBatch.of(Map.of("topic", "missing-" + topic), Broker.bytes("4")),
                Events.of("5")));

    Outcome outcome = sink.deliver(batch, again(0, 6)).get(180, TimeUnit.SECONDS);

    assertThat(outcome.rejections().keySet()).containsExactly(1, 2, 3);
    assertThat(outcome.isRetried(4)).isTrue();
    assertThat(outcome.retryCount()).isEqualTo(1);
    assertThat(broker.values(topic)).containsExactly("warm", "0", "5");
    broker.createTopic("missing-" + topic, 1, Map.of());
    Outcome second =
        await()
            .atMost(Duration.ofMinutes(2))
            .until(() -> sink.deliver(batch, again(0, 6)).get(), o -> o.retryCount() == 0);
    // They are in no file of dead letters yet, for all that Kafka knows.
    assertThat(second.rejections().keySet()).containsExactly(1, 2, 3);
    assertThat(broker.values("missing-" + topic)).containsExactly("4");
    assertThat(broker.values(topic)).containsExactly("warm", "0", "5");
  }

  /** The broker refuses one record; the producer tells that of all that were not sent yet. */
  @Test
  void ofManyBatchesInATransactionOnlyTheRecordThatIsRefusedIsRejected() throws Exception {
    String topic = broker.newTopic(3, Map.of("max.message.bytes", "20000"));
    Sink sink =
        scene.start(
            Map.of(
                "kafka.topic", topic,
                "exactly-once", "true",
                "kafka.producer.batch.size", "16384"));
    List<CompletableFuture<Outcome>> all = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      List<String> bodies = new ArrayList<>();
      for (int at = 0; at < 5; at++) {
        bodies.add(i + "." + at + "-" + "x".repeat(i == 17 && at == 2 ? 30_000 : 3_000));
      }
      all.add(sink.deliver(Events.of(bodies.toArray(String[]::new)), again(i * 5, i * 5 + 5)));
      if (i == 17) {
        bodies.remove(2);
      }
      expected.addAll(bodies);
    }

    for (int i = 0; i < all.size(); i++) {
      Outcome outcome = all.get(i).get(180, TimeUnit.SECONDS);
      assertThat(outcome.retryCount()).isZero();
      assertThat(outcome.rejections().keySet()).isEqualTo(i == 17 ? Set.of(2) : Set.of());
    }
    assertThat(broker.values(topic)).containsExactlyInAnyOrderElementsOf(expected);
  }

  @Test
  void anEventWithoutAKeyForACompactedTopicIsRejectedAndTheOthersAreWrittenOnce() throws Exception {
    String topic = broker.newTopic(1, Map.of("cleanup.policy", "compact"));
    Sink sink = start(topic);
    EventBatch batch =
        EventBatch.join(
            List.of(
                EventBatch.of(Map.of("key", "k1"), Broker.bytes("1")),
                Events.of("x"),
                EventBatch.of(Map.of("key", "k2"), Broker.bytes("2"))));

    Outcome outcome = sink.deliver(batch, again(0, 3)).get(180, TimeUnit.SECONDS);

    assertThat(outcome.rejections().keySet()).containsExactly(1);
    assertThat(outcome.retryCount()).isZero();
    assertThat(broker.values(topic)).containsExactly("1", "2");
  }

  /** Each refusal costs a transaction: not all that waits may stand in each of them. */
  @Test
  void manyEventsThatTheBrokerRefusesAreRejectedInBoundedTimeAndTheGoodOnesWrittenOnce()
      throws Exception {
    String topic = broker.newTopic(1, Map.of("cleanup.policy", "compact"));
    ToyContext context = new ToyContext("out");
    Sink sink = start(context, topic);
    int batches = 20;
    List<CompletableFuture<Outcome>> all = new ArrayList<>();
    List<CompletableFuture<Long>> refusalsBefore = new ArrayList<>();
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < batches; i++) {
      List<EventBatch> events = new ArrayList<>();
      for (int at = 0; at < 10; at++) {
        boolean isGood = at == 5;
        String body = i + "." + at;
        events.add(EventBatch.of(isGood ? Map.of("key", body) : Map.of(), Broker.bytes(body)));
        if (isGood) {
          expected.add(body);
        }
      }
      CompletableFuture<Outcome> answer =
          sink.deliver(EventBatch.join(events), again(i * 10, i * 10 + 10));
      all.add(answer);
      refusalsBefore.add(answer.thenApply(outcome -> context.metrics().value("RollbackCount")));
    }

    for (CompletableFuture<Outcome> one : all) {
      Outcome outcome = one.get(300, TimeUnit.SECONDS);
      assertThat(outcome.rejections().keySet()).containsExactly(0, 1, 2, 3, 4, 6, 7, 8, 9);
      assertThat(outcome.retryCount()).isZero();
    }
    // Of at most the first two transactions, the second of eight batches, not of all that waited.
    assertThat(refusalsBefore.get(1).get(60, TimeUnit.SECONDS)).isLessThanOrEqualTo(9 + 8 * 9);
    assertThat(broker.values(topic)).isEqualTo(expected);
  }

  @Test
  void batchesThatWaitShareATransaction() throws Exception {
    String topic = broker.newTopic(1);
    ToyContext context = new ToyContext("out");
    Sink sink = start(context, topic);
    List<CompletableFuture<Outcome>> all = new ArrayList<>();
    for (int i = 0; i < 1000; i += 10) {
      all.add(sink.deliver(Events.numbered(i, i + 10), again(i, i + 10)));
    }
    for (CompletableFuture<Outcome> one : all) {
      one.get(180, TimeUnit.SECONDS);
    }
    assertThat(broker.values(topic)).isEqualTo(Events.numbers(0, 1000));
    assertThat(context.metrics().value("KafkaTransactionCount")).isBetween(1L, 99L);
  }

  @Test
  void whatWaitsForTransactionsIsBoundedInBytesAndAStopEndsTheWait() throws Exception {
    Sink sink =
        scene.start(
            Map.of(
                "kafka.bootstrap.servers", "127.0.0.1:1",
                "kafka.topic", "nowhere",
                "exactly-once", "true",
                "kafka.producer.max.block.ms", "600000"));
    EventBatch large = Events.of("x".repeat(4 << 20));
    List<CompletableFuture<Outcome>> waiting = Collections.synchronizedList(new ArrayList<>());
    CompletableFuture<Throwable> refused = new CompletableFuture<>();
    Thread delivering =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 9; i++) {
                  waiting.add(sink.deliver(large, again(i, i + 1)));
                }
              } catch (TransientException e) {
                refused.complete(e);
              }
            });
    delivering.start();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> waiting.size() == 8 && delivering.getState() == Thread.State.WAITING);

    sink.stop();

    assertThat(refused.get(60, TimeUnit.SECONDS)).hasMessageContaining("does not run");
    for (CompletableFuture<Outcome> each : waiting) {
      assertThatThrownBy(() -> each.get(60, TimeUnit.SECONDS))
          .hasCauseInstanceOf(TransientException.class);
    }
  }

  @Test
  void anErrorAnswersWhatIsInTheTransactionAndWhatComesLater() throws Exception {
    Sink sink =
        scene.start(
            new ToyContext("broken"),
            Map.of(
                "kafka.topic", broker.newTopic(1),
                "exactly-once", "true",
                "kafka.producer.interceptor.classes", Broken.class.getName()));
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("toy/broken/transactions"))
        .findFirst()
        .orElseThrow()
        .setUncaughtExceptionHandler((thread, error) -> ended.complete(error));

    CompletableFuture<Outcome> hit = sink.deliver(Events.of("x"), again(0, 1));

    assertThatThrownBy(() -> hit.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TransientException.class)
        .hasRootCauseInstanceOf(NoClassDefFoundError.class);
    assertThat(ended.get(60, TimeUnit.SECONDS)).isInstanceOf(NoClassDefFoundError.class);
    assertThatThrownBy(() -> sink.deliver(Events.of("y"), again(1, 2)))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("does not run");
  }

  /** Kafka's client catches the exceptions of interceptors, not the errors. */
  public static final class Broken implements ProducerInterceptor<byte[], byte[]> {
    @Override
    public ProducerRecord<byte[], byte[]> onSend(ProducerRecord<byte[], byte[]> record) {
      throw new NoClassDefFoundError("a test's");
    }

    @Override
    public void close() {}

    @Override
    public void configure(Map<String, ?> settings) {}
  }

  @Test
  void freshEventsWithNumbersThatWereUsedAreNeverLeftOut() throws Exception {
    String topic = broker.newTopic(1);
    Sink sink = start(topic);
    sink.deliver(Events.numbered(0, 10), fresh(0, 10)).get(180, TimeUnit.SECONDS);
    sink.deliver(Events.of("new"), fresh(3, 4)).get(180, TimeUnit.SECONDS);
    sink.stop();
    Sink next = start(topic);
    deliver(next, 0, 1);

    List<String> expected = new ArrayList<>(Events.numbers(0, 10));
    expected.add("new");
    expected.add("0");
    assertThat(broker.values(topic)).isEqualTo(expected);
  }

  @Test
  void eventsWithoutAJournalAreWrittenInTransactionsToo() throws Exception {
    String topic = broker.newTopic(1);
    Sink sink = start(topic);
    sink.deliver(Events.numbered(0, 5), Origin.NONE).get(180, TimeUnit.SECONDS);
    assertThat(broker.values(topic)).isEqualTo(Events.numbers(0, 5));
  }

  @Test
  @Tag("long")
  void aBrokerThatIsRestartedInTheMiddleCostsAndDoublesNothing() throws Exception {
    String topic = broker.newTopic(1);
    Sink sink =
        scene.start(
            Map.of(
                "kafka.topic", topic,
                "exactly-once", "true",
                "kafka.producer.max.block.ms", "10000"));
    deliver(sink, 0, 100);
    Thread restart =
        new Thread(
            () -> {
              broker.server().stop();
              broker.server().start();
            });
    restart.start();
    int next = 100;
    while (restart.isAlive() || next < 300) {
      try {
        deliver(sink, next, next + 10);
        next += 10;
      } catch (ExecutionException e) {
        assertThat(e.getCause()).isInstanceOf(TransientException.class);
        assertThat(e.getCause()).isNotInstanceOf(FencedException.class);
      }
    }
    assertThat(broker.values(topic)).isEqualTo(Events.numbers(0, next));
  }

  private KafkaProducer<byte[], byte[]> producerOf(String sink) {
    return scene
        .options(Map.of())
        .settings("killed")
        .always("transactional.id", "millrace-" + journal + "-" + sink)
        .newProducer();
  }
}
