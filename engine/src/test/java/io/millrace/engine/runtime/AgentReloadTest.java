/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.EventBatch;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import io.millrace.api.TransientException;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.InterceptorDefinition;
import io.millrace.engine.model.LoadBalance;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import io.millrace.engine.runtime.ComponentStatus.State;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;

/** Promise 10: a change of what runs is all or nothing, and touches only what differs. */
class AgentReloadTest extends TwoFlows {
  private State state(String component) {
    return agent.statuses().stream()
        .filter(status -> status.component().equals(component))
        .findFirst()
        .orElseThrow()
        .state();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void theSameDefinitionAgainTouchesNothing() {
    start(before);

    assertThat(agent.apply(before.definition()).isEmpty()).isTrue();

    assertThat(List.of(source.starts, channel.starts, sink.starts)).containsOnly(1);
    assertThat(source.stopped || channel.stopped || sink.stopped).isFalse();
  }

  @Test
  void whatDidNotChangeSeesNoStopAndNoStart() {
    start(before);
    ToySink changed = new ToySink(1);
    ToySource moved = new ToySource();

    TopologyChange change =
        agent.apply(before.sink("k2", changed, "c2").source("r2", moved, "c2").definition());

    assertThat(change.lines())
        .containsExactlyInAnyOrder("sink k2 changes: sink", "source r2 changes: source");
    assertThat(otherSink.stopped && otherSource.stopped).isTrue();
    assertThat(changed.starts + moved.starts).isEqualTo(2);
    assertThat(source.stopped || channel.stopped || sink.stopped || memory.stopped).isFalse();
    assertThat(List.of(source.starts, channel.starts, sink.starts, memory.starts)).containsOnly(1);
    assertThat(source.emit(0, 5)).succeedsWithin(SOON);
    assertThat(moved.emit(0, 5)).succeedsWithin(SOON);
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(0, 5)));
    await().untilAsserted(() -> assertThat(changed.delivered).isEqualTo(numbers(0, 5)));
  }

  @Test
  void whatIsAddedStartsAndWhatIsRemovedStops() {
    start(before);
    ToySource in = new ToySource();
    ToySink out = new ToySink(1);

    agent.apply(
        before
            .without("r2")
            .without("k2")
            .without("c2")
            .channel("c3", new ToyChannel(100, true))
            .source("r3", in, "c3")
            .sink("k3", out, "c3")
            .definition());

    assertThat(otherSource.stopped && otherSink.stopped && memory.stopped).isTrue();
    assertThat(in.emit(0, 5)).succeedsWithin(SOON);
    await().untilAsserted(() -> assertThat(out.delivered).isEqualTo(numbers(0, 5)));
    assertThat(otherSource.emit(0, 1)).failsWithin(SOON);
    assertThat(agent.statuses())
        .extracting(ComponentStatus::component)
        .containsExactly(
            "CHANNEL.c1", "CHANNEL.c3", "SINK.k1", "SINK.k3", "SOURCE.r1", "SOURCE.r3");
  }

  /** A port can be had again only once its last owner has let it go. */
  @Test
  void aChangedSourceHasStoppedBeforeItsSuccessorStarts() {
    AtomicReference<ToySource> port = new AtomicReference<>();
    ToySource next = new ToySource();
    for (ToySource each : List.of(source, next)) {
      each.onStart =
          () -> {
            if (!port.compareAndSet(null, each)) {
              throw new TransientException("port in use");
            }
          };
      each.onStop = () -> port.compareAndSet(each, null);
    }
    start(before);

    agent.apply(before.source("r1", next, "c1").definition());

    assertThat(port.get()).isSameAs(next);
    assertThat(next.starts).isEqualTo(1);
    assertThat(state("SOURCE.r1")).isEqualTo(State.RUNNING);
  }

  @Test
  void aChangedComponentThatCannotStartIsTriedAgainWhileTheOthersRun() {
    ToySource next = new ToySource();
    AtomicBoolean isPortFree = new AtomicBoolean();
    next.onStart =
        () -> {
          if (!isPortFree.get()) {
            throw new TransientException("port in use");
          }
        };
    start(before);

    agent.apply(before.source("r1", next, "c1").definition());

    assertThat(state("SOURCE.r1")).isEqualTo(State.RETRYING);
    assertThat(otherSource.emit(0, 1)).succeedsWithin(SOON);
    isPortFree.set(true);
    await().untilAsserted(() -> assertThat(state("SOURCE.r1")).isEqualTo(State.RUNNING));
  }

  @Test
  void aComponentThatRetriesIsReplacedByOneThatWorks() {
    sink.startFailure = new TransientException("no such host");
    ToySink works = new ToySink(1);
    start(before);
    assertThat(source.emit(0, 5)).succeedsWithin(SOON);
    assertThat(state("SINK.k1")).isEqualTo(State.RETRYING);

    agent.apply(before.sink("k1", works, "c1").definition());

    await().untilAsserted(() -> assertThat(works.delivered).isEqualTo(numbers(0, 5)));
    await().untilAsserted(() -> assertThat(state("SINK.k1")).isEqualTo(State.RUNNING));
  }

  private static List<InterceptorDefinition> firstOnly() {
    return List.of(new InterceptorDefinition("i1", "toy", context -> batch -> batch.slice(0, 1)));
  }

  @Test
  void aChangedInterceptorTakesEffectAndTheSourceGoesOn() {
    start(before);
    assertThat(source.emit(0, 2)).succeedsWithin(SOON);

    agent.apply(before.source("r1", source, firstOnly(), new ToyAgents.ToAll(), "c1").definition());
    assertThat(source.emit(2, 5)).succeedsWithin(SOON);
    agent.apply(before.definition());
    assertThat(source.emit(5, 7)).succeedsWithin(SOON);

    await()
        .untilAsserted(() -> assertThat(sink.delivered).containsExactly("0", "1", "2", "5", "6"));
    assertThat(source.starts).isEqualTo(1);
    assertThat(source.stopped).isFalse();
  }

  @Test
  void aSourceThatGetsAnotherChannelGoesOnAndFillsBoth() {
    start(before);
    ToyChannel added = new ToyChannel(100, true);
    ToySink out = new ToySink(1);

    agent.apply(
        before
            .channel("c3", added)
            .sink("k3", out, "c3")
            .source("r1", source, "c1", "c3")
            .definition());
    assertThat(source.emit(0, 5)).succeedsWithin(SOON);

    await().untilAsserted(() -> assertThat(out.delivered).isEqualTo(numbers(0, 5)));
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(0, 5)));
    assertThat(source.starts).isEqualTo(1);
  }

  @Test
  void membersOfAChangedGroupStartAnewAndOthersGoOn() {
    ToySink member = new ToySink(1);
    ToyAgents grouped = before.sink("k3", member, "c1");
    start(grouped);

    agent.apply(grouped.withGroups(List.of(group("g1", "k1", "k3"))).definition());
    assertThat(agent.apply(grouped.withGroups(List.of(group("g1", "k1", "k3"))).definition()))
        .matches(TopologyChange::isEmpty);

    assertThat(List.of(sink.starts, member.starts)).containsOnly(2);
    assertThat(otherSink.starts).isEqualTo(1);
    assertThat(source.emit(0, 20)).succeedsWithin(SOON);
    await().untilAsserted(() -> assertThat(channel.eventCount()).isZero());
  }

  private static SinkGroupDefinition group(String name, String... sinks) {
    return new SinkGroupDefinition(
        name,
        new LoadBalance("round_robin", false, Duration.ofSeconds(30), Map.of()),
        List.of(sinks).stream().map(each -> new SinkGroupDefinition.Member(each, 0)).toList());
  }

  /** Options of a sink that cannot be built. */
  record Unbuildable(RuntimeException failure) implements SinkOptions {
    @Override
    public io.millrace.api.Sink build(SinkContext context) {
      throw failure;
    }

    @Override
    public int batchSize() {
      return 10;
    }
  }

  private AgentDefinition withUnbuildable(ToyAgents rest, RuntimeException failure) {
    AgentDefinition definition = rest.definition();
    List<SinkDefinition> sinks = new ArrayList<>(definition.sinks());
    sinks.add(new SinkDefinition("k9", "toy", new Unbuildable(failure), "c1", 10));
    return new AgentDefinition("a1", definition.channels(), definition.sources(), sinks);
  }

  @Test
  void aDefinitionThatCannotBeBuiltChangesNothing() {
    start(before);
    ToySource built = new ToySource();
    ToyChannel builtChannel = new ToyChannel(100, true);
    ToyAgents next = before.channel("c3", builtChannel).source("r1", built, "c3");

    assertThatThrownBy(
            () ->
                agent.apply(
                    withUnbuildable(next, new ConfigurationException("path", "no key store"))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("no key store");
    assertThatThrownBy(
            () -> agent.apply(withUnbuildable(next, new IllegalStateException("defect"))))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("defect");

    assertThat(agent.definition()).isEqualTo(before.definition());
    assertThat(source.stopped || channel.stopped || sink.stopped).isFalse();
    assertThat(built.starts + builtChannel.starts).isZero();
    assertThat(builtChannel.stopped).as("what was built is freed").isTrue();
    assertThat(source.emit(0, 5)).succeedsWithin(SOON);
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(0, 5)));
    assertThat(agent.metrics().snapshot()).containsKey("SINK.k1").doesNotContainKey("CHANNEL.c3");
    assertThat(agent.metrics().snapshot().get("SOURCE.r1"))
        .containsEntry("EventAcceptedCount", "5");
  }

  @Test
  void countersOfWhatStaysGoOnAndThoseOfWhatIsNewBeginAtZero() throws Exception {
    start(before);
    assertThat(source.emit(0, 5)).succeedsWithin(SOON);
    assertThat(otherSource.emit(0, 5)).succeedsWithin(SOON);
    ToySource next = new ToySource();

    agent.apply(before.source("r2", next, "c2").without("k1").definition());
    assertThat(next.emit(5, 7)).succeedsWithin(SOON);

    Map<String, Map<String, String>> shown = agent.metrics().snapshot();
    assertThat(shown.get("SOURCE.r1")).containsEntry("EventAcceptedCount", "5");
    assertThat(shown.get("SOURCE.r2")).containsEntry("EventAcceptedCount", "2");
    assertThat(shown).doesNotContainKey("SINK.k1");
    var server = ManagementFactory.getPlatformMBeanServer();
    ObjectName bean = new ObjectName("org.apache.flume.source:type=r2");
    assertThat(server.getAttribute(bean, "EventAcceptedCount")).isEqualTo(2L);
    assertThat(server.isRegistered(new ObjectName("org.apache.flume.sink:type=k1"))).isFalse();
    agent.stop(Duration.ofSeconds(2));
    assertThat(server.isRegistered(bean)).isFalse();
  }

  @Test
  void aChangeWaitsForTheFirstTryOfEveryComponent() {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    source.onStart =
        () -> {
          entered.countDown();
          awaitQuietly(goOn);
        };
    agent = Agent.create(before.definition());
    CompletableFuture<Void> started = CompletableFuture.runAsync(agent::start);
    awaitQuietly(entered);
    ToySink next = new ToySink(1);

    CompletableFuture<TopologyChange> applied =
        CompletableFuture.supplyAsync(
            () -> agent.apply(before.sink("k1", next, "c1").definition()));
    await().during(Duration.ofMillis(200)).until(() -> !applied.isDone() && !sink.stopped);
    goOn.countDown();

    assertThat(started).succeedsWithin(SOON);
    assertThat(applied).succeedsWithin(SOON);
    assertThat(next.starts).isEqualTo(1);
  }

  @Test
  void aStopEndsAChangeUnderWayAndEverythingThatRan() {
    otherSink.answer = batch -> CompletableFuture.failedFuture(new TransientException("away"));
    start(before);
    assertThat(otherSource.emit(0, 5)).succeedsWithin(SOON);
    ToySource added = new ToySource();
    CompletableFuture<TopologyChange> applied =
        CompletableFuture.supplyAsync(
            () ->
                agent.apply(
                    before
                        .without("r2")
                        .without("k2")
                        .without("c2")
                        .source("r3", added, "c1")
                        .definition()));
    await().until(() -> memory.refusesAppends);

    assertThat(agent.stop(Duration.ofSeconds(2))).as("five events were in memory").isFalse();

    assertThat(applied)
        .failsWithin(SOON)
        .withThrowableThat()
        .withCauseInstanceOf(TransientException.class);
    assertThat(source.stopped && channel.stopped && sink.stopped && memory.stopped).isTrue();
    assertThat(added.starts).isZero();
    assertThatThrownBy(() -> agent.apply(before.definition()))
        .isInstanceOf(TransientException.class);
  }

  @Test
  void changesThatComeAtOnceAreMadeOneAfterTheOther() {
    start(before);
    List<CompletableFuture<TopologyChange>> changes = new ArrayList<>();
    List<ToySink> sinks = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ToySink next = new ToySink(1);
      sinks.add(next);
      changes.add(
          CompletableFuture.supplyAsync(
              () -> agent.apply(before.sink("k1", next, "c1").definition())));
    }
    changes.forEach(change -> assertThat(change).succeedsWithin(SOON));

    assertThat(sinks).allSatisfy(each -> assertThat(each.starts).isEqualTo(1));
    assertThat(sinks.stream().filter(each -> !each.stopped)).hasSize(1);
    assertThat(source.emit(0, 5)).succeedsWithin(SOON);
    await().untilAsserted(() -> assertThat(channel.eventCount()).isZero());
  }

  @Test
  void anotherAgentsDefinitionIsRefused() {
    start(before);
    assertThatThrownBy(
            () -> agent.apply(new AgentDefinition("a2", List.of(), List.of(), List.of())))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a2");
  }

  @Test
  void batchesKeepTheirOrderOverAChangeOfTheWay() {
    start(before);
    for (int i = 0; i < 40; i++) {
      assertThat(source.output.emit(EventBatch.of(Map.of(), ("" + i).getBytes()))).isNotNull();
      boolean withInterceptor = i % 2 == 0;
      agent.apply(
          withInterceptor
              ? before.source("r1", source, firstOnly(), new ToyAgents.ToAll(), "c1").definition()
              : before.definition());
    }
    await().untilAsserted(() -> assertThat(sink.delivered).isEqualTo(numbers(0, 40)));
  }
}
