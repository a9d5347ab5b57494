/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.report.Descriptions;
import io.millrace.bench.report.Report;
import io.millrace.bench.report.TimeChart;
import io.millrace.bench.report.TimeChart.Ink;
import io.millrace.bench.report.TimeChart.Line;
import io.millrace.bench.report.TimeChart.Panel;
import io.millrace.bench.report.TimeChart.Point;
import io.millrace.bench.trial.Backlog.Phase;
import io.millrace.bench.trial.Backlog.Sample;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;

/** A backlog that came and went: as a table, as rows of data, as a picture. Immutable. */
public record BacklogReport(
    Backlog.Result result, int bodyBytes, String heap, long maxHeapBytes, Duration sampleInterval) {
  private static final double MIB = Descriptions.MIB;
  private static final double MILLION = 1e6;
  private static final double THOUSAND = 1e3;

  public Report.Section section() {
    StringBuilder text = new StringBuilder("| | |\n|---|---:|\n");
    row(text, "events appended while nothing was taken", "%,.0f", (double) result.filledEvents());
    row(text, "seconds for that", "%,.1f", result.fillSeconds());
    row(text, "events/s", "%,.0f", result.filledEvents() / result.fillSeconds());
    row(text, "on disk when full, MiB", "%,.0f", result.diskBytes() / MIB);
    row(text, "orderly stop, s", "%.2f", result.stopSeconds());
    row(text, "start until takes were seen, s", "%.2f", result.drainStartSeconds());
    row(text, "events counted from there", "%,.0f", (double) result.drainedEvents());
    row(text, "seconds until the channel was empty", "%,.1f", result.drainSeconds());
    row(text, "events/s drained", "%,.0f", result.drainedEvents() / result.drainSeconds());
    row(text, "most heap used, MiB", "%,.0f", mostHeapBytes() / MIB);
    row(text, "peak RSS while filling, MiB", "%,.0f", result.fillPeakRssBytes() / MIB);
    row(text, "peak RSS while draining, MiB", "%,.0f", result.drainPeakRssBytes() / MIB);
    return new Report.Section(
        String.format(
            Locale.ROOT,
            "backlog: %,d events of %d bytes, heap of %s",
            result.filledEvents(),
            bodyBytes,
            heap),
        text.toString(),
        null,
        List.of(result));
  }

  private static void row(StringBuilder text, String title, String format, double value) {
    text.append("| ").append(title).append(" | ");
    text.append(String.format(Locale.ROOT, format, value)).append(" |\n");
  }

  private long mostHeapBytes() {
    return result.samples().stream()
        .filter(sample -> sample.heapUsedBytes() != null)
        .mapToLong(Sample::heapUsedBytes)
        .max()
        .orElse(0);
  }

  /** One line a sample, with the rates since the one before. */
  public String csv() {
    StringBuilder text =
        new StringBuilder(
            "seconds,phase,events_put,events_taken,events_inside,put_per_second,taken_per_second,"
                + "heap_used_bytes,rss_bytes\n");
    List<Point> puts = rates(Phase.FILL, Sample::eventsPut);
    List<Point> takes = rates(Phase.DRAIN, Sample::eventsTaken);
    for (int i = 0; i < result.samples().size(); i++) {
      Sample sample = result.samples().get(i);
      text.append(
          String.format(
              Locale.ROOT,
              "%.3f,%s,%d,%d,%d,%s,%s,%s,%d%n",
              sample.seconds(),
              sample.phase().name().toLowerCase(Locale.ROOT),
              sample.eventsPut(),
              sample.eventsTaken(),
              sample.eventsInside(),
              cell(puts.get(i).value()),
              cell(takes.get(i).value()),
              sample.heapUsedBytes() == null ? "" : sample.heapUsedBytes(),
              sample.rssBytes()));
    }
    return text.toString();
  }

  private static String cell(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.0f", value);
  }

  public TimeChart chart() {
    List<Point> puts = rates(Phase.FILL, Sample::eventsPut);
    List<Point> takes = rates(Phase.DRAIN, Sample::eventsTaken);
    double rateUnit = Math.max(max(puts), max(takes)) >= MILLION ? MILLION : THOUSAND;
    List<Point> inside = points(Sample::eventsInside);
    double insideUnit = max(inside) >= MILLION ? MILLION : THOUSAND;
    double end = result.samples().get(result.samples().size() - 1).seconds();
    Line limit =
        new Line(
            "limit of the heap",
            Ink.LIMIT,
            false,
            List.of(new Point(0, maxHeapBytes / MIB), new Point(end, maxHeapBytes / MIB)));
    return new TimeChart(
        String.format(
            Locale.ROOT,
            "%,d events through one agent with a heap of %s",
            result.filledEvents(),
            heap),
        String.format(
            Locale.ROOT,
            "File channel, bodies of %d bytes; every request is synced before it is answered.",
            bodyBytes),
        "seconds since the first start",
        List.of(
            new Panel(
                (rateUnit == MILLION ? "Million" : "Thousand") + " events a second",
                List.of(
                    new Line("appended", Ink.BLUE, false, scaled(puts, rateUnit)),
                    new Line("drained", Ink.GREEN, false, scaled(takes, rateUnit)))),
            new Panel(
                (insideUnit == MILLION ? "Million" : "Thousand") + " events in the channel",
                List.of(new Line("waiting", Ink.ORANGE, true, scaled(inside, insideUnit)))),
            new Panel(
                "Memory, MiB",
                List.of(
                    limit,
                    new Line("resident", Ink.PURPLE, false, scaled(points(Sample::rssBytes), MIB)),
                    new Line("heap used", Ink.BLUE, true, scaled(points(this::heapUsed), MIB))))),
        phases());
  }

  private double heapUsed(Sample sample) {
    return sample.heapUsedBytes() == null ? Double.NaN : sample.heapUsedBytes();
  }

  private List<TimeChart.Phase> phases() {
    double fillBegin = result.samples().get(0).seconds();
    double fillEnd = fillBegin;
    double drainBegin = Double.NaN;
    double end = 0;
    for (Sample sample : result.samples()) {
      end = sample.seconds();
      if (sample.phase() == Phase.FILL) {
        fillEnd = end;
      } else if (Double.isNaN(drainBegin)) {
        drainBegin = end;
      }
    }
    if (Double.isNaN(drainBegin)) {
      return List.of(new TimeChart.Phase("filling", true, fillBegin, fillEnd));
    }
    return List.of(
        new TimeChart.Phase("filling, nothing taken", true, fillBegin, fillEnd),
        new TimeChart.Phase("restart", false, fillEnd, drainBegin),
        new TimeChart.Phase("draining", true, drainBegin, end));
  }

  /** A point for each sample; a gap where the agent is another one. */
  private List<Point> points(ToDoubleFunction<Sample> figure) {
    List<Point> points = new ArrayList<>();
    Sample before = null;
    for (Sample sample : result.samples()) {
      if (before != null && before.phase() != sample.phase()) {
        points.add(new Point(before.seconds(), Double.NaN));
      }
      points.add(new Point(sample.seconds(), figure.applyAsDouble(sample)));
      before = sample;
    }
    return points;
  }

  /** Events a second since the sample before, one point for each sample; NaN in other phases. */
  private List<Point> rates(Phase phase, ToLongFunction<Sample> count) {
    List<Point> points = new ArrayList<>();
    // The last sample of a phase comes early; a rate over a moment would say nothing.
    double minSeconds = sampleInterval.toMillis() / 2e3;
    Sample before = null;
    for (Sample sample : result.samples()) {
      boolean isRate =
          before != null
              && before.phase() == phase
              && sample.phase() == phase
              && sample.seconds() - before.seconds() >= minSeconds;
      double rate =
          isRate
              ? (count.applyAsLong(sample) - count.applyAsLong(before))
                  / (sample.seconds() - before.seconds())
              : Double.NaN;
      points.add(new Point(sample.seconds(), rate));
      before = sample;
    }
    return points;
  }

  private static double max(List<Point> points) {
    return points.stream()
        .mapToDouble(Point::value)
        .filter(value -> !Double.isNaN(value))
        .max()
        .orElse(0);
  }

  private static List<Point> scaled(List<Point> points, double unit) {
    return points.stream().map(p -> new Point(p.seconds(), p.value() / unit)).toList();
  }
}
