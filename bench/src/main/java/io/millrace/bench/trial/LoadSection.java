/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.agent.Product;
import io.millrace.bench.load.Scenario;
import io.millrace.bench.machine.DiskProbe;
import io.millrace.bench.report.ComparisonTable;
import io.millrace.bench.report.Descriptions;
import io.millrace.bench.report.Report;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** All rounds under one load as a section of a report. */
public final class LoadSection {
  private static final int MAX_THREADS = 8;
  private static final double MIB = Descriptions.MIB;

  private LoadSection() {}

  public static Report.Section of(
      Route route, Scenario scenario, List<Measurement> measurements, DiskProbe.Result disk) {
    ComparisonTable<Measurement> table =
        new ComparisonTable<>(measurements, Measurement::product)
            .row("events/s acknowledged", "%,.0f", Measurement::ackedEventsPerSecond)
            .row("events/s drained by the sink", "%,.0f", Measurement::drainedEventsPerSecond)
            .row(
                "events/s through, until the channel is empty",
                "%,.0f",
                Measurement::throughEventsPerSecond)
            .row("bodies acknowledged, MiB/s", "%,.1f", m -> m.ackedBodyBytesPerSecond() / MIB)
            .row(
                "the same by what the disk takes in synced writes of 4 MiB, %",
                "%.2f", m -> 100 * m.ackedBodyBytesPerSecond() / disk.bytesPerSecond())
            .row("backlog at the end, events", "%,.0f", Measurement::backlogEvents)
            .row("CPU seconds per million events", "%.2f", Measurement::cpuSecondsPerMillionEvents)
            .row(
                "CPU seconds per million events drained",
                "%.2f",
                Measurement::cpuSecondsPerMillionDrained)
            .row("peak RSS, MiB", "%,.0f", m -> m.peakRssBytes() / MIB)
            .row("round trip, median ms", "%.2f", m -> m.latency().medianMillis())
            .row("round trip, 99 % ms", "%.2f", m -> m.latency().p99Millis())
            .row("round trip, longest ms", "%.0f", m -> m.latency().maxMillis())
            .row("requests refused", "%,.0f", Measurement::requestsFailed)
            .row("start to listening, s", "%.2f", Measurement::startSeconds)
            .row("orderly stop, s", "%.2f", Measurement::stopSeconds)
            .row("cores used by the agent", "%.2f", Measurement::agentCpuCores)
            .row("cores used by the load generator", "%.2f", Measurement::loadCpuCores)
            .row("cores used by others", "%.2f", Measurement::otherCpuCores);
    StringBuilder text = new StringBuilder(table.markdown());
    for (Product product : Product.values()) {
      measurements.stream()
          .filter(m -> m.product() == product)
          .max(Comparator.comparing(Measurement::round))
          .ifPresent(last -> text.append(threads(last)));
    }
    return new Report.Section(
        route.path() + "; " + scenario.name() + ": " + scenario.description(),
        text.toString(),
        scenario,
        measurements);
  }

  /** What a console shows of one round. */
  public static String line(Route route, Scenario scenario, Measurement m) {
    return String.format(
        Locale.ROOT,
        "%-9s %-10s round %d %-20s %,10.0f acknowledged/s %10s drained/s %6s CPU s/M %5.0f MiB",
        route,
        scenario.name(),
        m.round(),
        m.product().title(),
        m.ackedEventsPerSecond(),
        cell("%,.0f", m.drainedEventsPerSecond()),
        cell("%.2f", m.cpuSecondsPerMillionEvents()),
        m.peakRssBytes() / MIB);
  }

  private static String cell(String format, Double figure) {
    return figure == null ? "-" : String.format(Locale.ROOT, format, figure);
  }

  private static String threads(Measurement m) {
    return m.threadCpuSeconds().entrySet().stream()
        .sorted(Map.Entry.<String, Double>comparingByValue().reversed())
        .limit(MAX_THREADS)
        .map(e -> String.format(Locale.ROOT, "%s %.1f", e.getKey(), e.getValue()))
        .collect(
            Collectors.joining(
                ", ",
                String.format(
                    Locale.ROOT,
                    "%nCPU seconds of %s's threads in %.0f s (last round): ",
                    m.product().title(),
                    m.seconds()),
                ".\n"));
  }
}
