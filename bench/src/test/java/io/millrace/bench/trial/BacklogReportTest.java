/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.report.TimeChart;
import io.millrace.bench.trial.Backlog.Phase;
import io.millrace.bench.trial.Backlog.Sample;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class BacklogReportTest {
  private static final long MIB = 1 << 20;

  private static final BacklogReport REPORT =
      new BacklogReport(
          new Backlog.Result(
              List.of(
                  new Sample(2, Phase.FILL, 0, 0, 0, null, 90 * MIB),
                  new Sample(3, Phase.FILL, 1_500_000, 0, 1_500_000, 100 * MIB, 190 * MIB),
                  new Sample(4, Phase.FILL, 4_000_000, 0, 4_000_000, 120 * MIB, 200 * MIB),
                  new Sample(4.1, Phase.FILL, 4_000_000, 0, 4_000_000, 120 * MIB, 200 * MIB),
                  new Sample(6, Phase.DRAIN, 0, 1_000, 3_999_000, null, 80 * MIB),
                  new Sample(8, Phase.DRAIN, 0, 4_000_000, 0, 60 * MIB, 150 * MIB)),
              4_000_000,
              2,
              700 * MIB,
              0.5,
              1.5,
              2,
              3_999_000,
              200 * MIB,
              150 * MIB),
          100,
          "256 MiB",
          256 * MIB,
          Duration.ofSeconds(1));

  @Test
  void ratesAreDifferencesWithinAPhaseAndNotOverAMoment() {
    assertThat(REPORT.csv().lines())
        .containsExactly(
            "seconds,phase,events_put,events_taken,events_inside,put_per_second,taken_per_second,"
                + "heap_used_bytes,rss_bytes",
            "2.000,fill,0,0,0,,,,94371840",
            "3.000,fill,1500000,0,1500000,1500000,,104857600,199229440",
            "4.000,fill,4000000,0,4000000,2500000,,125829120,209715200",
            "4.100,fill,4000000,0,4000000,,,125829120,209715200",
            "6.000,drain,0,1000,3999000,,,,83886080",
            "8.000,drain,0,4000000,0,,1999500,62914560,157286400");
  }

  @Test
  void theTableTellsRatesOfThePhasesAndTheMostMemory() {
    assertThat(REPORT.section().text())
        .contains("| events/s | 2,000,000 |", "| events/s drained | 1,999,500 |")
        .contains("| most heap used, MiB | 120 |", "| peak RSS while filling, MiB | 200 |");
  }

  @Test
  void thePictureShowsRatesBacklogAndMemoryWithTheHeapsLimit() {
    TimeChart chart = REPORT.chart();

    assertThat(chart.title())
        .isEqualTo("4,000,000 events through one agent with a heap of 256 MiB");
    assertThat(chart.panels().stream().flatMap(p -> p.lines().stream()).map(TimeChart.Line::name))
        .containsExactly(
            "appended", "drained", "waiting", "limit of the heap", "resident", "heap used");
    assertThat(chart.panels().get(1).lines().get(0).points())
        .contains(new TimeChart.Point(4, 4), new TimeChart.Point(6, 3.999));
    assertThat(chart.phases())
        .extracting(TimeChart.Phase::name)
        .containsExactly("filling, nothing taken", "restart", "draining");
  }
}
