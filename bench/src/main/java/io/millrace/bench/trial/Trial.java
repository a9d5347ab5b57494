/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.agent.Product;
import io.millrace.bench.load.Ledger;
import io.millrace.bench.load.LoadGenerator;
import io.millrace.bench.load.Scenario;
import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.machine.Pause;
import io.millrace.bench.report.HotMethods;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** One run of one product under one load: start, warm up, measure, stop, clear away. */
public final class Trial {
  private static final Duration DRAIN_POLL_INTERVAL = Duration.ofMillis(100);
  private static final Duration LOAD_POLL_INTERVAL = Duration.ofMillis(10);

  private static final int HOT_METHOD_ROWS = 15;

  private final Product product;
  private final Scenario scenario;
  private final int round;
  private final Plan plan;

  private Trial(Product product, Scenario scenario, int round, Plan plan) {
    this.product = product;
    this.scenario = scenario;
    this.round = round;
    this.plan = plan;
  }

  /**
   * What is the same for all runs.
   *
   * @param drainSeconds how long the sink may empty the channel after the load; then counts what it
   *     has taken. 0: the agent is killed with what is left
   * @param maxEvents the load ends early when that many were acknowledged
   * @param capacity of each file channel, in events
   * @param jvmOptions of the agents
   */
  public record Plan(
      int warmUpSeconds,
      int measuredSeconds,
      int drainSeconds,
      long maxEvents,
      long capacity,
      Route route,
      List<String> jvmOptions,
      boolean isRecording) {}

  public static Measurement run(Product product, Scenario scenario, int round, Plan plan)
      throws IOException, InterruptedException {
    return new Trial(product, scenario, round, plan).run();
  }

  private Measurement run() throws IOException, InterruptedException {
    String name = product.slug() + "-" + scenario.name();
    Path directory = BenchDirectories.fresh(name);
    BenchDirectories.settle();
    List<String> jvmOptions = new ArrayList<>(plan.jvmOptions());
    Path recording = BenchDirectories.root().resolve("bench/target/jfr/" + name + ".jfr");
    if (plan.isRecording()) {
      Files.createDirectories(recording.getParent());
      jvmOptions.add(
          "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + recording);
    }
    Instant measuredFrom;
    Instant measuredTo;
    Measurement measurement;
    long maxRequests = Math.max(1, plan.maxEvents() / scenario.batchEvents());
    try (Chain chain = Chain.start(product, directory, plan, jvmOptions);
        LoadGenerator load = LoadGenerator.start(chain.source(), scenario, maxRequests)) {
      double startSeconds = chain.age().toMillis() / 1e3;
      long startNanos = System.nanoTime();
      awaitLoad(load, plan.warmUpSeconds());
      if (!load.isRunning()) {
        throw new IOException(
            "the load of "
                + plan.maxEvents()
                + " events ended within the warm-up of "
                + plan.warmUpSeconds()
                + " s; allow more events or warm up for less");
      }
      measuredFrom = Instant.now();
      Snapshot before = Snapshot.take(chain, load);
      awaitLoad(load, plan.measuredSeconds());
      Snapshot after = Snapshot.take(chain, load);
      measuredTo = Instant.now();
      load.stop();
      Double through = null;
      if (plan.route().hasSink() && plan.drainSeconds() > 0) {
        through = throughEventsPerSecond(chain, startNanos);
      }
      long peakRssBytes = chain.peakRssBytes();
      // A recording is written at an orderly stop only.
      Double stopSeconds = null;
      if (plan.drainSeconds() > 0 || plan.isRecording()) {
        stopSeconds = chain.stop().toMillis() / 1e3;
      }
      measurement =
          measurement(
              before, after, through, peakRssBytes, load.ledger(), startSeconds, stopSeconds);
    }
    BenchDirectories.delete(directory);
    if (plan.isRecording()) {
      System.out.println(
          HotMethods.read(recording, measuredFrom, measuredTo).markdown(HOT_METHOD_ROWS));
    }
    return measurement;
  }

  /** Waits until that time has passed or the load has sent all it may. */
  private static void awaitLoad(LoadGenerator load, int seconds) throws InterruptedException {
    long deadlineNanos = System.nanoTime() + Duration.ofSeconds(seconds).toNanos();
    while (load.isRunning() && System.nanoTime() - deadlineNanos < 0) {
      Pause.of(LOAD_POLL_INTERVAL);
    }
    load.check();
  }

  /** Waits until the sink has had everything. */
  private double throughEventsPerSecond(Chain chain, long startNanos)
      throws IOException, InterruptedException {
    long deadlineNanos = System.nanoTime() + Duration.ofSeconds(plan.drainSeconds()).toNanos();
    while (chain.eventsInside() > 0 && System.nanoTime() - deadlineNanos < 0) {
      Pause.of(DRAIN_POLL_INTERVAL);
    }
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return chain.eventsDelivered() / seconds;
  }

  private Measurement measurement(
      Snapshot before,
      Snapshot after,
      Double through,
      long peakRssBytes,
      Ledger ledger,
      double startSeconds,
      Double stopSeconds) {
    double seconds = after.secondsSince(before);
    long requests = after.requestsOk() - before.requestsOk();
    double events = (double) requests * scenario.batchEvents();
    Double drained = null;
    if (plan.route().hasSink()) {
      drained = (after.drainedEvents() - before.drainedEvents()) / seconds;
    }
    return new Measurement(
        product,
        round,
        seconds,
        events / seconds,
        events / seconds * scenario.bodyBytes(),
        drained,
        through,
        after.eventsInside(),
        events == 0 ? null : Double.valueOf(after.agentCpuSince(before) / events * 1e6),
        after.agentCpuSince(before) / seconds,
        after.loadCpuSince(before) / seconds,
        after.otherCpuSince(before) / seconds,
        peakRssBytes,
        ledger.latency(before.requestsOk(), after.requestsOk()),
        ledger.requestsFailed(),
        startSeconds,
        stopSeconds,
        after.threadCpuSince(before));
  }
}
