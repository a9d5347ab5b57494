/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.prometheus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.app.prometheus.MetricDeclaration.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every metric has a name for Prometheus and says what it means. */
class MetricTableTest {
  private static final Path ROOT = Path.of("..");

  /** Where metrics are made. The wrappers are those of the file channel's gauges. */
  private static final Pattern MADE =
      Pattern.compile(
          "(?:\\.(?:counter|gauge|doubleGauge|distribution)|\\b(?:of|total))\\(\\s*\"(\\w+)\"");

  private static final Pattern OF_KIND = Pattern.compile("\"([A-Z]\\w+)\"");

  /** Made here and shown by every kind. */
  private static final Set<String> OF_EVERY_KIND = Set.of("StartTime", "StopTime");

  private final MetricTable table = MetricTable.load();

  /** A name that is made up for a metric says nothing to whoever reads it. */
  @Test
  void everyMetricOfOurOwnIsDeclared() throws IOException {
    Set<String> declared = new TreeSet<>();
    table.all().forEach(one -> declared.add(one.name()));
    Set<String> made = new TreeSet<>(namesInSources());

    assertThat(made).hasSizeGreaterThan(100);
    made.removeAll(declared);
    assertThat(made).as("metrics without a line in metrics.tsv").isEmpty();
  }

  @Test
  void whatThePrometheusPageAddsIsThere() {
    for (String name : List.of("Live", "Ready", "ComponentRunning", "LastProgress", "Build")) {
      assertThat(table.need("health", name).type()).isNotEqualTo(Type.LEFT_OUT);
    }
    assertThat(table.all().stream().map(MetricDeclaration::name)).containsAll(OF_EVERY_KIND);
  }

  /** The conventions of Prometheus: what it counts, in base units. */
  @Test
  void namesFollowTheConventions() {
    List<String> findings = new ArrayList<>();
    for (MetricDeclaration one : table.all()) {
      String name = one.exported();
      if (one.type() == Type.LEFT_OUT) {
        continue;
      }
      boolean isGood =
          name.matches("millrace_[a-z0-9_]+")
              && (one.type() == Type.COUNTER) == name.endsWith("_total")
              && (one.type() == Type.INFO) == name.endsWith("_info")
              && !name.matches(".*_(millis|micros|nanos|percent|kb|mb)(_.*|$)")
              && (one.scale() == 1 || name.contains("_seconds") || name.endsWith("_ratio"));
      if (!isGood) {
        findings.add(one.kind() + " " + one.name() + ": " + name);
      }
      if (!one.help().endsWith(".") || one.help().length() < 15) {
        findings.add(one.kind() + " " + one.name() + ": " + one.help());
      }
    }
    assertThat(findings).isEmpty();
  }

  @Test
  void oneNameMeansOneThing() {
    List<String> findings = new ArrayList<>();
    for (MetricDeclaration one : table.all()) {
      for (MetricDeclaration other : table.all()) {
        boolean isSame = one.type() == other.type() && one.scale() == other.scale();
        if (one.type() != Type.LEFT_OUT && one.exported().equals(other.exported()) && !isSame) {
          findings.add(one + " and " + other);
        }
      }
    }
    assertThat(findings).isEmpty();
  }

  @Test
  void aPlugInsMetricGetsANameMadeOfItsOwn() {
    assertThat(table.find("sink", "RowsWritten", Type.COUNTER).exported())
        .isEqualTo("millrace_sink_rows_written_total");
    assertThat(table.find("sink", "queue depth-Total", Type.GAUGE).exported())
        .isEqualTo("millrace_sink_queue_depth");
  }

  @Test
  void aMistakeInTheTableIsSaid() {
    assertThatThrownBy(() -> MetricTable.parse("source\tX\tmillrace_x"))
        .hasMessageContaining("3 columns");
    assertThatThrownBy(() -> MetricTable.parse("source\tX\tmillrace_x\tgauge\tdays\tHelp."))
        .hasMessageContaining("days");
  }

  private static Set<String> namesInSources() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.walk(ROOT)) {
      List<Path> sources =
          files
              .filter(file -> file.toString().endsWith(".java"))
              .filter(file -> file.toString().contains("/src/main/java/io/millrace/"))
              .filter(
                  file ->
                      Set.of("engine", "components", "rpc", "kit", "app")
                          .contains(ROOT.relativize(file).getName(0).toString()))
              .toList();
      for (Path source : sources) {
        String text = Files.readString(source);
        boolean isOfJournal = source.endsWith("ChannelGauges.java");
        for (MatchResult match : MADE.matcher(text).results().toList()) {
          if (match.group().startsWith(".") || isOfJournal) {
            names.add(match.group(1));
          }
        }
        if (source.endsWith("MetricKind.java")) {
          OF_KIND.matcher(text).results().forEach(match -> names.add(match.group(1)));
        }
      }
    }
    return names;
  }
}
