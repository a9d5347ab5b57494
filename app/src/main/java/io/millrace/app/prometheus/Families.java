/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.prometheus;

import io.millrace.engine.metrics.DistributionSummary;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.InfoSnapshot;
import io.prometheus.metrics.model.snapshots.Labels;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.Quantile;
import io.prometheus.metrics.model.snapshots.Quantiles;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects values under their names, as the formats want them: every name once, with all its label
 * sets. Confined to one thread.
 */
final class Families {
  private record Point(double value, DistributionSummary distribution) {}

  /** One name. The first declaration speaks for it. */
  private static final class Family {
    private final MetricDeclaration declaration;
    private final Map<Labels, Point> points = new LinkedHashMap<>();

    private Family(MetricDeclaration declaration) {
      this.declaration = declaration;
    }
  }

  private final Map<String, Family> families = new TreeMap<>();

  /** Notes a value as it is inside; a second one under the same labels is left out. */
  void add(MetricDeclaration declaration, Labels labels, double value) {
    put(declaration, labels, new Point(declaration.scaled(value), null));
  }

  void add(MetricDeclaration declaration, Labels labels, DistributionSummary distribution) {
    put(declaration, labels, new Point(0, distribution));
  }

  private void put(MetricDeclaration declaration, Labels labels, Point point) {
    if (declaration.isLeftOut()) {
      return;
    }
    // The endings are no part of the name: x and x_total cannot both be there.
    String name = without("_info", without("_total", declaration.exported()));
    Family family = families.computeIfAbsent(name, ignored -> new Family(declaration));
    if (family.declaration.type() == declaration.type()) {
      family.points.putIfAbsent(labels, point);
    }
  }

  List<MetricSnapshot> snapshots() {
    List<MetricSnapshot> snapshots = new ArrayList<>();
    families.values().forEach(family -> snapshots.add(snapshot(family)));
    return snapshots;
  }

  private static MetricSnapshot snapshot(Family family) {
    MetricDeclaration declaration = family.declaration;
    String help = declaration.help();
    switch (declaration.type()) {
      case COUNTER:
        CounterSnapshot.Builder counter =
            CounterSnapshot.builder().name(without("_total", declaration.exported())).help(help);
        family.points.forEach(
            (labels, point) ->
                counter.dataPoint(
                    CounterSnapshot.CounterDataPointSnapshot.builder()
                        .labels(labels)
                        .value(Math.max(0, point.value))
                        .build()));
        return counter.build();
      case GAUGE:
        GaugeSnapshot.Builder gauge =
            GaugeSnapshot.builder().name(declaration.exported()).help(help);
        family.points.forEach(
            (labels, point) ->
                gauge.dataPoint(
                    GaugeSnapshot.GaugeDataPointSnapshot.builder()
                        .labels(labels)
                        .value(point.value)
                        .build()));
        return gauge.build();
      case SUMMARY:
        SummarySnapshot.Builder summary =
            SummarySnapshot.builder().name(declaration.exported()).help(help);
        family.points.forEach(
            (labels, point) ->
                summary.dataPoint(summaryPoint(labels, point.distribution, declaration)));
        return summary.build();
      case INFO:
        InfoSnapshot.Builder info =
            InfoSnapshot.builder().name(without("_info", declaration.exported())).help(help);
        family.points.forEach(
            (labels, point) ->
                info.dataPoint(
                    InfoSnapshot.InfoDataPointSnapshot.builder().labels(labels).build()));
        return info.build();
      case LEFT_OUT:
        break;
    }
    throw new IllegalStateException(declaration.exported() + " is left out and has values");
  }

  private static SummarySnapshot.SummaryDataPointSnapshot summaryPoint(
      Labels labels, DistributionSummary distribution, MetricDeclaration declaration) {
    return SummarySnapshot.SummaryDataPointSnapshot.builder()
        .labels(labels)
        .count(distribution.count())
        .sum(declaration.scaled(distribution.sum()))
        .quantiles(
            Quantiles.of(
                new Quantile(0.5, declaration.scaled(distribution.p50())),
                new Quantile(0.99, declaration.scaled(distribution.p99())),
                new Quantile(1, declaration.scaled(distribution.max()))))
        .build();
  }

  private static String without(String suffix, String name) {
    return name.endsWith(suffix) ? name.substring(0, name.length() - suffix.length()) : name;
  }
}
