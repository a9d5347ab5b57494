/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.channel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.api.Channel;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.RejectedException;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.connectors.kafka.client.RecordEvents;
import io.millrace.connectors.kafka.testing.Broker;
import io.millrace.connectors.kafka.testing.Events;
import io.millrace.connectors.kafka.testing.Options;
import io.millrace.connectors.kafka.testing.ToyContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What every channel keeps, and what this one has beyond. */
@ExtendWith(Broker.Extension.class)
class KafkaChannelTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final Broker broker;
  private final String topic;
  private final String group = "g-" + UUID.randomUUID();
  private final List<Channel> opened = new ArrayList<>();

  KafkaChannelTest(Broker broker) {
    this.broker = broker;
    this.topic = broker.newTopic(1);
  }

  private Channel open(ToyContext context, Map<String, String> more) {
    Map<String, String> given = new HashMap<>();
    given.put("kafka.bootstrap.servers", broker.server().bootstrap());
    given.put("kafka.topic", topic);
    given.put("kafka.consumer.group.id", group);
    given.putAll(more);
    Channel channel = Options.read(KafkaChannelOptions.class, given).build(context);
    opened.add(channel);
    return channel;
  }

  private Channel open() {
    return open(new ToyContext("ch-" + opened.size()), Map.of());
  }

  @AfterEach
  void stopChannels() throws Exception {
    for (Channel channel : opened) {
      channel.stop();
    }
  }

  private static void append(Channel channel, EventBatch batch) throws Exception {
    channel.append(batch).get(LONG.toSeconds(), TimeUnit.SECONDS);
  }

  /** The next delivery, once there is one. */
  private static Delivery take(Channel channel, int maxEvents) throws Exception {
    long deadlineNanos = System.nanoTime() + LONG.toNanos();
    while (System.nanoTime() < deadlineNanos) {
      Delivery delivery = channel.take(maxEvents, Long.MAX_VALUE);
      if (delivery != null) {
        return delivery;
      }
      channel.awaitEvents(Duration.ofMillis(100));
    }
    throw new AssertionError("nothing within " + LONG);
  }

  /** Waits until that many can be taken at once: a fetch may bring less, and the next one more. */
  private static void awaitFetched(Channel channel, int events) {
    await()
        .atMost(LONG)
        .until(
            () -> {
              try (Delivery delivery = channel.take(events, Long.MAX_VALUE)) {
                return delivery != null && delivery.batch().eventCount() == events;
              }
            });
  }

  /** Takes and acknowledges until it has had that many different events. */
  private static List<String> drain(Channel channel, int events) throws Exception {
    List<String> bodies = new ArrayList<>();
    while (Set.copyOf(bodies).size() < events) {
      try (Delivery delivery = take(channel, 10)) {
        bodies.addAll(Events.bodies(delivery.batch()));
        delivery.acknowledge();
      }
    }
    return bodies;
  }

  @Test
  void eventsComeOutInTheOrderTheyWentInAndWithTheirHeaders() throws Exception {
    Channel channel = open();
    EventBatch first = EventBatch.of(Map.of("host", "web1", "ü", "€"), new byte[] {0, 1, -1, '\n'});
    append(channel, first);
    append(channel, Events.numbered(0, 60));
    append(channel, EventBatch.EMPTY);

    try (Delivery delivery = take(channel, 1)) {
      assertThat(delivery.batch().iterator().next().headers())
          .isEqualTo(Map.of("host", "web1", "ü", "€"));
      assertThat(delivery.batch().iterator().next().body()).containsExactly(0, 1, -1, '\n');
      delivery.acknowledge();
    }
    assertThat(drain(channel, 60)).isEqualTo(Events.numbers(0, 60));
    await().atMost(LONG).until(() -> channel.eventCount() == 0);
    assertThat(channel.take(10, Long.MAX_VALUE)).isNull();
    await().atMost(LONG).until(() -> broker.committed(group) == 61);
  }

  @Test
  void takesHoldTheirLimitsAndUnacknowledgedEventsReturnInOrderBeforeNewerOnes() throws Exception {
    Channel channel = open();
    append(channel, Events.numbered(0, 30));
    awaitFetched(channel, 30);
    Delivery first = take(channel, 10);
    Delivery second = take(channel, 10);
    assertThat(Events.bodies(second.batch())).isEqualTo(Events.numbers(10, 20));
    append(channel, Events.numbered(30, 35));
    second.acknowledge(2, 4);
    second.close();
    first.close();
    first.close();

    try (Delivery one = channel.take(10, 0)) {
      assertThat(Events.bodies(one.batch())).containsExactly("0");
    }
    List<String> expected = new ArrayList<>(Events.numbers(0, 35));
    expected.removeAll(List.of("12", "13"));
    assertThat(drain(channel, 33)).isEqualTo(expected);
    assertThatThrownBy(() -> channel.take(0, 1)).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void offsetsAreCommittedUpToTheFirstEventThatIsNotAcknowledged() throws Exception {
    Channel channel = open();
    append(channel, Events.numbered(0, 30));
    awaitFetched(channel, 30);
    Delivery first = take(channel, 10);
    Delivery second = take(channel, 10);
    second.acknowledge();
    second.close();
    first.acknowledge(0, 3);
    await().atMost(LONG).until(() -> broker.committed(group) == 3);
    first.close();
    Delivery late = take(channel, 10);
    channel.stop();

    assertThatThrownBy(late::acknowledge).isInstanceOf(TransientException.class);
    // What was acknowledged behind a gap comes again after a restart: once at least.
    Channel next = open();
    assertThat(drain(next, 27)).isEqualTo(Events.numbers(3, 30));
  }

  @Test
  void awaitingEndsWithEventsOrWithItsTimeAndGivingBackWakes() throws Exception {
    Channel channel = open();
    assertThat(channel.awaitEvents(Duration.ofMillis(10))).isFalse();
    append(channel, Events.of("a"));
    Delivery delivery = take(channel, 1);
    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return channel.awaitEvents(LONG);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    delivery.close();
    assertThat(waiting.get(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void appendsAfterTheirRefusalFailAndTakingGoesOn() throws Exception {
    Channel channel = open();
    append(channel, Events.numbered(0, 5));
    channel.refuseAppends();
    assertThatThrownBy(() -> append(channel, Events.of("x")))
        .hasCauseInstanceOf(TransientException.class)
        .hasMessageContaining("the agent is stopping");
    assertThat(drain(channel, 5)).isEqualTo(Events.numbers(0, 5));
    channel.stop();
    channel.stop();
  }

  @Test
  void manyProducersAndConsumersLoseNothingAndDoubleNothing() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    int producers = 3;
    int eventsEach = 3_000;
    Channel channel = open();
    ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
    AtomicInteger remaining = new AtomicInteger(producers * eventsEach);
    ExecutorService threads = Executors.newFixedThreadPool(producers + 3);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int p = 0; p < producers; p++) {
        int first = p * eventsEach;
        Random random = new Random(seed + p);
        all.add(
            threads.submit(
                () -> {
                  for (int next = first; next < first + eventsEach; ) {
                    int to = Math.min(first + eventsEach, next + 1 + random.nextInt(100));
                    append(channel, Events.numbered(next, to));
                    next = to;
                  }
                  return null;
                }));
      }
      for (int c = 0; c < 3; c++) {
        Random random = new Random(seed + 100 + c);
        all.add(
            threads.submit(
                () -> {
                  while (remaining.get() > 0) {
                    consumeSome(channel, random, acknowledged, remaining);
                  }
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get(180, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(acknowledged)
        .containsExactlyInAnyOrderElementsOf(Events.numbers(0, producers * eventsEach));
    await().atMost(LONG).until(() -> broker.committed(group) == producers * eventsEach);
  }

  private static void consumeSome(
      Channel channel,
      Random random,
      ConcurrentLinkedQueue<String> acknowledged,
      AtomicInteger remaining)
      throws InterruptedException {
    try (Delivery delivery = channel.take(1 + random.nextInt(100), Long.MAX_VALUE)) {
      if (delivery == null) {
        channel.awaitEvents(Duration.ofMillis(20));
        return;
      }
      int events = delivery.batch().eventCount();
      int from = random.nextInt(3) == 0 ? random.nextInt(events) : 0;
      int to = random.nextInt(3) == 0 ? from + random.nextInt(events - from) : events;
      List<String> settled = Events.bodies(delivery.batch()).subList(from, to);
      delivery.acknowledge(from, to);
      acknowledged.addAll(settled);
      remaining.addAndGet(-settled.size());
    }
  }

  @Test
  void withASourceOnlyItWritesRecordsAndNeverJoinsTheGroup() throws Exception {
    Channel channel = open();
    append(channel, EventBatch.of(Map.of("key", "k", "h", "v"), Broker.bytes("b")));

    ConsumerRecord<byte[], byte[]> record = broker.records(topic).get(0);
    assertThat(Broker.text(record.key())).isEqualTo("k");
    assertThat(EventBatch.parseEvent(record.value(), 0, record.value().length))
        .isEqualTo(EventBatch.of(Map.of("key", "k", "h", "v"), Broker.bytes("b")));
    assertThat(channel.eventCount()).isZero();
    assertThat(broker.offsets(group)).isEmpty();
  }

  @Test
  void withASinkOnlyItReadsWhatOthersWroteTombstonesAndPoisonIncluded() throws Exception {
    EventBatch event = EventBatch.of(Map.of("h", "v"), Broker.bytes("b"));
    broker.send(
        new ProducerRecord<>(
            topic, Broker.bytes("k"), RecordEvents.value(event.iterator().next(), true)));
    broker.send(new ProducerRecord<>(topic, (byte[]) null));
    broker.send(new ProducerRecord<>(topic, Broker.bytes("poison")));
    ToyContext context = new ToyContext("reading");
    Channel channel = open(context, Map.of());

    List<EventBatch> taken = new ArrayList<>();
    for (int events = 0; events < 3; events += taken.get(taken.size() - 1).eventCount()) {
      try (Delivery delivery = take(channel, 10)) {
        taken.add(delivery.batch());
        delivery.acknowledge();
      }
    }
    var events = EventBatch.join(taken).iterator();
    assertThat(events.next().headers()).isEqualTo(Map.of("h", "v", "key", "k"));
    assertThat(events.next().bodyBytes()).isZero();
    var poison = events.next();
    assertThat(poison.bodyText()).isEqualTo("poison");
    assertThat(poison.header(RecordEvents.UNDECODABLE_HEADER)).isNotNull();
    assertThat(context.metrics().value("EventUndecodableCount")).isEqualTo(1);
  }

  @Test
  void withoutFlumesFormatOnlyBodyAndKeyPass() throws Exception {
    Channel channel = open(new ToyContext("raw"), Map.of("parseAsFlumeEvent", "false"));
    append(channel, EventBatch.of(Map.of("key", "k", "h", "v"), Broker.bytes("b")));

    assertThat(broker.values(topic)).containsExactly("b");
    try (Delivery delivery = take(channel, 1)) {
      assertThat(delivery.batch().iterator().next().headers()).isEqualTo(Map.of("key", "k"));
    }
  }

  @Test
  void twoMembersShareTheEventsAndWhatOneLeavesTheOtherTakes() throws Exception {
    String wide = broker.newTopic(4);
    Map<String, String> options = Map.of("kafka.topic", wide, "partitionIdHeader", "p");
    Channel writing = open(new ToyContext("writing"), options);
    ToyContext first = new ToyContext("one");
    Channel one = open(first, options);
    Channel two = open(new ToyContext("two"), options);
    for (int i = 0; i < 400; i++) {
      append(
          writing,
          EventBatch.of(
              Map.of("p", i < 396 ? Integer.toString(i % 4) : "99"),
              Broker.bytes(Integer.toString(i))));
    }
    List<String> bodies = new ArrayList<>(drain(one, 50));
    two.awaitEvents(Duration.ofMillis(10));
    long deadlineNanos = System.nanoTime() + LONG.toNanos();
    while (Set.copyOf(bodies).size() < 400 && System.nanoTime() < deadlineNanos) {
      for (Channel channel : List.of(one, two)) {
        try (Delivery delivery = channel.take(10, Long.MAX_VALUE)) {
          if (delivery != null) {
            bodies.addAll(Events.bodies(delivery.batch()));
            delivery.acknowledge();
          } else {
            channel.awaitEvents(Duration.ofMillis(20));
          }
        }
      }
    }
    assertThat(Set.copyOf(bodies)).containsExactlyInAnyOrderElementsOf(Events.numbers(0, 400));
    // A broker that is too slow to take the commit before partitions are given up, and only that,
    // costs a duplicate.
    if (first.metrics().value("KafkaLastCommitFailCount") == 0) {
      assertThat(bodies).doesNotHaveDuplicates();
    }
  }

  @Test
  void whatCannotBeAppendedFailsByItsKind() throws Exception {
    Channel channel =
        open(
            new ToyContext("small"),
            Map.of("kafka.producer.max.request.size", "10000", "parseAsFlumeEvent", "false"));
    assertThatThrownBy(() -> append(channel, Events.of("a", "x".repeat(20_000))))
        .hasCauseInstanceOf(RejectedException.class)
        .hasMessageContaining("max.request.size");
    Channel nowhere =
        open(
            new ToyContext("nowhere"),
            Map.of("kafka.topic", "missing-" + topic, "kafka.producer.max.block.ms", "300"));
    assertThatThrownBy(() -> append(nowhere, Events.of("a", "b")))
        .hasCauseInstanceOf(StorageException.class);
    append(channel, Events.of("good"));
    assertThat(broker.values(topic)).containsExactly("good");
  }

  @Test
  @Tag("long")
  void aBrokerThatIsRestartedCostsNothing() throws Exception {
    Channel channel = open();
    append(channel, Events.numbered(0, 100));
    awaitFetched(channel, 100);
    Delivery open = take(channel, 10);
    broker.server().stop();
    CompletableFuture<Void> started = CompletableFuture.runAsync(broker.server()::start);
    // An append without a broker may fail, and its source tries again.
    await().atMost(Duration.ofMinutes(3)).until(() -> isAppended(channel, 100, 200));
    started.get(60, TimeUnit.SECONDS);
    open.close();

    assertThat(drain(channel, 200)).containsAll(Events.numbers(0, 200));
  }

  private static boolean isAppended(Channel channel, int from, int to) throws Exception {
    try {
      channel.append(Events.numbered(from, to)).get(150, TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(StorageException.class);
      return false;
    }
  }
}
