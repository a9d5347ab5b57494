/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.TransientException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A start with components that hang in theirs. */
class AgentStartTest {
  private final CountDownLatch released = new CountDownLatch(1);
  private final CountDownLatch hangs = new CountDownLatch(1);
  private final ToyChannel memory = new ToyChannel(100, false);
  private final ToySink sink = new ToySink(1);
  private final ToyAgents base = ToyAgents.EMPTY.channel("c1", memory).sink("k1", sink, "c1");
  private Agent agent;

  @AfterEach
  void stop() {
    released.countDown();
    agent.stop(Duration.ofSeconds(2));
  }

  private ToySource hanging() {
    ToySource source = new ToySource();
    source.onStart =
        () -> {
          hangs.countDown();
          try {
            released.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        };
    return source;
  }

  private void create(ToyAgents agents, Duration stuckAfter) {
    agent =
        Agent.create(
            agents.definition(), new Supervision(stuckAfter, Duration.ofSeconds(60), error -> {}));
  }

  @Test
  void startsThatHangShareOnePatience() {
    ToyAgents agents = base;
    for (int i = 0; i < 40; i++) {
      agents = agents.source("r" + i, hanging(), "c1");
    }
    ToySource works = new ToySource();
    create(agents.source("works", works, "c1"), Duration.ofSeconds(1));
    long begin = System.nanoTime();

    agent.start();

    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isBetween(Duration.ofMillis(900), Duration.ofSeconds(20));
    assertThat(agent.isStarted()).isTrue();
    await().until(() -> works.started);
    assertThat(works.emit(0, 5)).succeedsWithin(Duration.ofSeconds(60));
    await().untilAsserted(() -> assertThat(sink.delivered).hasSize(5));
  }

  /** What a source acknowledged into memory is delivered though another's start hangs. */
  @Test
  void aStopEndsAStartUnderWayAndDrainsWhatCameInMeanwhile() {
    ToySource first = new ToySource();
    ToySource last = new ToySource();
    create(
        base.source("r1", first, "c1").source("r2", hanging(), "c1").source("r3", last, "c1"),
        Duration.ofMinutes(10));
    sink.startFailure = new TransientException("port 4141 is in use");
    CompletableFuture<Void> starting = CompletableFuture.runAsync(agent::start);
    await().until(() -> hangs.getCount() == 0);
    assertThat(first.emit(0, 25)).succeedsWithin(Duration.ofSeconds(60));
    sink.startFailure = null;
    long begin = System.nanoTime();

    assertThat(agent.stop(Duration.ofSeconds(60))).isTrue();

    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(60));
    assertThat(sink.delivered).hasSize(25);
    assertThat(first.stopped && sink.stopped && memory.stopped).isTrue();
    assertThat(starting).succeedsWithin(Duration.ofSeconds(60));
    assertThat(last.starts).isZero();
  }
}
