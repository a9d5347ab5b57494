/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Channel;
import io.millrace.api.ChannelFullException;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Intake;
import io.millrace.api.Interceptor;
import io.millrace.api.Origin;
import io.millrace.api.Selector;
import io.millrace.engine.metrics.AgentMetrics;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.metrics.MetricKind;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import javax.management.MBeanServerFactory;
import org.junit.jupiter.api.Test;

/** Events of a known origin on their way into channels that remember what they had. */
class SourceOutputTest {
  private final AgentMetrics agent = new AgentMetrics(MBeanServerFactory.newMBeanServer());
  private final ComponentMetrics metrics = agent.component(MetricKind.SOURCE, "r1");
  private final Map<String, RememberingChannel> channels = new LinkedHashMap<>();
  private final RememberingChannel c1 = channel("c1", 100);
  private final RememberingChannel c2 = channel("c2", 100);

  @Test
  void aRunThatComesAgainIsTakenOnceAndCounted() throws Exception {
    SourceOutput output = output(List.of(), replicating());
    emit(output, 0, 10);
    emit(output, 0, 10);
    assertThat(c1.bodies()).isEqualTo(numbers(0, 10));
    assertThat(metrics.counter("EventDuplicateCount").value()).isEqualTo(20);
    assertThat(metrics.counter("EventAcceptedCount").value()).isEqualTo(20);
  }

  @Test
  void ofARunThatIsCutAnewOnlyTheRestIsAppended() throws Exception {
    SourceOutput output = output(List.of(), replicating());
    emit(output, 5, 10);
    emit(output, 20, 25);
    emit(output, 0, 30);
    assertThat(c1.bodies()).containsExactlyInAnyOrderElementsOf(numbers(0, 30));
    assertThat(c2.bodies()).containsExactlyInAnyOrderElementsOf(numbers(0, 30));
  }

  @Test
  void eachChannelDecidesForItself() throws Exception {
    SourceOutput output = output(List.of(), replicating());
    c2.isFull = true;
    assertThatThrownBy(() -> emit(output, 0, 10)).hasCauseInstanceOf(ChannelFullException.class);
    c2.isFull = false;
    emit(output, 0, 15);
    assertThat(c1.bodies()).isEqualTo(numbers(0, 15));
    assertThat(c2.bodies()).isEqualTo(numbers(0, 15));
  }

  @Test
  void runsAreCutToTheSmallestTransactionBeforeInterceptorsSeeThem() throws Exception {
    channel("c3", 4);
    List<Integer> seen = new ArrayList<>();
    Interceptor counting =
        batch -> {
          seen.add(batch.eventCount());
          return batch;
        };
    SourceOutput output = output(List.of(counting), replicating());
    emit(output, 0, 10);
    emit(output, 0, 10);
    assertThat(seen).containsExactly(4, 4, 2, 4, 4, 2);
    assertThat(channels.get("c3").bodies()).isEqualTo(numbers(0, 10));
    assertThat(channels.get("c3").runs).containsExactly("0+4", "4+4", "8+2");
  }

  @Test
  void piecesThatFindNoRoomAreTriedUntilTheyAreIn() throws Exception {
    RememberingChannel c3 = channel("c3", 4);
    c3.fullOnceAt = 4;
    SourceOutput output = output(List.of(), replicating());
    emit(output, 0, 10);
    assertThat(c3.bodies()).containsExactlyInAnyOrderElementsOf(numbers(0, 10));
    assertThat(metrics.counter("EventDuplicateCount").value()).isZero();
  }

  @Test
  void whatAnInterceptorDropsIsDroppedAgainAndTheRestIsTakenOnce() throws Exception {
    SourceOutput output = output(List.of(dropping(n -> n % 3 == 0)), replicating());
    emit(output, 0, 10);
    emit(output, 5, 20);
    List<String> expected = new ArrayList<>(numbers(0, 20));
    expected.removeIf(body -> Integer.parseInt(body) % 3 == 0);
    assertThat(c1.bodies()).isEqualTo(expected);
  }

  @Test
  void multiplexedRunsAreTakenOnceByEachChannelThatGetsAnyOfThem() throws Exception {
    SourceOutput output = output(List.of(), evenToFirstOddToSecond());
    c2.isFull = true;
    assertThatThrownBy(() -> emit(output, 0, 10)).hasCauseInstanceOf(ChannelFullException.class);
    c2.isFull = false;
    emit(output, 0, 7);
    emit(output, 3, 12);
    assertThat(c1.bodies()).containsExactly("0", "2", "4", "6", "8", "10");
    assertThat(c2.bodies()).containsExactly("1", "3", "5", "7", "9", "11");
  }

  /** A selector that chooses anew each time must not lose what comes again cut another way. */
  @Test
  void aRunThatWentToOneChannelStaysThereWhenThatChannelHasAPartOfIt() throws Exception {
    List<String> turns = new ArrayList<>(List.of("c1", "c1", "c2", "c2", "c2"));
    Selector inTurn =
        batch ->
            List.of(
                new Selector.Route(
                    batch, new Selector.Targets(List.of(turns.remove(0)), List.of())));
    SourceOutput output = output(List.of(dropping(n -> n == 7)), inTurn);
    emit(output, 0, 5);
    emit(output, 0, 10);
    assertThat(c1.bodies()).containsExactly("0", "1", "2", "3", "4", "5", "6", "8", "9");
    assertThat(c2.bodies()).isEmpty();
  }

  /** Else the first route would say that the channel has the run, and the second be dropped. */
  @Test
  void twoRoutesToOneChannelAreOneAppend() throws Exception {
    Selector evenFirst =
        batch ->
            List.of(
                new Selector.Route(
                    filter(batch, n -> n % 2 == 0), new Selector.Targets(List.of("c1"), List.of())),
                new Selector.Route(
                    filter(batch, n -> n % 2 == 1),
                    new Selector.Targets(List.of("c2"), List.of("c1"))));
    SourceOutput output = output(List.of(), evenFirst);
    emit(output, 0, 6);
    emit(output, 0, 6);
    assertThat(c1.bodies()).containsExactly("0", "2", "4", "1", "3", "5");
    assertThat(c2.bodies()).containsExactly("1", "3", "5");
    assertThat(c1.runs).containsExactly("0+6");
  }

  @Test
  void anOptionalChannelThatRefusesCostsNobodyElse() throws Exception {
    Selector selector =
        batch ->
            List.of(new Selector.Route(batch, new Selector.Targets(List.of("c1"), List.of("c2"))));
    SourceOutput output = output(List.of(), selector);
    c2.isFull = true;
    emit(output, 0, 10);
    assertThat(c1.bodies()).isEqualTo(numbers(0, 10));
    assertThat(metrics.counter("OptionalChannelEventFailCount").value()).isEqualTo(10);
  }

  @Test
  void anOptionalChannelThatThrowsOrNeverAnswersIsNotWaitedFor() throws Exception {
    SourceOutput output = output(List.of(), optionalSecond());
    c2.defect = new IllegalStateException("a defect");
    emit(output, 0, 10);
    c2.defect = null;
    c2.isSilent = true;
    emit(output, 10, 20);
    assertThat(c1.bodies()).isEqualTo(numbers(0, 20));
    assertThat(metrics.counter("OptionalChannelEventFailCount").value()).isEqualTo(10);
    assertThat(metrics.counter("EventAcceptedCount").value()).isEqualTo(20);
  }

  // What waits to be tried again is in memory: for a channel that is only optional nothing may.
  @Test
  void piecesThatAnOptionalChannelHasNoRoomForAreTriedOnce() throws Exception {
    channel("c3", 4);
    SourceOutput output = output(List.of(), optionalSecond());
    c2.fullOnceAt = 4;
    emit(output, 0, 10);
    assertThat(c1.bodies()).isEqualTo(numbers(0, 10));
    assertThat(c2.bodies()).containsExactly("0", "1", "2", "3", "8", "9");
    assertThat(metrics.counter("OptionalChannelEventFailCount").value()).isEqualTo(10);
  }

  @Test
  void soArePiecesOfABatchWithoutAnOrigin() throws Exception {
    ToyChannel required = new ToyChannel(100, false);
    ToyChannel small = new ToyChannel(4, false);
    small.fullAt.add(1);
    SourceOutput output =
        new SourceOutput(
            "r1",
            List.of(),
            optionalSecond(),
            Map.of(
                "c1", new MeteredChannel(required, agent.component(MetricKind.CHANNEL, "c1")),
                "c2", new MeteredChannel(small, agent.component(MetricKind.CHANNEL, "c2"))),
            metrics);
    output.emit(batch(0, 10)).get(60, TimeUnit.SECONDS);
    assertThat(required.eventCount()).isEqualTo(10);
    assertThat(metrics.counter("OptionalChannelEventFailCount").value()).isEqualTo(10);
    assertThat(small.eventCount()).isEqualTo(6);
  }

  private static Selector optionalSecond() {
    return batch ->
        List.of(new Selector.Route(batch, new Selector.Targets(List.of("c1"), List.of("c2"))));
  }

  @Test
  void whatAChannelHadIsNoPut() throws Exception {
    ComponentMetrics own = agent.component(MetricKind.CHANNEL, "c1");
    MeteredChannel metered = new MeteredChannel(c1, own);
    Origin run = new Origin(new UUID(1, 2), 0, 0, 10);
    metered.append(batch(0, 10), run).get(60, TimeUnit.SECONDS);
    metered.append(batch(0, 10), run).get(60, TimeUnit.SECONDS);
    assertThat(own.counter("EventPutSuccessCount").value()).isEqualTo(10);
    assertThat(own.counter("EventPutAttemptCount").value()).isEqualTo(10);
  }

  @Test
  void anOriginOfAnotherNumberOfEventsIsADefectOfTheSource() {
    SourceOutput output = output(List.of(), replicating());
    Origin run = new Origin(new UUID(1, 2), 0, 0, 9);
    assertThatThrownBy(() -> output.emit(batch(0, 10), run))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("9 events (expected: 10");
  }

  private RememberingChannel channel(String name, int transactionCapacity) {
    RememberingChannel channel = new RememberingChannel(transactionCapacity);
    channels.put(name, channel);
    return channel;
  }

  private SourceOutput output(List<Interceptor> interceptors, Selector selector) {
    return new SourceOutput("r1", interceptors, selector, channels, metrics);
  }

  private Selector replicating() {
    return batch ->
        List.of(
            new Selector.Route(
                batch, new Selector.Targets(List.copyOf(channels.keySet()), List.of())));
  }

  private static Selector evenToFirstOddToSecond() {
    return batch ->
        List.of(
            new Selector.Route(
                filter(batch, n -> n % 2 == 0), new Selector.Targets(List.of("c1"), List.of())),
            new Selector.Route(
                filter(batch, n -> n % 2 == 1), new Selector.Targets(List.of("c2"), List.of())));
  }

  private static Interceptor dropping(Predicate<Integer> isDropped) {
    return batch -> filter(batch, isDropped.negate());
  }

  private static EventBatch filter(EventBatch batch, Predicate<Integer> isKept) {
    EventBatch.Builder kept = EventBatch.builder();
    for (EventView event : batch) {
      if (isKept.test(Integer.parseInt(event.bodyText()))) {
        kept.add(event);
      }
    }
    return kept.build();
  }

  private static void emit(SourceOutput output, int from, int to) throws Exception {
    output
        .emit(batch(from, to), new Origin(new UUID(1, 2), 0, from, to - from))
        .get(60, TimeUnit.SECONDS);
  }

  private static EventBatch batch(int from, int to) {
    List<EventBatch> events = new ArrayList<>();
    for (String number : numbers(from, to)) {
      events.add(EventBatch.of(Map.of(), number.getBytes(StandardCharsets.UTF_8)));
    }
    return EventBatch.join(events);
  }

  private static List<String> numbers(int from, int to) {
    List<String> numbers = new ArrayList<>();
    for (int i = from; i < to; i++) {
      numbers.add(Integer.toString(i));
    }
    return numbers;
  }

  /** Knows every sequence it had by itself: simple enough to trust. Never blocks, never waits. */
  private static final class RememberingChannel implements Channel {
    private final int transactionCapacity;
    private final TreeSet<Long> had = new TreeSet<>();
    private final List<String> bodies = new ArrayList<>();
    final List<String> runs = new ArrayList<>();
    boolean isFull;

    /** Takes everything and answers nothing. */
    boolean isSilent;

    RuntimeException defect;

    /** The run that begins here finds no room the first time. */
    long fullOnceAt = -1;

    RememberingChannel(int transactionCapacity) {
      this.transactionCapacity = transactionCapacity;
    }

    synchronized List<String> bodies() {
      return List.copyOf(bodies);
    }

    @Override
    public CompletableFuture<Void> append(EventBatch batch) {
      throw new AssertionError("append without an origin");
    }

    @Override
    public synchronized CompletableFuture<Intake> append(EventBatch batch, Origin origin) {
      if (defect != null) {
        throw defect;
      }
      if (isSilent) {
        return new CompletableFuture<>();
      }
      List<Long> cuts = new ArrayList<>();
      for (long s = origin.first() + 1; s < origin.end(); s++) {
        if (had.contains(s) != had.contains(s - 1)) {
          cuts.add(s);
        }
      }
      if (!cuts.isEmpty()) {
        return CompletableFuture.completedFuture(new Intake.Partly(cuts));
      }
      if (had.contains(origin.first())) {
        return CompletableFuture.completedFuture(Intake.HAD);
      }
      if (isFull || fullOnceAt == origin.first()) {
        fullOnceAt = -1;
        return CompletableFuture.failedFuture(new ChannelFullException("full"));
      }
      assertThat(batch.eventCount()).isLessThanOrEqualTo(transactionCapacity);
      runs.add(origin.first() + "+" + origin.count());
      for (long s = origin.first(); s < origin.end(); s++) {
        had.add(s);
      }
      for (EventView event : batch) {
        bodies.add(event.bodyText());
      }
      return CompletableFuture.completedFuture(Intake.APPENDED);
    }

    @Override
    public Delivery take(int maxEvents, long maxBytes) {
      return null;
    }

    @Override
    public boolean awaitEvents(Duration timeout) {
      return false;
    }

    @Override
    public long eventCount() {
      return bodies.size();
    }

    @Override
    public long capacity() {
      return Long.MAX_VALUE;
    }

    @Override
    public int transactionCapacity() {
      return transactionCapacity;
    }

    @Override
    public boolean isDurable() {
      return false;
    }
  }
}
