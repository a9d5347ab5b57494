/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Channel;
import io.millrace.api.ChannelFullException;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
import io.millrace.api.Origin;
import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every channel keeps. A test class of a channel extends this one and opens its channel. */
public abstract class ChannelContract {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final long NO_BYTE_LIMIT = Long.MAX_VALUE;

  private final List<Channel> opened = new ArrayList<>();

  /** A started channel of that many events, of which an append or take holds at most some. */
  protected abstract Channel open(int capacity, int transactionCapacity, Duration keepAlive)
      throws Exception;

  private Channel channel(int capacity, int transactionCapacity, Duration keepAlive)
      throws Exception {
    Channel channel = open(capacity, transactionCapacity, keepAlive);
    opened.add(channel);
    return channel;
  }

  private Channel channel() throws Exception {
    return channel(1000, 100, LONG);
  }

  @AfterEach
  void stopChannels() throws Exception {
    for (Channel channel : opened) {
      channel.stop();
    }
  }

  private static void append(Channel channel, EventBatch batch) throws Exception {
    channel.append(batch).get(60, TimeUnit.SECONDS);
  }

  private static Delivery take(Channel channel, int maxEvents) {
    return channel.take(maxEvents, NO_BYTE_LIMIT);
  }

  /** Takes and acknowledges everything that is there, in deliveries of up to ten. */
  private static List<String> drain(Channel channel) {
    List<String> bodies = new ArrayList<>();
    for (Delivery next = take(channel, 10); next != null; next = take(channel, 10)) {
      try (Delivery delivery = next) {
        bodies.addAll(Events.bodies(delivery.batch()));
        delivery.acknowledge();
      }
    }
    return bodies;
  }

  @Test
  void eventsOfAKnownOriginAreTakenOnceHoweverTheyAreCut() throws Exception {
    Channel channel = channel();
    assertThat(append(channel, 0, 10)).isEqualTo(Intake.APPENDED);
    assertThat(append(channel, 0, 10)).isEqualTo(Intake.HAD);
    assertThat(append(channel, 3, 5)).isEqualTo(Intake.HAD);
    assertThat(append(channel, 5, 15)).isEqualTo(new Intake.Partly(List.of(10L)));
    assertThat(append(channel, 10, 15)).isEqualTo(Intake.APPENDED);
    assertThat(append(channel, 30, 40)).isEqualTo(Intake.APPENDED);
    assertThat(append(channel, 12, 45)).isEqualTo(new Intake.Partly(List.of(15L, 30L, 40L)));
    List<String> expected = new ArrayList<>(Events.numbers(0, 15));
    expected.addAll(Events.numbers(30, 40));
    assertThat(drain(channel)).isEqualTo(expected);
    assertThat(append(channel, 0, 15)).isEqualTo(Intake.HAD);
  }

  @Test
  void aRunOfWhichAnInterceptorLeftPartsOutIsHadAsAWhole() throws Exception {
    Channel channel = channel();
    assertThat(channel.append(Events.numbered(0, 4), run(0, 10)).get(60, TimeUnit.SECONDS))
        .isEqualTo(Intake.APPENDED);
    assertThat(append(channel, 6, 10)).isEqualTo(Intake.HAD);
    assertThat(drain(channel)).isEqualTo(Events.numbers(0, 4));
  }

  @Test
  void whatWasRefusedIsNotHad() throws Exception {
    Channel channel = channel(10, 10, Duration.ZERO);
    append(channel, 0, 10);
    assertThatThrownBy(() -> append(channel, 10, 20))
        .hasCauseInstanceOf(ChannelFullException.class);
    assertThat(drain(channel)).isEqualTo(Events.numbers(0, 10));
    assertThat(append(channel, 10, 20)).isEqualTo(Intake.APPENDED);
    assertThat(drain(channel)).isEqualTo(Events.numbers(10, 20));
  }

  @Test
  void whoBringsEventsThatWaitForRoomIsAnsweredWithThem() throws Exception {
    Channel channel = channel(10, 10, LONG);
    append(channel, 0, 10);
    CompletableFuture<Intake> waiting = channel.append(Events.numbered(10, 20), run(10, 20));
    CompletableFuture<Intake> again = channel.append(Events.numbered(10, 20), run(10, 20));
    assertThat(again).isNotDone();
    assertThat(drain(channel)).startsWith("0");
    assertThat(waiting.get(60, TimeUnit.SECONDS)).isEqualTo(Intake.APPENDED);
    assertThat(again.get(60, TimeUnit.SECONDS)).isEqualTo(Intake.HAD);
    assertThat(channel.eventCount()).isLessThanOrEqualTo(10);
  }

  /** Several connections bring the same events, cut differently, at the same time. */
  @Test
  void ofManyWhoBringTheSameEventsOneIsTaken() throws Exception {
    Channel channel = channel();
    int threads = 4;
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int thread = 0; thread < threads; thread++) {
        int length = 3 + 4 * thread;
        all.add(
            executor.submit(
                () -> {
                  for (int first = 0; first < 300; first += length) {
                    bring(channel, first, Math.min(300, first + length));
                  }
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      executor.shutdownNow();
    }
    assertThat(drain(channel)).containsExactlyInAnyOrderElementsOf(Events.numbers(0, 300));
  }

  private static void bring(Channel channel, int from, int to) throws Exception {
    if (append(channel, from, to) instanceof Intake.Partly partly) {
      int first = from;
      for (long cut : partly.cuts()) {
        bring(channel, first, (int) cut);
        first = (int) cut;
      }
      bring(channel, first, to);
    }
  }

  private static Intake append(Channel channel, int from, int to) throws Exception {
    return channel.append(Events.numbered(from, to), run(from, to)).get(60, TimeUnit.SECONDS);
  }

  private static Origin run(int from, int to) {
    return new Origin(new UUID(1, 2), 0, from, to - from);
  }

  @Test
  void eventsComeOutInTheOrderTheyWentIn() throws Exception {
    Channel channel = channel();
    append(channel, Events.numbered(0, 7));
    append(channel, Events.numbered(7, 8));
    append(channel, Events.numbered(8, 60));

    assertThat(channel.eventCount()).isEqualTo(60);
    assertThat(drain(channel)).isEqualTo(Events.numbers(0, 60));
    assertThat(channel.eventCount()).isZero();
  }

  @Test
  void anEmptyChannelGivesNullAndAnEmptyBatchIsAppendedToNothing() throws Exception {
    Channel channel = channel();

    assertThat(take(channel, 10)).isNull();
    append(channel, EventBatch.EMPTY);
    assertThat(take(channel, 10)).isNull();
    assertThat(channel.eventCount()).isZero();
  }

  @Test
  void headersAndBodiesComeOutAsTheyWentIn() throws Exception {
    Channel channel = channel();
    EventBatch batch =
        EventBatch.of(java.util.Map.of("host", "web1", "ü", "€"), new byte[] {0, 1, -1, '\n'});
    append(channel, batch);

    try (Delivery delivery = take(channel, 10)) {
      assertThat(delivery.batch()).isEqualTo(batch);
    }
  }

  @Test
  void aTakeHoldsAtMostAsManyEventsAsAskedForAndAsTheTransactionAllows() throws Exception {
    Channel channel = channel(100, 20, LONG);
    append(channel, Events.numbered(0, 20));
    append(channel, Events.numbered(20, 40));

    try (Delivery three = take(channel, 3);
        Delivery twenty = take(channel, 1000)) {
      assertThat(Events.bodies(three.batch())).isEqualTo(Events.numbers(0, 3));
      assertThat(Events.bodies(twenty.batch())).isEqualTo(Events.numbers(3, 23));
    }
  }

  @Test
  void aTakeStopsGrowingAtItsBytesButHoldsOneEvent() throws Exception {
    Channel channel = channel();
    String large = "x".repeat(1000);
    append(channel, Events.of(large, large, large));
    append(channel, Events.of(large));

    List<String> taken = new ArrayList<>();
    for (long maxBytes : new long[] {0, 100, 1100, 1100}) {
      try (Delivery delivery = channel.take(10, maxBytes)) {
        assertThat(delivery.batch().eventCount()).isEqualTo(1);
        taken.addAll(Events.bodies(delivery.batch()));
        delivery.acknowledge();
      }
    }
    assertThat(taken).hasSize(4);
  }

  @Test
  void unacknowledgedEventsReturnInOrderBeforeNewerOnes() throws Exception {
    Channel channel = channel();
    append(channel, Events.numbered(0, 30));
    Delivery first = take(channel, 10);
    Delivery second = take(channel, 10);
    append(channel, Events.numbered(30, 35));

    second.close();
    first.close();

    assertThat(channel.eventCount()).isEqualTo(35);
    assertThat(drain(channel)).isEqualTo(Events.numbers(0, 35));
  }

  @Test
  void whatIsAcknowledgedInPartsIsGoneAndTheRestReturns() throws Exception {
    Channel channel = channel();
    append(channel, Events.numbered(0, 6));
    append(channel, Events.numbered(6, 12));
    try (Delivery delivery = take(channel, 12)) {
      delivery.acknowledge(0, 2);
      delivery.acknowledge(5, 8);
      delivery.acknowledge(6, 7);
    }

    assertThat(channel.eventCount()).isEqualTo(7);
    assertThat(drain(channel)).containsExactly("2", "3", "4", "8", "9", "10", "11");
    assertThat(channel.eventCount()).isZero();
  }

  @Test
  void returnedEventsThatAreLentAgainInPiecesKeepTheirOrder() throws Exception {
    Channel channel = channel();
    append(channel, Events.numbered(0, 20));
    take(channel, 20).close();
    Delivery a = take(channel, 3);
    Delivery b = take(channel, 3);
    Delivery c = take(channel, 3);
    b.acknowledge(1, 2);
    b.close();
    Delivery again = take(channel, 1);
    assertThat(Events.bodies(again.batch())).containsExactly("3");
    a.close();
    c.close();
    again.close();

    assertThat(drain(channel))
        .containsExactlyElementsOf(
            Events.numbers(0, 20).stream().filter(n -> !"4".equals(n)).toList());
  }

  @Test
  void closingTwiceAndAfterAnAcknowledgementChangesNothing() throws Exception {
    Channel channel = channel();
    append(channel, Events.numbered(0, 4));
    Delivery delivery = take(channel, 2);
    delivery.acknowledge();
    delivery.close();
    delivery.close();
    Delivery open = take(channel, 2);
    open.close();
    open.close();

    assertThat(channel.eventCount()).isEqualTo(2);
    assertThat(drain(channel)).containsExactly("2", "3");
  }

  @Test
  void anAcknowledgementOutsideTheBatchIsRefused() throws Exception {
    Channel channel = channel();
    append(channel, Events.numbered(0, 4));
    try (Delivery delivery = take(channel, 4)) {
      assertThatThrownBy(() -> delivery.acknowledge(2, 5))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
    assertThat(channel.eventCount()).isEqualTo(4);
  }

  @Test
  void anAppendOfMoreEventsThanATransactionHoldsIsRejected() throws Exception {
    Channel channel = channel(100, 10, LONG);

    assertThatThrownBy(() -> append(channel, Events.numbered(0, 11)))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(RejectedException.class)
        .hasMessageContaining("11")
        .hasMessageContaining("10");
    assertThat(take(channel, 10)).isNull();
  }

  @Test
  void anAppendToAFullChannelFailsAfterItsKeepAliveTime() throws Exception {
    Channel channel = channel(10, 10, Duration.ofMillis(50));
    append(channel, Events.numbered(0, 8));

    assertThatThrownBy(() -> append(channel, Events.numbered(100, 103)))
        .hasCauseInstanceOf(ChannelFullException.class);
    assertThat(channel.eventCount()).isEqualTo(8);
    append(channel, Events.numbered(8, 10));
    assertThat(drain(channel)).isEqualTo(Events.numbers(0, 10));
  }

  @Test
  void withoutKeepAliveAFullChannelRefusesAtOnce() throws Exception {
    Channel channel = channel(10, 10, Duration.ZERO);
    append(channel, Events.numbered(0, 10));

    CompletableFuture<Void> refused = channel.append(Events.of("x"));

    assertThat(refused).isCompletedExceptionally();
    assertThatThrownBy(refused::get).hasCauseInstanceOf(ChannelFullException.class);
  }

  @Test
  void eventsOnLoanTakeRoomUntilTheyAreAcknowledged() throws Exception {
    Channel channel = channel(10, 10, Duration.ofMillis(200));
    append(channel, Events.numbered(0, 10));
    try (Delivery delivery = take(channel, 10)) {
      assertThatThrownBy(() -> append(channel, Events.of("x")))
          .hasCauseInstanceOf(ChannelFullException.class);
      delivery.acknowledge(0, 1);
      append(channel, Events.of("10"));
    }

    assertThat(drain(channel)).isEqualTo(Events.numbers(1, 11));
  }

  @Test
  void waitingAppendsGoInInTheOrderOfTheirCallsEvenWhereALaterOneWouldFit() throws Exception {
    Channel channel = channel(10, 10, LONG);
    append(channel, Events.numbered(0, 9));
    CompletableFuture<Void> large = channel.append(Events.numbered(9, 14));
    CompletableFuture<Void> small = channel.append(Events.numbered(14, 15));
    assertThat(large).isNotDone();
    assertThat(small).isNotDone();

    List<String> taken = new ArrayList<>();
    while (taken.size() < 15) {
      try (Delivery delivery = take(channel, 4)) {
        if (delivery != null) {
          taken.addAll(Events.bodies(delivery.batch()));
          delivery.acknowledge();
        } else {
          assertThat(channel.awaitEvents(LONG)).isTrue();
        }
      }
    }

    large.get(60, TimeUnit.SECONDS);
    small.get(60, TimeUnit.SECONDS);
    assertThat(taken).isEqualTo(Events.numbers(0, 15));
  }

  @Test
  void whenTheFirstInLineGivesUpASmallerOneBehindItMayGoIn() throws Exception {
    Channel channel = channel(10, 10, Duration.ofMillis(200));
    append(channel, Events.numbered(0, 9));
    CompletableFuture<Void> large = channel.append(Events.numbered(100, 105));
    CompletableFuture<Void> small = channel.append(Events.numbered(9, 10));

    assertThatThrownBy(() -> large.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ChannelFullException.class);
    small.get(60, TimeUnit.SECONDS);
    assertThat(drain(channel)).isEqualTo(Events.numbers(0, 10));
  }

  @Test
  void awaitingEventsEndsWithThemOrWithItsTime() throws Exception {
    Channel channel = channel();
    assertThat(channel.awaitEvents(Duration.ofMillis(10))).isFalse();

    CompletableFuture<Boolean> waiting =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return channel.awaitEvents(LONG);
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    append(channel, Events.of("a"));

    assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
    assertThat(channel.awaitEvents(Duration.ZERO)).isTrue();
  }

  @Test
  void givingEventsBackWakesTheOneWhoWaits() throws Exception {
    Channel channel = channel();
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

    assertThat(waiting.get(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void refusedAppendsAreNeverDeliveredThoughRoomIsFreedAndTakingGoesOn() throws Exception {
    Channel channel = channel(10, 10, LONG);
    append(channel, Events.numbered(0, 10));
    Delivery open = take(channel, 4);
    CompletableFuture<Void> first = channel.append(Events.of("waiting"));
    CompletableFuture<Void> second = channel.append(Events.of("behind it"));
    assertThat(first).isNotDone();

    channel.refuseAppends();
    channel.refuseAppends();

    for (CompletableFuture<Void> refused : List.of(first, second, channel.append(Events.of("x")))) {
      assertThat(refused).isCompletedExceptionally();
      assertThatThrownBy(refused::get)
          .hasCauseInstanceOf(TransientException.class)
          .hasMessageContaining("the agent is stopping");
    }
    open.acknowledge(0, 2);
    open.close();
    assertThat(drain(channel)).isEqualTo(Events.numbers(2, 10));
    assertThat(channel.append(Events.of("y"))).isCompletedExceptionally();
    assertThat(take(channel, 10)).isNull();
    assertThat(channel.eventCount()).isZero();
    channel.stop();
    channel.stop();
  }

  @Test
  void aStoppedChannelRefusesAppendsAndAnswersThoseWhoWait() throws Exception {
    Channel channel = channel(10, 10, LONG);
    append(channel, Events.numbered(0, 10));
    CompletableFuture<Void> waiting = channel.append(Events.of("x"));

    channel.stop();

    assertThatThrownBy(() -> waiting.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(TransientException.class);
    assertThatThrownBy(() -> append(channel, Events.of("y")))
        .hasCauseInstanceOf(TransientException.class);
  }

  @Test
  void stoppingTwiceAndSettlingAnOpenDeliveryAfterwardsIsSafe() throws Exception {
    Channel channel = channel();
    append(channel, Events.numbered(0, 10));
    Delivery acknowledged = take(channel, 5);
    Delivery closed = take(channel, 5);

    channel.stop();
    channel.stop();

    assertThat(Events.bodies(acknowledged.batch())).isEqualTo(Events.numbers(0, 5));
    try {
      acknowledged.acknowledge();
    } catch (TransientException e) {
      // Too late: a channel that keeps its events over a stop says so, and gives them out again.
      assertThat(channel.volatileEventCount()).isZero();
    }
    acknowledged.close();
    closed.close();
  }

  /**
   * Goal: under contention every event that was accepted is acknowledged exactly once, each
   * producer's events are first given out in order, and the count ends at zero. Method: producers
   * append batches of random size to a small channel, consumers settle at random in parts.
   */
  @Test
  void manyProducersAndConsumersLoseNothingAndDoubleNothing() throws Exception {
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    int producers = 4;
    int consumers = 3;
    int eventsEach = 5_000;
    Channel channel = channel(300, 50, LONG);
    ConcurrentLinkedQueue<String> acknowledged = new ConcurrentLinkedQueue<>();
    AtomicInteger remaining = new AtomicInteger(producers * eventsEach);
    CyclicBarrier start = new CyclicBarrier(producers + consumers);
    ExecutorService threads = Executors.newFixedThreadPool(producers + consumers);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int p = 0; p < producers; p++) {
        int first = p * eventsEach;
        Random random = new Random(seed + p);
        all.add(
            threads.submit(
                () -> {
                  start.await();
                  for (int next = first; next < first + eventsEach; ) {
                    int to = Math.min(first + eventsEach, next + 1 + random.nextInt(50));
                    append(channel, Events.numbered(next, to));
                    next = to;
                  }
                  return null;
                }));
      }
      for (int c = 0; c < consumers; c++) {
        Random random = new Random(seed + 100 + c);
        all.add(
            threads.submit(
                () -> {
                  start.await();
                  while (remaining.get() > 0) {
                    consumeSome(channel, random, acknowledged, remaining);
                  }
                  return null;
                }));
      }
      for (Future<?> each : all) {
        each.get(60, TimeUnit.SECONDS);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(acknowledged)
        .containsExactlyInAnyOrderElementsOf(Events.numbers(0, producers * eventsEach));
    await().untilAsserted(() -> assertThat(channel.eventCount()).isZero());
  }

  private static void consumeSome(
      Channel channel,
      Random random,
      ConcurrentLinkedQueue<String> acknowledged,
      AtomicInteger remaining)
      throws InterruptedException {
    try (Delivery delivery = take(channel, 1 + random.nextInt(50))) {
      if (delivery == null) {
        channel.awaitEvents(Duration.ofMillis(20));
        return;
      }
      int events = delivery.batch().eventCount();
      int from = random.nextInt(events);
      int to = random.nextInt(3) == 0 ? from + random.nextInt(events - from) : events;
      from = random.nextInt(3) == 0 ? from : 0;
      List<String> settled = Events.bodies(delivery.batch()).subList(from, to);
      delivery.acknowledge(from, to);
      acknowledged.addAll(settled);
      remaining.addAndGet(-settled.size());
    }
  }
}
