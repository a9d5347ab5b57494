/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/** Figures as text. Ratios are Millrace by Flume, of medians of the same run. */
final class Tables {
  private static final int MAX_THREADS = 8;
  private static final double MIB = 1024 * 1024;

  private Tables() {}

  /** One row of a comparison. */
  private record Row(String title, String format, ToDoubleFunction<Measurement> value) {}

  private static final List<Row> ROWS =
      List.of(
          new Row("events/s acknowledged", "%,.0f", Measurement::ackedEventsPerSecond),
          new Row("events/s drained by the sink", "%,.0f", Measurement::drainedEventsPerSecond),
          new Row(
              "events/s through, until the channel is empty",
              "%,.0f",
              Measurement::throughEventsPerSecond),
          new Row("backlog at the end, events", "%,.0f", Measurement::backlogEvents),
          new Row(
              "CPU seconds per million events", "%.2f", Measurement::cpuSecondsPerMillionEvents),
          new Row("peak RSS, MiB", "%,.0f", m -> m.peakRssBytes() / MIB),
          new Row("round trip, median ms", "%.2f", m -> m.latency().medianMillis()),
          new Row("round trip, 99 % ms", "%.2f", m -> m.latency().p99Millis()),
          new Row("round trip, longest ms", "%.0f", m -> m.latency().maxMillis()),
          new Row("requests refused", "%,.0f", Measurement::requestsFailed),
          new Row("start to listening, s", "%.2f", Measurement::startSeconds),
          new Row("orderly stop, s", "%.2f", Measurement::stopSeconds),
          new Row("cores used by the agent", "%.2f", Measurement::agentCpuCores),
          new Row("cores used by the load generator", "%.2f", Measurement::loadCpuCores),
          new Row("cores used by others", "%.2f", Measurement::otherCpuCores));

  static String machine(Machine machine) {
    return String.format(
        Locale.ROOT,
        "%d cores (%s), %.0f GiB memory, %s, %s, %s; load average before: %.2f.",
        machine.cores(),
        machine.processor(),
        machine.memoryBytes() / MIB / 1024,
        machine.fileSystem(),
        machine.kernel(),
        machine.jdk(),
        machine.loadAverage());
  }

  static String disk(DiskProbe.Result disk) {
    return String.format(
        Locale.ROOT,
        "%,.0f synced writes of 4 KiB a second, %,.0f of 512 KiB, %,.0f MiB/s in synced writes of"
            + " 4 MiB (fdatasync, over allocated blocks).",
        disk.syncs4KiBPerSecond(),
        disk.syncs512KiBPerSecond(),
        disk.bytesPerSecond() / MIB);
  }

  static String line(Scenario scenario, Measurement m) {
    return String.format(
        Locale.ROOT,
        "%-10s round %d %-20s %,10.0f acknowledged/s %,10.0f drained/s %6.2f CPU s/M %5.0f MiB",
        scenario.name(),
        m.round(),
        m.product().title(),
        m.ackedEventsPerSecond(),
        m.drainedEventsPerSecond(),
        m.cpuSecondsPerMillionEvents(),
        m.peakRssBytes() / MIB);
  }

  static String section(Report.Section section, DiskProbe.Result disk) {
    StringBuilder text = new StringBuilder();
    text.append("### ").append(section.scenario().name()).append(": ");
    text.append(section.scenario().description()).append("\n\n");
    List<Measurement> ours = of(section, Product.MILLRACE);
    List<Measurement> theirs = of(section, Product.FLUME);
    text.append("| | ").append(Product.MILLRACE.title()).append(" | ");
    text.append(Product.FLUME.title()).append(" | ratio |\n|---|---:|---:|---:|\n");
    for (Row row : ROWS) {
      text.append("| ").append(row.title()).append(" | ");
      text.append(spread(row, ours)).append(" | ").append(spread(row, theirs)).append(" | ");
      double denominator = median(row, theirs);
      if (!ours.isEmpty() && !theirs.isEmpty() && denominator != 0) {
        text.append(String.format(Locale.ROOT, "%.2f", median(row, ours) / denominator));
      }
      text.append(" |\n");
    }
    text.append("\n").append(diskShare(section, ours, disk));
    for (Product product : Product.values()) {
      of(section, product).stream()
          .max(Comparator.comparing(Measurement::round))
          .ifPresent(last -> text.append(threads(last)));
    }
    return text.toString();
  }

  private static String diskShare(
      Report.Section section, List<Measurement> ours, DiskProbe.Result disk) {
    if (ours.isEmpty()) {
      return "";
    }
    double bytes = median(ROWS.get(0), ours) * section.scenario().bodyBytes();
    return String.format(
        Locale.ROOT,
        "Bodies alone are %,.0f MiB/s for Millrace: %.0f %% of what the disk takes in synced"
            + " writes.%n",
        bytes / MIB,
        100 * bytes / disk.bytesPerSecond());
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

  private static List<Measurement> of(Report.Section section, Product product) {
    return section.measurements().stream().filter(m -> m.product() == product).toList();
  }

  private static double[] sorted(Row row, List<Measurement> measurements) {
    return measurements.stream().mapToDouble(row.value()).sorted().toArray();
  }

  private static double median(Row row, List<Measurement> measurements) {
    double[] values = sorted(row, measurements);
    if (values.length == 0) {
      return 0;
    }
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  }

  private static String spread(Row row, List<Measurement> measurements) {
    if (measurements.isEmpty()) {
      return "";
    }
    double[] values = sorted(row, measurements);
    return String.format(
        Locale.ROOT,
        row.format() + " (" + row.format() + " to " + row.format() + ")",
        median(row, measurements),
        values[0],
        values[values.length - 1]);
  }
}
