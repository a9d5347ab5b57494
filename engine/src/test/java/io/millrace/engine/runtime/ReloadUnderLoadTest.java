/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.TransientException;
import io.millrace.engine.model.InterceptorDefinition;
import io.millrace.engine.model.LoadBalance;
import io.millrace.engine.model.SinkGroupDefinition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: whatever changes while events flow, each acknowledged event is delivered exactly once.
 * Method: senders number their events and send each again until it is acknowledged; meanwhile
 * channels, sinks, groups, interceptors and sources are replaced at random.
 */
class ReloadUnderLoadTest {
  private static final int SENDERS = 3;
  private static final int CHANGES = 40;

  /** Events that are sent and not delivered; the toys have no bound of their own. */
  private static final int MAX_UNDER_WAY = 300;

  private final List<String> delivered = Collections.synchronizedList(new ArrayList<>());
  private final AtomicInteger nextEvent = new AtomicInteger();
  private final AtomicBoolean isOver = new AtomicBoolean();
  private final Random random = new Random(seed());

  /** Where senders send: a source that may be replaced at any time. */
  private volatile ToySource live = new ToySource();

  private static long seed() {
    long seed = Long.getLong("reload.seed", System.nanoTime() & 0xffffff);
    System.out.println("reload.seed=" + seed);
    return seed;
  }

  /** Delivers to the list that all sinks share; now and then it fails first. */
  private ToySink sink() {
    ToySink sink = new ToySink(2);
    AtomicInteger calls = new AtomicInteger();
    sink.answer =
        batch ->
            calls.incrementAndGet() % 7 == 3
                ? CompletableFuture.failedFuture(new TransientException("away"))
                : CompletableFuture.supplyAsync(
                    () -> {
                      batch.forEach(event -> delivered.add(event.bodyText()));
                      return io.millrace.api.Outcome.delivered();
                    });
    return sink;
  }

  /** Sends until it is over, and each event until it is acknowledged. */
  private void send() {
    while (!isOver.get()) {
      while (nextEvent.get() - delivered.size() > MAX_UNDER_WAY && !isOver.get()) {
        LockSupport.parkNanos(100_000);
      }
      int number = nextEvent.getAndIncrement();
      boolean isIn = false;
      while (!isIn) {
        try {
          live.emit(number, number + 1).get();
          isIn = true;
        } catch (ExecutionException e) {
          assertThat(e).hasCauseInstanceOf(TransientException.class);
          LockSupport.parkNanos(100_000);
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
    }
  }

  private ToyAgents start(ToyChannel channel) {
    return ToyAgents.EMPTY
        .channel("c1", channel)
        .source("r1", live, "c1")
        .sink("k1", sink(), "c1")
        .sink("k2", sink(), "c1");
  }

  private static InterceptorDefinition passing(int revision) {
    return new InterceptorDefinition(
        "i" + revision, "toy", context -> batch -> batch.slice(0, batch.eventCount()));
  }

  private ToyAgents changed(ToyAgents before, ToyChannel durable, int revision) {
    return switch (random.nextInt(6)) {
      case 0 -> before.sink("k1", sink(), "c1");
      case 1 ->
          before.channel(
              "c1",
              durable == null
                  ? new ToyChannel.Options(new ToyChannel(20 + revision, false))
                  : new ToyChannel.Reopened(durable, revision));
      case 2 -> before.source("r1", live, List.of(passing(revision)), new ToyAgents.ToAll(), "c1");
      case 3 -> before.withGroups(before.groups().isEmpty() ? List.of(group()) : List.of());
      case 4 -> before.sink("k2", sink(), "c1").source("r9", new ToySource(), "c1");
      default -> {
        live = new ToySource();
        yield before.source("r1", live, "c1");
      }
    };
  }

  private static SinkGroupDefinition group() {
    return new SinkGroupDefinition(
        "g1",
        new LoadBalance("round_robin", false, Duration.ofSeconds(1), Map.of()),
        List.of(new SinkGroupDefinition.Member("k1", 0), new SinkGroupDefinition.Member("k2", 0)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void nothingIsLostAndNothingComesTwice(boolean isDurable) {
    ToyChannel first = new ToyChannel(30, isDurable);
    ToyAgents running = start(first);
    Agent agent = Agent.create(running.definition());
    agent.start();
    List<CompletableFuture<Void>> senders = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      senders.add(CompletableFuture.runAsync(this::send, task -> new Thread(task).start()));
    }
    for (int revision = 1; revision <= CHANGES; revision++) {
      running = changed(running, isDurable ? first : null, revision);
      agent.apply(running.definition());
      int before = nextEvent.get();
      await().until(() -> nextEvent.get() > before + SENDERS);
    }
    isOver.set(true);
    senders.forEach(sender -> assertThat(sender).succeedsWithin(Duration.ofSeconds(60)));
    int sent = nextEvent.get();
    await().untilAsserted(() -> assertThat(delivered.size()).isGreaterThanOrEqualTo(sent));
    assertThat(agent.stop(Duration.ofSeconds(60))).isTrue();

    Set<String> distinct = new HashSet<>(delivered);
    assertThat(distinct).as("lost").hasSize(sent);
    assertThat(delivered.size() - distinct.size()).as("duplicates").isZero();
  }

  /** The test above can fail: a channel that is replaced without its events loses them. */
  @Test
  void aChannelThatTakesNothingOverWouldBeSeen() {
    ToyChannel forgetful = new ToyChannel(30, false);
    forgetful.savesAtStop = true;
    ToySink away = new ToySink(1);
    away.answer = batch -> CompletableFuture.failedFuture(new TransientException("away"));
    ToyAgents before =
        ToyAgents.EMPTY.channel("c1", forgetful).source("r1", live, "c1").sink("k1", away, "c1");
    try (Agent agent = Agent.create(before.definition())) {
      agent.start();
      live.emit(0, 5).join();
      agent.apply(
          before.channel("c1", new ToyChannel(31, false)).sink("k1", sink(), "c1").definition());
      live.emit(5, 6).join();
      await().untilAsserted(() -> assertThat(delivered).containsExactly("5"));
    }
  }
}
