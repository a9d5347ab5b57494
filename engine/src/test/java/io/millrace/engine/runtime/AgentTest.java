/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ChannelFullException;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Outcome;
import io.millrace.api.Selector;
import io.millrace.api.SelectorOptions;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.ChannelDefinition;
import io.millrace.engine.model.InterceptorDefinition;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SourceDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The runtime with toy components: what the engine promises whatever the component does. */
class AgentTest {
  private final ToySource source = new ToySource();
  private final ToyChannel channel = new ToyChannel(100, true);
  private final ToyChannel second = new ToyChannel(100, true);
  private final ToySink sink = new ToySink(1);
  private Agent agent;

  /** Selects as the test says. */
  record ToySelector(Selector selector, List<String> optional) implements SelectorOptions {
    @Override
    public Selector build(List<String> channels) {
      return selector;
    }

    @Override
    public List<String> optionalChannels(List<String> channels) {
      return optional;
    }
  }

  @AfterEach
  void stop() {
    if (agent != null) {
      agent.stop(Duration.ofSeconds(2));
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static Selector to(List<String> required, List<String> optional) {
    return batch -> List.of(new Selector.Route(batch, new Selector.Targets(required, optional)));
  }

  private void run(ToySelector selector, List<InterceptorDefinition> interceptors, int batchSize) {
    agent =
        Agent.create(
            new AgentDefinition(
                "a1",
                List.of(
                    new ChannelDefinition("c1", "toy", new ToyChannel.Options(channel)),
                    new ChannelDefinition("c2", "toy", new ToyChannel.Options(second))),
                List.of(
                    new SourceDefinition(
                        "r1",
                        "toy",
                        new ToySource.Options(source),
                        interceptors,
                        selector,
                        List.of("c1", "c2"))),
                List.of(
                    new SinkDefinition(
                        "k1", "toy", new ToySink.Options(sink, batchSize), "c1", batchSize))));
    agent.start();
  }

  private void run() {
    run(new ToySelector(to(List.of("c1"), List.of()), List.of()), List.of(), 10);
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(String::valueOf).toList();
  }

  private String metric(String component, String name) {
    return agent.metrics().snapshot().get(component).get(name);
  }

  @Test
  void eventsReachTheSinkInOrderAndAreCountedUnderFlumesNames() {
    run();
    assertThat(source.emit(0, 25)).succeedsWithin(Duration.ofSeconds(60));
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(0, 25)));
    await().untilAsserted(() -> assertThat(channel.eventCount()).isZero());
    assertThat(metric("SOURCE.r1", "EventReceivedCount")).isEqualTo("25");
    assertThat(metric("SOURCE.r1", "EventAcceptedCount")).isEqualTo("25");
    assertThat(metric("CHANNEL.c1", "EventPutSuccessCount")).isEqualTo("25");
    assertThat(metric("CHANNEL.c1", "ChannelSize")).isEqualTo("0");
    await()
        .untilAsserted(
            () -> assertThat(metric("CHANNEL.c1", "EventTakeSuccessCount")).isEqualTo("25"));
    await()
        .untilAsserted(
            () -> assertThat(metric("SINK.k1", "EventDrainSuccessCount")).isEqualTo("25"));
    assertThat(metric("SINK.k1", "BatchCompleteCount")).isEqualTo("2");
    assertThat(metric("SINK.k1", "BatchUnderflowCount")).isEqualTo("1");
  }

  @Test
  void aFailedDeliveryIsTriedAgainAndNothingIsLostOrReordered() {
    AtomicInteger tries = new AtomicInteger();
    sink.answer =
        batch ->
            tries.incrementAndGet() <= 3
                ? CompletableFuture.failedFuture(new TransientException("peer away"))
                : sink.deliverAll(batch);
    run();
    source.emit(0, 30);
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(0, 30)));
    assertThat(metric("SINK.k1", "EventWriteFail")).isEqualTo("3");
  }

  @Test
  void aSinkThatThrowsIsTreatedAsAFailedDelivery() {
    AtomicInteger tries = new AtomicInteger();
    sink.answer =
        batch -> {
          if (tries.incrementAndGet() == 1) {
            throw new IllegalStateException("defect");
          }
          return sink.deliverAll(batch);
        };
    run();
    source.emit(0, 5);
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(0, 5)));
  }

  @Test
  void partlyDeliveredBatchesAreSettledEventByEvent() {
    AtomicInteger tries = new AtomicInteger();
    sink.answer =
        batch -> {
          if (tries.incrementAndGet() == 1) {
            sink.deliverAll(batch.slice(0, 4));
            return CompletableFuture.completedFuture(
                Outcome.builder().retry(5, 10).reject(4, "no such table").build());
          }
          return sink.deliverAll(batch);
        };
    run();
    source.emit(0, 10);
    List<String> expected = new ArrayList<>(numbers(0, 10));
    expected.remove("4");
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(expected));
    await().untilAsserted(() -> assertThat(channel.eventCount()).isZero());
    assertThat(metric("SINK.k1", "EventRejectedCount")).isEqualTo("1");
  }

  @Test
  void asManyDeliveriesAreInFlightAsTheSinkWantsAndNoMore() {
    ToySink wide = new ToySink(3);
    wide.answer = wide::keepOpen;
    ToySource in = new ToySource();
    agent =
        Agent.create(
            new AgentDefinition(
                "a1",
                List.of(new ChannelDefinition("c1", "toy", new ToyChannel.Options(channel))),
                List.of(
                    new SourceDefinition(
                        "r1",
                        "toy",
                        new ToySource.Options(in),
                        List.of(),
                        new ToySelector(to(List.of("c1"), List.of()), List.of()),
                        List.of("c1"))),
                List.of(new SinkDefinition("k1", "toy", new ToySink.Options(wide, 1), "c1", 1))));
    agent.start();
    in.emit(0, 10);
    await().untilAsserted(() -> assertThat(wide.open).hasSize(3));
    wide.open.get(1).complete(Outcome.delivered());
    await().untilAsserted(() -> assertThat(wide.open).hasSize(4));
    assertThat(metric("SINK.k1", "DeliveriesInFlight")).isEqualTo("3");
    wide.answer = wide::deliverAll;
    List.copyOf(wide.open).forEach(open -> open.complete(Outcome.delivered()));
    await().untilAsserted(() -> assertThat(channel.eventCount()).isZero());
  }

  @Test
  void appendsAreCutToTheTransactionCapacity() {
    run();
    assertThat(source.emit(0, 250)).succeedsWithin(Duration.ofSeconds(60));
    assertThat(channel.largestAppend).isEqualTo(100);
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(0, 250)));
  }

  /** Promise 8: a batch that is partly in must not be refused, or its sender repeats what is in. */
  @Test
  void onceAPieceIsInTheOthersAreTriedUntilTheyAreInToo() {
    channel.fullAt.addAll(List.of(1, 3));
    run();
    assertThat(source.emit(0, 250)).succeedsWithin(Duration.ofSeconds(60));
    await().untilAsserted(() -> assertThat(sink.delivered).hasSize(250));
    assertThat(sink.delivered).containsExactlyInAnyOrderElementsOf(numbers(0, 250));
  }

  @Test
  void aBatchOfWhichNoPieceFoundRoomIsRefused() {
    channel.fullAt.addAll(List.of(0, 1, 2));
    run();
    assertThat(source.emit(0, 250))
        .failsWithin(Duration.ofSeconds(60))
        .withThrowableThat()
        .withCauseInstanceOf(ChannelFullException.class);
    assertThat(channel.eventCount()).isZero();
  }

  @Test
  void aSinkWhoseClassesCannotBeLoadedIsTriedAgain() {
    AtomicInteger tries = new AtomicInteger();
    sink.answer =
        batch -> {
          if (tries.incrementAndGet() == 1) {
            throw new NoClassDefFoundError("org/example/Missing");
          }
          return tries.get() == 2 ? null : sink.deliverAll(batch);
        };
    run();
    source.emit(0, 5);
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(0, 5)));
    assertThat(Long.parseLong(metric("SINK.k1", "EventWriteFail"))).isGreaterThanOrEqualTo(2);
  }

  @Test
  void aFailedRequiredChannelIsReportedAndAFailedOptionalOneIsNot() {
    second.appendFailure = new ChannelFullException("full");
    run(new ToySelector(to(List.of("c1"), List.of("c2")), List.of("c2")), List.of(), 10);
    assertThat(source.emit(0, 2)).succeedsWithin(Duration.ofSeconds(60));
    assertThat(metric("SOURCE.r1", "OptionalChannelEventFailCount")).isEqualTo("2");
    channel.appendFailure = new ChannelFullException("full");
    assertThat(source.emit(2, 4))
        .failsWithin(Duration.ofSeconds(60))
        .withThrowableThat()
        .withCauseInstanceOf(ChannelFullException.class);
    assertThat(metric("SOURCE.r1", "ChannelWriteFail")).isEqualTo("1");
    assertThat(metric("SOURCE.r1", "EventAcceptedCount")).isEqualTo("2");
  }

  @Test
  void eventsWithoutAnyChannelAreCounted() {
    run(new ToySelector(to(List.of(), List.of()), List.of()), List.of(), 10);
    assertThat(source.emit(0, 7)).succeedsWithin(Duration.ofSeconds(60));
    assertThat(metric("SOURCE.r1", "EventUnroutedCount")).isEqualTo("7");
  }

  @Test
  void interceptorsRunInOrderAndMayDropEverything() {
    List<InterceptorDefinition> interceptors =
        List.of(
            new InterceptorDefinition(
                "i1", "toy", context -> batch -> batch.slice(0, Math.min(5, batch.eventCount()))),
            new InterceptorDefinition(
                "i2",
                "toy",
                context -> batch -> batch.eventCount() < 5 ? EventBatch.EMPTY : batch.slice(3, 5)));
    run(new ToySelector(to(List.of("c1"), List.of()), List.of()), interceptors, 10);
    assertThat(source.emit(0, 10)).succeedsWithin(Duration.ofSeconds(60));
    assertThat(source.emit(0, 2)).succeedsWithin(Duration.ofSeconds(60));
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(3, 5)));
  }

  @Test
  void anInterceptorThatThrowsFailsTheBatchAndNothingElse() {
    List<InterceptorDefinition> interceptors =
        List.of(
            new InterceptorDefinition(
                "i1",
                "toy",
                context ->
                    batch -> {
                      for (EventView event : batch) {
                        if (event.bodyText().equals("13")) {
                          throw new IllegalStateException("defect");
                        }
                      }
                      return batch;
                    }));
    run(new ToySelector(to(List.of("c1"), List.of()), List.of()), interceptors, 10);
    assertThat(source.emit(10, 20)).failsWithin(Duration.ofSeconds(60));
    assertThat(source.emit(20, 22)).succeedsWithin(Duration.ofSeconds(60));
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(20, 22)));
  }

  @Test
  void aComponentThatCannotStartIsTriedAgainWhileTheOthersRun() {
    sink.startFailure = new TransientException("port 4141 is in use");
    run();
    assertThat(source.emit(0, 3)).succeedsWithin(Duration.ofSeconds(60));
    assertThat(agent.statuses())
        .anySatisfy(
            status -> {
              assertThat(status.component()).isEqualTo("SINK.k1");
              assertThat(status.state()).isEqualTo(ComponentStatus.State.RETRYING);
              assertThat(status.detail()).contains("port 4141");
            });
    sink.startFailure = null;
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(0, 3)));
  }

  @Test
  void aChannelThatCannotBeReadIsTriedAgain() {
    channel.takeFailure = new StorageException("disk away", null);
    run();
    source.emit(0, 3);
    await().untilAsserted(() -> assertThat(metric("SINK.k1", "ChannelReadFail")).isNotEqualTo("0"));
    channel.takeFailure = null;
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(0, 3)));
  }

  /** Promise 7: an orderly stop drains memory channels. */
  @Test
  void aStopDrainsMemoryChannels() {
    ToyChannel memory = new ToyChannel(100, false);
    ToySource in = new ToySource();
    AtomicInteger tries = new AtomicInteger();
    sink.answer =
        batch ->
            tries.incrementAndGet() <= 2
                ? CompletableFuture.failedFuture(new TransientException("slow"))
                : sink.deliverAll(batch);
    agent = memoryAgent(in, memory);
    agent.start();
    in.emit(0, 95);
    assertThat(agent.stop(Duration.ofSeconds(60))).isTrue();
    assertThat(sink.delivered).isEqualTo(numbers(0, 95));
    assertThat(in.stopped && sink.stopped && memory.stopped).isTrue();
  }

  /** Promise 7: an orderly stop ends in time even when a sink hangs; promise 12: and says so. */
  @Test
  void aStopEndsInTimeWhenASinkNeverAnswers() {
    ToyChannel memory = new ToyChannel(100, false);
    ToySource in = new ToySource();
    sink.answer = sink::keepOpen;
    agent = memoryAgent(in, memory);
    agent.start();
    in.emit(0, 5);
    await().untilAsserted(() -> assertThat(sink.open).hasSize(1));
    long begin = System.nanoTime();
    assertThat(agent.stop(Duration.ofSeconds(1))).isFalse();
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(30));
  }

  /** Promise 7: nor does a component whose start hangs hold up the stop of the others. */
  @Test
  void aStopEndsInTimeWhenAStartHangs() {
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch released = new CountDownLatch(1);
    ToySink stuck = new ToySink(1);
    stuck.onStart =
        () -> {
          if (stuck.starts == 1) {
            throw new TransientException("disk away");
          }
          hangs.countDown();
          awaitQuietly(released);
        };
    agent =
        Agent.create(
            new AgentDefinition(
                "a1",
                List.of(new ChannelDefinition("c1", "toy", new ToyChannel.Options(channel))),
                List.of(),
                List.of(
                    new SinkDefinition("k1", "toy", new ToySink.Options(stuck, 10), "c1", 10))));
    agent.start();
    await().until(() -> hangs.getCount() == 0);
    agent.stop(Duration.ofSeconds(1));
    assertThat(channel.refusesAppends && channel.stopped).isTrue();
    released.countDown();
    await().untilAsserted(() -> assertThat(stuck.stopped).isTrue());
    assertThat(agent.statuses())
        .allSatisfy(status -> assertThat(status.state()).isEqualTo(ComponentStatus.State.STOPPED));
  }

  private Agent memoryAgent(ToySource in, ToyChannel memory) {
    return Agent.create(
        new AgentDefinition(
            "a1",
            List.of(new ChannelDefinition("c1", "toy", new ToyChannel.Options(memory))),
            List.of(
                new SourceDefinition(
                    "r1",
                    "toy",
                    new ToySource.Options(in),
                    List.of(),
                    new ToySelector(to(List.of("c1"), List.of()), List.of()),
                    List.of("c1"))),
            List.of(new SinkDefinition("k1", "toy", new ToySink.Options(sink, 10), "c1", 10))));
  }

  @Test
  void afterAStopEventsAreRefusedNotSwallowed() {
    run();
    agent.stop(Duration.ofSeconds(2));
    assertThat(source.emit(0, 1))
        .failsWithin(Duration.ofSeconds(60))
        .withThrowableThat()
        .withCauseInstanceOf(TransientException.class);
  }

  @Test
  void beansCarryFlumesObjectNames() throws Exception {
    run();
    source.emit(0, 4);
    var server = java.lang.management.ManagementFactory.getPlatformMBeanServer();
    var name = new javax.management.ObjectName("org.apache.flume.source:type=r1");
    assertThat(server.getAttribute(name, "EventReceivedCount")).isEqualTo(4L);
    assertThat(server.getAttribute(name, "Type")).isEqualTo("SOURCE");
    Map<String, String> channelValues = agent.metrics().snapshot().get("CHANNEL.c1");
    assertThat(channelValues).containsKeys("ChannelFillPercentage", "StartTime", "StopTime");
    agent.stop(Duration.ofSeconds(2));
    assertThat(server.isRegistered(name)).isFalse();
  }
}
