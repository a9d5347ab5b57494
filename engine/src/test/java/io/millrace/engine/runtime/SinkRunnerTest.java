/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static io.millrace.engine.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Outcome;
import io.millrace.engine.metrics.AgentMetrics;
import io.millrace.engine.metrics.MetricKind;
import io.millrace.engine.model.SinkDefinition;
import io.millrace.engine.model.SinkGroupDefinition;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** How a runner comes to its end. */
class SinkRunnerTest {
  private final ToyChannel channel = new ToyChannel(100, true);
  private final ToySink sink = new ToySink(1);

  /**
   * Promise 8: the stop comes while the runner takes a delivery, which it then still sends. Holding
   * the channel's monitor keeps the runner in its take.
   */
  @Test
  void aDeliveryTakenWhileTheStopComesIsSettledBeforeTheRunnerCountsAsStopped() {
    sink.answer = sink::keepOpen;
    try (AgentMetrics metrics = new AgentMetrics(ManagementFactory.getPlatformMBeanServer())) {
      SinkRunner runner = runner(metrics);
      CompletableFuture<Long> leftAtTheEnd;
      synchronized (channel) {
        channel.append(ToySource.numbered(0, 5));
        runner.start();
        await().until(SinkRunnerTest::runnerWaitsForTheChannel);
        runner.stop();
        long deadline = System.nanoTime() + Duration.ofMinutes(2).toNanos();
        leftAtTheEnd = CompletableFuture.supplyAsync(() -> eventsLeftOnceStopped(runner, deadline));
      }
      await().until(() -> sink.open.size() == 1);
      await().until(() -> threadState() == null);
      assertThat(leftAtTheEnd).isNotDone();
      sink.open.get(0).complete(Outcome.delivered());
      assertThat(leftAtTheEnd).succeedsWithin(Duration.ofMinutes(3)).isEqualTo(0L);
    }
  }

  @Test
  void aDefectWhereADeliveryIsSettledCostsAPauseAndNoEvent() {
    channel.acknowledgeDefect = new StackOverflowError("defect");
    channel.append(ToySource.numbered(0, 5));
    try (AgentMetrics metrics = new AgentMetrics(ManagementFactory.getPlatformMBeanServer())) {
      SinkRunner runner = runner(metrics);
      runner.start();
      await().until(() -> failedReads(metrics) > 1);
      channel.acknowledgeDefect = null;
      await().until(() -> channel.eventCount() == 0);
      runner.stop();
    }
  }

  @Test
  void aDefectBeforeTheDeliveryIsTheSinksCostsNoEvent() {
    channel.batchDefect = new StackOverflowError("defect");
    channel.append(ToySource.numbered(0, 5));
    try (AgentMetrics metrics = new AgentMetrics(ManagementFactory.getPlatformMBeanServer())) {
      SinkRunner runner = runner(metrics);
      runner.start();
      await().until(() -> failedReads(metrics) > 1);
      channel.batchDefect = null;
      await().until(() -> channel.eventCount() == 0);
      assertThat(sink.delivered).hasSize(5);
      runner.stop();
    }
  }

  private static long failedReads(AgentMetrics metrics) {
    return metrics.component(MetricKind.SINK, "k1").counter("ChannelReadFail").value();
  }

  private SinkRunner runner(AgentMetrics metrics) {
    SinkDefinition definition =
        new SinkDefinition("k1", "toy", new ToySink.Options(sink, 10), "c1", 10);
    return SinkGroupRunners.of(
            SinkGroupDefinition.alone("k1"),
            List.of(
                new SinkGroupRunners.Member(
                    definition,
                    sink,
                    channel,
                    Optional.empty(),
                    metrics.component(MetricKind.SINK, "k1"),
                    new ComponentThreads("a1", "sink", "k1", "test"))),
            group -> metrics.component(MetricKind.SINK_GROUP, group),
            new SplittableRandom(1))
        .get(0);
  }

  private long eventsLeftOnceStopped(SinkRunner runner, long deadlineNanos) {
    try {
      return runner.awaitStopped(deadlineNanos) ? channel.eventCount() : -1;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean runnerWaitsForTheChannel() {
    return threadState() == Thread.State.BLOCKED;
  }

  /** State of the runner's thread; null when it has ended. */
  private static Thread.State threadState() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("a1/sink/k1/test"))
        .map(Thread::getState)
        .findFirst()
        .orElse(null);
  }
}
