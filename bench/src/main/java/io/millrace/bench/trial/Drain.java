/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.agent.AgentProcess;
import io.millrace.bench.agent.Flow;
import io.millrace.bench.agent.Product;
import io.millrace.bench.machine.Pause;
import io.millrace.bench.report.ComparisonTable;
import io.millrace.bench.report.Descriptions;
import io.millrace.bench.report.HotMethods;
import io.millrace.bench.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A sink that empties a channel which nothing fills, from the first take that was seen to the last,
 * or for a limited time.
 *
 * @param eventsTaken in that time
 * @param eventsLeft after it; 0 when the channel was emptied
 */
public record Drain(
    Product product,
    int round,
    double seconds,
    long eventsTaken,
    long eventsLeft,
    double eventsPerSecond,
    double cpuSecondsPerMillionEvents,
    long peakRssBytes) {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(10);
  private static final Duration START_LIMIT = Duration.ofMinutes(10);
  private static final int HOT_METHOD_ROWS = 30;
  private static final Afterwards NOTHING = (agent, seconds) -> {};

  /** Puts the filled channel back and empties it. */
  public static Drain measure(FilledChannel channel, int round, Duration limit)
      throws IOException, InterruptedException {
    return measure(channel, new Flow.NullSink(), round, limit);
  }

  /** As {@link #measure(FilledChannel, int, Duration)}, with another sink. */
  public static Drain measure(FilledChannel channel, Flow.Sink sink, int round, Duration limit)
      throws IOException, InterruptedException {
    return measure(channel, sink, round, limit, channel.jvmOptions(), NOTHING);
  }

  /** The same, recorded with JFR into that file; prints the hot methods of the measured time. */
  public static Drain record(
      FilledChannel channel, Flow.Sink sink, int round, Duration limit, Path recording)
      throws IOException, InterruptedException {
    Files.createDirectories(recording.getParent());
    List<String> jvmOptions = new ArrayList<>(channel.jvmOptions());
    jvmOptions.add(
        "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + recording);
    Instant[] measured = new Instant[2];
    Drain drain =
        measure(
            channel,
            sink,
            round,
            limit,
            jvmOptions,
            (agent, seconds) -> {
              measured[1] = Instant.now();
              measured[0] = measured[1].minusMillis((long) (seconds * 1000));
              agent.stop();
            });
    System.out.println(
        HotMethods.read(recording, measured[0], measured[1]).markdown(HOT_METHOD_ROWS));
    return drain;
  }

  /** What is to be done with an agent right after it was measured. */
  private interface Afterwards {
    void with(AgentProcess agent, double seconds) throws IOException, InterruptedException;
  }

  private static Drain measure(
      FilledChannel channel,
      Flow.Sink sink,
      int round,
      Duration limit,
      List<String> jvmOptions,
      Afterwards afterwards)
      throws IOException, InterruptedException {
    channel.restore(FilledChannel.State.STOPPED);
    try (AgentProcess agent =
        AgentProcess.launch(channel.product(), channel.flow(sink), jvmOptions)) {
      Moment first = awaitFirst(agent);
      long deadlineNanos = first.nanos + limit.toNanos();
      Moment last = first;
      while (last.eventsInside > 0 && System.nanoTime() - deadlineNanos < 0) {
        Pause.of(POLL_INTERVAL);
        agent.requireAlive();
        last = Moment.of(agent);
      }
      long taken = last.eventsTaken - first.eventsTaken;
      if (taken == 0) {
        throw new IOException(
            first.eventsTaken
                + " events had been taken when the first was seen, and none after that; fill the"
                + " channel with more");
      }
      double seconds = (last.nanos - first.nanos) / 1e9;
      long peakRssBytes = agent.facts().peakRssBytes();
      afterwards.with(agent, seconds);
      return new Drain(
          channel.product(),
          round,
          seconds,
          taken,
          last.eventsInside,
          taken / seconds,
          (last.cpuSeconds - first.cpuSeconds) / taken * 1e6,
          peakRssBytes);
    }
  }

  /** The moment at which takes are seen first: what was taken until then is not counted. */
  private static Moment awaitFirst(AgentProcess agent) throws IOException, InterruptedException {
    while (true) {
      try {
        Moment moment = Moment.of(agent);
        if (moment.eventsTaken > 0) {
          return moment;
        }
      } catch (IOException e) {
        agent.requireAlive(); // no metrics yet
      }
      if (agent.age().compareTo(START_LIMIT) > 0) {
        throw new IOException("nothing was taken within " + START_LIMIT + " of the start");
      }
      Pause.of(POLL_INTERVAL);
    }
  }

  private record Moment(long nanos, long eventsTaken, long eventsInside, double cpuSeconds) {
    static Moment of(AgentProcess agent) throws IOException, InterruptedException {
      AgentProcess.ChannelMetrics metrics = agent.channelMetrics();
      return new Moment(
          System.nanoTime(),
          metrics.eventsTaken(),
          metrics.eventsInside(),
          agent.facts().cpuSeconds());
    }
  }

  /** What a console shows of it. */
  public String line() {
    return String.format(
        Locale.ROOT,
        "drain round %d %-20s %,10.0f events/s, %,d events in %.2f s, %,d left",
        round,
        product.title(),
        eventsPerSecond,
        eventsTaken,
        seconds,
        eventsLeft);
  }

  public static Report.Section section(String title, List<Drain> drains) {
    ComparisonTable<Drain> table =
        new ComparisonTable<>(drains, Drain::product)
            .row("events/s drained", "%,.0f", Drain::eventsPerSecond)
            .row("events counted", "%,.0f", Drain::eventsTaken)
            .row("events left when time was up", "%,.0f", Drain::eventsLeft)
            .row("CPU seconds per million events", "%.2f", Drain::cpuSecondsPerMillionEvents)
            .row("peak RSS, MiB", "%,.0f", d -> d.peakRssBytes / Descriptions.MIB);
    return new Report.Section(title, table.markdown(), null, drains);
  }
}
