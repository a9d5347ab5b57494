/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Outcome;
import io.millrace.api.SinkSelector;
import io.millrace.api.TransientException;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.Failover;
import io.millrace.engine.model.LoadBalance;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import io.millrace.engine.model.SinkProcessor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Sink groups with toy sinks that are dead, hang, are slow, and come back. */
class SinkGroupTest {
  private static final int BATCH = 10;

  private final ToyChannel channel = new ToyChannel(1_000, true);
  private final Map<String, ToySink> sinks = new LinkedHashMap<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private final ToySink k1 = sink("k1", 2);
  private final ToySink k2 = sink("k2", 2);
  private Agent agent;

  @AfterEach
  void stop() {
    released.countDown();
    if (agent != null) {
      agent.stop(Duration.ofSeconds(2));
    }
  }

  private ToySink sink(String name, int maxInFlight) {
    ToySink sink = new ToySink(maxInFlight);
    sinks.put(name, sink);
    return sink;
  }

  /** A group of all sinks on one channel. */
  private void run(SinkProcessor processor) {
    agent =
        Agent.create(
            new AgentDefinition(
                "a1",
                List.of(new ChannelDefinition("c1", "toy", new ToyChannel.Options(channel))),
                List.of(),
                sinks.entrySet().stream()
                    .map(
                        sink ->
                            new SinkDefinition(
                                sink.getKey(),
                                "toy",
                                new ToySink.Options(sink.getValue(), BATCH),
                                "c1",
                                BATCH))
                    .toList(),
                List.of(group(processor))));
    agent.start();
  }

  private SinkGroupDefinition group(SinkProcessor processor) {
    return new SinkGroupDefinition(
        "g1",
        processor,
        sinks.keySet().stream()
            .map(name -> new SinkGroupDefinition.Member(name, -sinks.size()))
            .toList());
  }

  private static Failover failover() {
    return new Failover(Map.of(), Duration.ofMillis(200), Duration.ofMillis(500));
  }

  private static LoadBalance balance() {
    return new LoadBalance("round_robin", false, Duration.ofSeconds(30), Map.of());
  }

  private static CompletableFuture<Outcome> away() {
    return CompletableFuture.failedFuture(new TransientException("peer away"));
  }

  private void append(int from, int to) {
    channel.append(ToySource.numbered(from, to));
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(String::valueOf).toList();
  }

  private List<String> delivered() {
    List<String> all = new ArrayList<>();
    sinks.values().forEach(sink -> all.addAll(List.copyOf(sink.delivered)));
    return all;
  }

  private void awaitDelivered(int events) {
    await().untilAsserted(() -> assertThat(channel.eventCount()).isZero());
    assertThat(delivered()).containsExactlyInAnyOrderElementsOf(numbers(0, events));
  }

  private String metric(String component, String name) {
    return agent.metrics().snapshot().get(component).get(name);
  }

  @Test
  void theFirstSinkGetsEverythingInOrder() {
    append(0, 500);
    run(failover());
    awaitDelivered(500);
    assertThat(k1.delivered).isEqualTo(numbers(0, 500));
    assertThat(metric("SINK.k1", "SharePercent")).isEqualTo("100.0");
    assertThat(metric("SINK.k2", "Active")).isEqualTo("0");
    assertThat(metric("SINK_GROUP.g1", "ActiveMember")).isEqualTo("1");
    assertThat(metric("SINK_GROUP.g1", "FailoverCount")).isEqualTo("0");
  }

  @Test
  void aDeadFirstSinkIsReplacedAtOnceAndComesBack() {
    k1.answer = batch -> away();
    append(0, 300);
    run(failover());
    awaitDelivered(300);
    assertThat(k2.delivered).hasSize(300);
    assertThat(metric("SINK_GROUP.g1", "FailoverCount")).isEqualTo("1");
    assertThat(metric("SINK_GROUP.g1", "FailoverActive")).isEqualTo("1");
    assertThat(metric("SINK_GROUP.g1", "WorkingMemberCount")).isEqualTo("1");
    assertThat(metric("SINK.k2", "Active")).isEqualTo("1");
    k1.answer = k1::deliverAll;
    AtomicInteger next = new AtomicInteger(300);
    await()
        .untilAsserted(
            () -> {
              append(next.get(), next.addAndGet(10));
              assertThat(metric("SINK_GROUP.g1", "FailoverActive")).isEqualTo("0");
            });
    awaitDelivered(next.get());
    assertThat(k1.delivered).isNotEmpty();
    assertThat(metric("SINK.k1", "FailuresInARow")).isEqualTo("0");
  }

  @Test
  void aSinkThatCannotStartIsAsOneThatIsAway() {
    k1.startFailure = new TransientException("no disk");
    append(0, 100);
    run(failover());
    awaitDelivered(100);
    assertThat(k2.delivered).hasSize(100);
    assertThat(metric("SINK_GROUP.g1", "FailoverActive")).isEqualTo("1");
    k1.startFailure = null;
    await().untilAsserted(() -> assertThat(metric("SINK_GROUP.g1", "ActiveMember")).isEqualTo("1"));
    append(100, 110);
    await().untilAsserted(() -> assertThat(k1.delivered).isEqualTo(numbers(100, 110)));
  }

  @Test
  void allDeadThenOneBackAndNothingIsLostOrDeliveredTwice() {
    sinks.values().forEach(sink -> sink.answer = batch -> away());
    append(0, 100);
    run(new Failover(Map.of(), Duration.ofHours(1), Duration.ZERO));
    await()
        .untilAsserted(
            () -> assertThat(Integer.parseInt(metric("SINK.k2", "FailuresInARow"))).isPositive());
    assertThat(channel.eventCount()).isEqualTo(100);
    k2.answer = k2::deliverAll;
    awaitDelivered(100);
    assertThat(k2.delivered).hasSize(100);
  }

  @Test
  void aFirstSinkThatNeverAnswersIsReplacedAfterTheStallTimeout() {
    k1.answer = k1::keepOpen;
    append(0, 100);
    run(failover());
    await().untilAsserted(() -> assertThat(k2.delivered).hasSize(100 - 2 * BATCH));
    assertThat(k1.open).hasSize(2);
    assertThat(metric("SINK_GROUP.g1", "FailoverCount")).isEqualTo("1");
    // What it holds is nobody else's until it answers.
    k1.answer = k1::deliverAll;
    k1.open.get(0).completeExceptionally(new TransientException("timed out"));
    k1.open.get(1).completeExceptionally(new TransientException("timed out"));
    awaitDelivered(100);
  }

  @Test
  void aFirstSinkThatHangsInTheCallIsReplacedAfterTheStallTimeout() {
    k1.answer =
        batch -> {
          awaitQuietly(released);
          return away();
        };
    append(0, 100);
    run(failover());
    await().untilAsserted(() -> assertThat(k2.delivered).hasSize(100 - BATCH));
    released.countDown();
    awaitDelivered(100);
  }

  @Test
  void everySinkOfABalancedGroupIsGivenWhatItHasRoomFor() {
    sink("k3", 1);
    sinks.values().forEach(sink -> sink.answer = sink::keepOpen);
    run(balance());
    int rounds = 4;
    append(0, rounds * 5 * BATCH);
    for (int round = 0; round < rounds; round++) {
      await().untilAsserted(() -> assertThat(open()).containsExactly(2, 2, 1));
      sinks.values().forEach(SinkGroupTest::answerAll);
    }
    await().untilAsserted(() -> assertThat(channel.eventCount()).isZero());
    await().untilAsserted(() -> assertThat(metric("SINK.k3", "SharePercent")).isEqualTo("20.0"));
    assertThat(metric("SINK.k1", "SharePercent")).isEqualTo("40.0");
  }

  private List<Integer> open() {
    return sinks.values().stream().map(sink -> sink.open.size()).toList();
  }

  private static void answerAll(ToySink sink) {
    List<CompletableFuture<Outcome>> open = List.copyOf(sink.open);
    sink.open.clear();
    open.forEach(outcome -> outcome.complete(Outcome.delivered()));
  }

  @Test
  void aDeadMemberCostsNothingButItsShare() {
    sink("k3", 1);
    k1.answer = batch -> away();
    append(0, 900);
    run(balance());
    awaitDelivered(900);
    assertThat(k2.delivered.size() + sinks.get("k3").delivered.size()).isEqualTo(900);
    // Left out for 0.1 s and more after each failure, not asked at every turn.
    assertThat(Integer.parseInt(metric("SINK.k1", "EventWriteFail"))).isLessThan(30);
  }

  @Test
  void aMemberThatHangsKeepsItsWindowAndTheOthersGoOn() {
    sink("k3", 1);
    k1.answer = k1::keepOpen;
    sinks.get("k3").answer =
        batch -> {
          awaitQuietly(released);
          return sinks.get("k3").deliverAll(batch);
        };
    run(balance());
    AtomicInteger next = new AtomicInteger();
    await()
        .untilAsserted(
            () -> {
              append(next.get(), next.addAndGet(BATCH));
              assertThat(metric("SINK.k1", "DeliveriesInFlight")).isEqualTo("2");
              assertThat(metric("SINK.k3", "DeliveriesInFlight")).isEqualTo("1");
            });
    int all = next.get() + 500;
    append(next.get(), all);
    await()
        .untilAsserted(() -> assertThat(channel.eventCount()).isEqualTo(all - k2.delivered.size()));
    k1.answer = k1::deliverAll;
    k1.open.forEach(open -> open.completeExceptionally(new TransientException("timed out")));
    released.countDown();
    awaitDelivered(all);
  }

  @Test
  void whatASinkPartlyDeliveredIsSettledAndTheRestGoesToTheNext() {
    AtomicInteger calls = new AtomicInteger();
    k1.answer =
        batch -> {
          if (calls.incrementAndGet() > 1) {
            return away();
          }
          k1.deliverAll(batch.slice(0, 4));
          return CompletableFuture.completedFuture(
              Outcome.builder().retry(5, batch.eventCount()).reject(4, "no such table").build());
        };
    append(0, 50);
    run(failover());
    await().untilAsserted(() -> assertThat(channel.eventCount()).isZero());
    List<String> expected = new ArrayList<>(numbers(0, 50));
    expected.remove("4");
    assertThat(delivered()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(k1.delivered).isEqualTo(numbers(0, 4));
    assertThat(metric("SINK.k1", "EventRejectedCount")).isEqualTo("1");
    assertThat(metric("SINK.k1", "EventRetryCount")).isNotEqualTo("0");
  }

  @Test
  void sinksThatFailNowAndThenLoseNothingAndDoNothingTwiceThroughAStopUnderLoad() {
    sink("k3", 3);
    AtomicInteger calls = new AtomicInteger();
    sinks
        .values()
        .forEach(
            sink ->
                sink.answer =
                    batch -> calls.incrementAndGet() % 7 == 0 ? away() : sink.deliverAll(batch));
    append(0, 5_000);
    run(new LoadBalance("random", true, Duration.ofMillis(50), Map.of()));
    await().until(() -> delivered().size() > 1_000);
    assertThat(agent.stop(Duration.ofSeconds(60))).isTrue();
    long left = channel.eventCount();
    assertThat(delivered()).hasSize((int) (5_000 - left)).doesNotHaveDuplicates();
    run(failover());
    awaitDelivered(5_000);
  }

  @Test
  void aStandbyDoesNotTakeOverWhileTheGroupIsStopped() {
    k1.answer = k1::keepOpen;
    append(0, 100);
    run(new Failover(Map.of(), Duration.ofMillis(200), Duration.ZERO));
    await().untilAsserted(() -> assertThat(k1.open).hasSize(2));
    agent.stop(Duration.ofSeconds(1));
    assertThat(k2.delivered).isEmpty();
    assertThat(channel.eventCount()).isEqualTo(100);
  }

  @Test
  void sinksOfDifferentChannelsDoNotWaitForEachOther() {
    ToyChannel other = new ToyChannel(1_000, true);
    k1.answer = batch -> away();
    agent =
        Agent.create(
            new AgentDefinition(
                "a1",
                List.of(
                    new ChannelDefinition("c1", "toy", new ToyChannel.Options(channel)),
                    new ChannelDefinition("c2", "toy", new ToyChannel.Options(other))),
                List.of(),
                List.of(
                    new SinkDefinition("k1", "toy", new ToySink.Options(k1, BATCH), "c1", BATCH),
                    new SinkDefinition("k2", "toy", new ToySink.Options(k2, BATCH), "c2", BATCH)),
                List.of(group(failover()))));
    agent.start();
    append(0, 10);
    other.append(ToySource.numbered(10, 20));
    await().untilAsserted(() -> assertThat(k2.delivered).isEqualTo(numbers(10, 20)));
    k1.answer = k1::deliverAll;
    await().untilAsserted(() -> assertThat(k1.delivered).isEqualTo(numbers(0, 10)));
    assertThat(agent.metrics().snapshot()).doesNotContainKey("SINK_GROUP.g1");
  }

  /** Prefers the last sink, and goes wrong in every way it can. */
  public static final class WaywardSelector implements SinkSelector {
    private final List<String> sinks;
    private int calls;

    public WaywardSelector(List<String> sinks, Map<String, String> options) {
      this.sinks = sinks;
      assertThat(options).isEqualTo(Map.of("colour", "blue"));
    }

    @Override
    public int select(IntPredicate isReady) {
      return switch (++calls % 4) {
        case 0 -> throw new IllegalStateException("defect");
        case 1 -> sinks.size();
        case 2 -> -7;
        default -> isReady.test(sinks.size() - 1) ? sinks.size() - 1 : 0;
      };
    }

    @Override
    public void failed(int position) {
      throw new NoClassDefFoundError("org/example/Missing");
    }
  }

  @Test
  void aSelectorOfOnesOwnThatGoesWrongStopsNothing() {
    k2.answer = batch -> away();
    run(
        new LoadBalance(
            WaywardSelector.class.getName(),
            false,
            Duration.ofSeconds(30),
            Map.of("colour", "blue")));
    AtomicInteger next = new AtomicInteger();
    await()
        .untilAsserted(
            () -> {
              append(next.get(), next.addAndGet(BATCH));
              assertThat(metric("SINK.k2", "EventWriteFail")).isNotEqualTo("0");
            });
    awaitDelivered(next.get());
    assertThat(k1.delivered).hasSize(next.get());
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
