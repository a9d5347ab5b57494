/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.app.prometheus.MetricDeclaration.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page of all metrics says what the table says, and the alerts use what there is. */
class MetricsPageTest {
  private static final Path PAGE = Path.of("../docs/metrics.md");
  private static final Path RULES = Path.of("../packaging/prometheus/millrace-alerts.yml");
  private static final Path ALERTS = Path.of("../docs/alerts.md");

  private static final Map<String, String> TITLES = new LinkedHashMap<>();

  static {
    TITLES.put("health", "Health");
    TITLES.put("agent", "Agent");
    TITLES.put("source", "Sources");
    TITLES.put("channel", "Channels");
    TITLES.put("sink", "Sinks");
    TITLES.put("sink_group", "Sink groups");
  }

  private static final String INTRODUCTION =
      """
      # Metrics

      Generated from the table that the agent itself goes by; a test keeps it up to date. The names
      are those of `/metrics/prometheus`; in brackets that of JMX and of the JSON of `/metrics`, where
      counters have the same value and times their own unit. Every metric has the labels `agent` and
      `component`, unless it says others. A component shows what it has.

      A summary has the quantiles 0.5, 0.99 and 1 (the largest) of the last half to whole minute, and
      `_count` and `_sum` of all. Counters begin at 0 when the process starts, and when a reload
      replaces the component.

      Beside these:

      - `jvm_*` and `process_*` (memory, collections, threads, buffers, classes, open files, CPU time,
        `process_start_time_seconds`) under the usual names of the Prometheus library.
      - `Flume_*` (label `component`): the counters and gauges of Flume under the names that Flume 2
        gives them, such as `Flume_EventPutSuccessCount_total`.
      - Metrics of plug-ins, under names made of their own: `RowsWritten` of a sink is
        `millrace_sink_rows_written_total`.

      [Alerts](alerts.md) on them are shipped; [health](health.md) says how they are scraped.
      """;

  private final MetricTable table = MetricTable.load();

  /** {@code -Dmillrace.manual.update=true} writes the page anew. */
  @Test
  void thePageIsThatOfTheTable() throws IOException {
    String page = page();
    if (Boolean.getBoolean("millrace.manual.update")) {
      Files.writeString(PAGE, page);
    }
    assertThat(PAGE)
        .as(
            "regenerate it: mvn -pl app -am verify -Dtest=MetricsPageTest"
                + " -Dmillrace.manual.update=true -Dsurefire.failIfNoSpecifiedTests=false")
        .hasContent(page.stripTrailing());
  }

  @Test
  void alertsLookAtMetricsThatExist() throws IOException {
    Set<String> known = new TreeSet<>();
    table.all().forEach(one -> known.add(one.exported()));
    Set<String> used = new TreeSet<>();
    Pattern.compile("\\bmillrace_[a-z_]+")
        .matcher(Files.readString(RULES))
        .results()
        .forEach(match -> used.add(match.group()));

    assertThat(used).hasSizeGreaterThan(10);
    used.removeAll(known);
    assertThat(used).isEmpty();
  }

  @Test
  void everyAlertIsExplained() throws IOException {
    String rules = Files.readString(RULES);
    List<String> alerts =
        Pattern.compile("- alert: (\\w+)")
            .matcher(rules)
            .results()
            .map(match -> match.group(1))
            .toList();
    List<String> sections =
        Pattern.compile("^## (Millrace\\w+)$", Pattern.MULTILINE)
            .matcher(Files.readString(ALERTS))
            .results()
            .map(match -> match.group(1))
            .toList();

    assertThat(sections).containsExactlyInAnyOrderElementsOf(alerts);
    for (String alert : alerts) {
      assertThat(rules).contains("docs/alerts.md#" + alert.toLowerCase(Locale.ROOT) + "\n");
    }
  }

  private String page() {
    StringBuilder page = new StringBuilder(INTRODUCTION);
    TITLES.forEach((kind, title) -> append(title, rows(kind), page));
    return page.toString();
  }

  private List<MetricDeclaration> rows(String kind) {
    List<MetricDeclaration> rows = new ArrayList<>();
    for (MetricDeclaration one : table.all()) {
      if (one.kind().equals(kind) && one.type() != Type.LEFT_OUT) {
        rows.add(one);
      }
    }
    assertThat(TITLES.keySet()).containsAll(table.all().stream().map(x -> x.kind()).toList());
    return rows;
  }

  private static void append(String title, List<MetricDeclaration> rows, StringBuilder page) {
    page.append("\n## ")
        .append(title)
        .append("\n\n| metric | type | unit | |\n|---|---|---|---|\n");
    for (MetricDeclaration one : rows) {
      page.append("| `").append(one.exported()).append('`');
      if (!one.kind().equals("health")) {
        page.append(" (`").append(one.name()).append("`)");
      }
      page.append(" | ")
          .append(one.type().name().toLowerCase(Locale.ROOT))
          .append(" | ")
          .append(unit(one.exported()))
          .append(" | ")
          .append(one.help())
          .append(" |\n");
    }
  }

  private static String unit(String exported) {
    String name = exported.replaceAll("_total$", "");
    if (name.endsWith("_seconds")) {
      return "seconds";
    }
    if (name.endsWith("_bytes") || name.contains("_bytes_")) {
      return "bytes";
    }
    if (name.endsWith("_ratio")) {
      return "0 to 1";
    }
    return name.contains("_events") ? "events" : "";
  }
}
