/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.agent.AgentProcess;
import io.millrace.bench.agent.Flow;
import io.millrace.bench.agent.Product;
import io.millrace.bench.load.NextHop;
import io.millrace.bench.machine.Pause;
import io.millrace.bench.report.ComparisonTable;
import io.millrace.bench.report.Descriptions;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.Spread;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * One start of an agent over a channel with events in it, until the first of them was at the next
 * hop.
 *
 * @param seconds from the start of the process until then; null when it did not come to that
 * @param waitedSeconds until then, or until the limit, or until the process ended by itself
 * @param peakRssBytes until then; null when the process ended by itself
 */
public record Restart(
    Product product,
    int round,
    Kind kind,
    Double seconds,
    double waitedSeconds,
    Long peakRssBytes) {
  private static final Duration POLL_INTERVAL = Duration.ofMillis(5);

  /** How the agent before ended, and what became of its checkpoint. */
  public enum Kind {
    EMPTY("one event, clean stop", FilledChannel.State.ONE_EVENT, false),
    STOPPED("clean stop", FilledChannel.State.STOPPED, false),
    STOPPED_NO_CHECKPOINT("clean stop, checkpoint deleted", FilledChannel.State.STOPPED, true),
    KILLED("kill -9", FilledChannel.State.KILLED, false),
    KILLED_NO_CHECKPOINT("kill -9, checkpoint deleted", FilledChannel.State.KILLED, true);

    private final String title;

    /** What the channel must have been left in. */
    private final FilledChannel.State state;

    private final boolean isCheckpointDeleted;

    Kind(String title, FilledChannel.State state, boolean isCheckpointDeleted) {
      this.title = title;
      this.state = state;
      this.isCheckpointDeleted = isCheckpointDeleted;
    }

    public FilledChannel.State state() {
      return state;
    }
  }

  /** Puts the channel back, starts an agent over it, and kills it when the first events came. */
  public static Restart measure(FilledChannel channel, Kind kind, int round, Duration limit)
      throws IOException, InterruptedException {
    channel.restore(kind.state);
    if (kind.isCheckpointDeleted) {
      channel.deleteCheckpoint();
    }
    try (NextHop hop = NextHop.open();
        AgentProcess agent =
            AgentProcess.launch(
                channel.product(),
                channel.flow(new Flow.AvroSink(hop.port())),
                channel.jvmOptions())) {
      while (hop.appends() == 0 && agent.isAlive() && agent.age().compareTo(limit) < 0) {
        Pause.of(POLL_INTERVAL);
      }
      double waited = agent.age().toNanos() / 1e9;
      Double seconds = null;
      if (hop.appends() > 0) {
        seconds = (hop.firstAppendNanos() - agent.startNanos()) / 1e9;
      }
      Long peakRssBytes = agent.isAlive() ? agent.facts().peakRssBytes() : null;
      return new Restart(channel.product(), round, kind, seconds, waited, peakRssBytes);
    }
  }

  /** Stopped at the limit; as opposed to a process that ended by itself. */
  private boolean isCut() {
    return seconds == null && peakRssBytes != null;
  }

  private boolean hasEnded() {
    return peakRssBytes == null;
  }

  /** What a console shows of it. */
  public String line() {
    String outcome = hasEnded() ? "the agent ended" : isCut() ? "nothing yet" : "first event";
    return String.format(
        Locale.ROOT,
        "%-32s round %d %-20s %-16s after %7.2f s",
        kind.title,
        round,
        product.title(),
        outcome,
        waitedSeconds);
  }

  /**
   * All starts as a section of a report.
   *
   * @param ourLimit seconds after which a start of Millrace was cut off
   * @param theirLimit the same of Flume
   */
  public static Report.Section section(
      String title, List<Restart> restarts, double ourLimit, double theirLimit) {
    ComparisonTable<Restart> table = new ComparisonTable<>(restarts, Restart::product);
    for (Kind kind : Kind.values()) {
      table.row(
          kind.title + ": start to first event, s",
          "%.2f",
          seconds(restarts, Product.MILLRACE, kind, ourLimit),
          seconds(restarts, Product.FLUME, kind, theirLimit));
    }
    for (Kind kind : Kind.values()) {
      table.row(
          kind.title + ": peak RSS until then or the limit, MiB",
          "%,.0f",
          restart ->
              restart.kind == kind && !restart.hasEnded()
                  ? restart.peakRssBytes / Descriptions.MIB
                  : null);
    }
    return new Report.Section(title, table.markdown() + endings(restarts), null, restarts);
  }

  private static Spread seconds(
      List<Restart> restarts, Product product, Kind kind, double limitSeconds) {
    return Spread.cutAt(
        limitSeconds,
        restarts.stream().filter(r -> r.product == product && r.kind == kind).toList(),
        restart -> restart.isCut() ? Double.valueOf(limitSeconds) : restart.seconds);
  }

  private static String endings(List<Restart> restarts) {
    StringBuilder text = new StringBuilder();
    for (Restart restart : restarts) {
      if (restart.hasEnded()) {
        text.append(
            String.format(
                Locale.ROOT,
                "%nLeft out above: %s, %s, round %d: the agent ended by itself after %.1f s.%n",
                restart.product.title(),
                restart.kind.title,
                restart.round,
                restart.waitedSeconds));
      }
    }
    return text.toString();
  }
}
