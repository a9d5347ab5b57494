/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.agent.AgentProcess;
import io.millrace.bench.agent.Flow;
import io.millrace.bench.agent.HeapWatch;
import io.millrace.bench.agent.Ports;
import io.millrace.bench.agent.Product;
import io.millrace.bench.load.LoadGenerator;
import io.millrace.bench.load.Scenario;
import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.machine.Pause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * A channel of Millrace that fills while nothing is taken, then an agent that is started over it
 * and empties it; looked at all the while. Confined to one thread.
 */
public final class Backlog {
  /** Room for what clients have under way beyond the last event asked for. */
  private static final long SPARE_CAPACITY = 1_000_000;

  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);

  private final Plan plan;
  private final Path directory;
  private final List<Sample> samples = new ArrayList<>();
  private long originNanos;

  private Backlog(Plan plan, Path directory) {
    this.plan = plan;
    this.directory = directory;
  }

  /**
   * What is run.
   *
   * @param limit of each of the two phases
   */
  public record Plan(
      Scenario scenario, long events, List<String> jvmOptions, Duration interval, Duration limit) {}

  /** What the agent was doing. */
  public enum Phase {
    FILL,
    DRAIN
  }

  /**
   * What was seen at one moment.
   *
   * @param seconds since the first agent was started
   * @param eventsPut and {@code eventsTaken}: since the agent of this phase was started
   * @param heapUsedBytes null before the first figure
   */
  public record Sample(
      double seconds,
      Phase phase,
      long eventsPut,
      long eventsTaken,
      long eventsInside,
      Long heapUsedBytes,
      long rssBytes) {}

  /**
   * The run.
   *
   * @param fillSeconds from the first request to the last answer
   * @param diskBytes of the channel's directories when it was full
   * @param drainStartSeconds from the start of the second process until takes were seen
   * @param drainSeconds from there until the channel was empty
   * @param drainedEvents in that time
   */
  public record Result(
      List<Sample> samples,
      long filledEvents,
      double fillSeconds,
      long diskBytes,
      double stopSeconds,
      double drainStartSeconds,
      double drainSeconds,
      long drainedEvents,
      long fillPeakRssBytes,
      long drainPeakRssBytes) {}

  public static Result run(Plan plan) throws IOException, InterruptedException {
    Path directory = BenchDirectories.fresh("backlog");
    try {
      return new Backlog(plan, directory).run();
    } finally {
      BenchDirectories.delete(directory);
    }
  }

  private Result run() throws IOException, InterruptedException {
    BenchDirectories.settle();
    long filledEvents;
    double fillSeconds;
    double stopSeconds;
    long fillPeakRssBytes;
    try (AgentProcess agent =
            AgentProcess.start(Product.MILLRACE, flow(new Flow.NoSink()), plan.jvmOptions());
        HeapWatch heap = HeapWatch.start(agent.facts().pid(), plan.interval())) {
      originNanos = agent.startNanos();
      long startNanos = System.nanoTime();
      filledEvents = fill(agent, heap);
      fillSeconds = (System.nanoTime() - startNanos) / 1e9;
      fillPeakRssBytes = agent.facts().peakRssBytes();
      stopSeconds = agent.stop().toNanos() / 1e9;
    }
    long diskBytes = bytesIn(directory.resolve("data"));
    try (AgentProcess agent =
        AgentProcess.launch(Product.MILLRACE, flow(new Flow.NullSink()), plan.jvmOptions())) {
      Sample first = awaitFirstTake(agent);
      samples.add(first);
      try (HeapWatch heap = HeapWatch.start(agent.facts().pid(), plan.interval())) {
        Sample last = drain(agent, heap);
        return new Result(
            samples,
            filledEvents,
            fillSeconds,
            diskBytes,
            stopSeconds,
            first.seconds() - (agent.startNanos() - originNanos) / 1e9,
            last.seconds() - first.seconds(),
            last.eventsTaken() - first.eventsTaken(),
            fillPeakRssBytes,
            agent.facts().peakRssBytes());
      }
    }
  }

  private Flow flow(Flow.Sink sink) throws IOException {
    return new Flow(directory, Ports.free(1)[0], plan.events() + SPARE_CAPACITY, sink);
  }

  private long fill(AgentProcess agent, HeapWatch heap) throws IOException, InterruptedException {
    int batchEvents = plan.scenario().batchEvents();
    long requests = (plan.events() + batchEvents - 1) / batchEvents;
    long deadlineNanos = System.nanoTime() + plan.limit().toNanos();
    samples.add(sample(agent, Phase.FILL, heap.usedBytes()));
    try (LoadGenerator load = LoadGenerator.start(agent.source(), plan.scenario(), requests)) {
      long dueNanos = System.nanoTime() + plan.interval().toNanos();
      while (load.isRunning() && System.nanoTime() - deadlineNanos < 0) {
        Pause.of(POLL_INTERVAL);
        if (System.nanoTime() - dueNanos >= 0) {
          samples.add(sample(agent, Phase.FILL, heap.usedBytes()));
          dueNanos = System.nanoTime() + plan.interval().toNanos();
        }
      }
      load.stop();
      samples.add(sample(agent, Phase.FILL, heap.usedBytes()));
      return load.ledger().requestsOk() * batchEvents;
    }
  }

  private Sample awaitFirstTake(AgentProcess agent) throws IOException, InterruptedException {
    while (true) {
      try {
        Sample sample = sample(agent, Phase.DRAIN, OptionalLong.empty());
        if (sample.eventsTaken() > 0) {
          return sample;
        }
      } catch (IOException e) {
        agent.requireAlive(); // no metrics yet
      }
      if (agent.age().compareTo(plan.limit()) > 0) {
        throw new IOException("nothing was taken within " + plan.limit() + " of the start");
      }
      Pause.of(POLL_INTERVAL);
    }
  }

  private Sample drain(AgentProcess agent, HeapWatch heap)
      throws IOException, InterruptedException {
    long deadlineNanos = System.nanoTime() + plan.limit().toNanos();
    long dueNanos = System.nanoTime() + plan.interval().toNanos();
    while (true) {
      agent.requireAlive();
      Sample sample = sample(agent, Phase.DRAIN, heap.usedBytes());
      boolean isEnd = sample.eventsInside() == 0 || System.nanoTime() - deadlineNanos > 0;
      if (isEnd || System.nanoTime() - dueNanos >= 0) {
        samples.add(sample);
        dueNanos = System.nanoTime() + plan.interval().toNanos();
      }
      if (isEnd) {
        return sample;
      }
      Pause.of(POLL_INTERVAL);
    }
  }

  private Sample sample(AgentProcess agent, Phase phase, OptionalLong heapUsedBytes)
      throws IOException, InterruptedException {
    AgentProcess.ChannelMetrics metrics = agent.channelMetrics();
    return new Sample(
        (System.nanoTime() - originNanos) / 1e9,
        phase,
        metrics.eventsPut(),
        metrics.eventsTaken(),
        metrics.eventsInside(),
        heapUsedBytes.isPresent() ? heapUsedBytes.getAsLong() : null,
        agent.facts().rssBytes());
  }

  private static long bytesIn(Path directory) throws IOException {
    long bytes = 0;
    for (Path path : BenchDirectories.deepestFirst(directory)) {
      bytes += Files.isRegularFile(path) ? Files.size(path) : 0;
    }
    return bytes;
  }
}
