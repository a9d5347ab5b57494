/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.app.CommandRun;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Plans by cases that were reckoned by hand, and what holds for all of them. */
class CapacityPlanTest {
  private static final Measured MEASURED = Measured.load();

  private static PlanInput input(
      double rate, double bytes, Duration downtime, long hosts, int sites) {
    return new PlanInput(
        rate, bytes, downtime, hosts, sites, 0.3, 1, Duration.ZERO, 1, 1, 1000, 8, 10e9, 500e6);
  }

  private static CapacityPlan plan(
      double rate, double bytes, Duration downtime, long hosts, int sites) {
    return CapacityPlan.of(input(rate, bytes, downtime, hosts, sites), MEASURED);
  }

  @Test
  void oneHostAsReckonedByHand() {
    CapacityPlan plan = plan(50_000, 500, Duration.ofHours(6), 1, 1);

    assertThat(plan.value("host", "rate")).isEqualTo(25e6);
    // 50,000/s x 21,600 s x 1.3
    assertThat(plan.value("host", "backlog")).isCloseTo(1_404_000_000, within(1.0));
    // x 551 B and the reserve
    assertThat(plan.value("host", "disk")).isCloseTo(774.128288e9, within(1e3));
    assertThat(plan.value("host", "network")).isEqualTo(220.4e6);
    assertThat(plan.value("host", "cores")).isCloseTo(0.059, within(1e-9));
    // 8 cores / 2.43 s, 10 Gbit/s / 4,408 bit, 500 MB/s / 551 B: the disk is the least.
    assertThat(plan.value("site", "planned-rate")).isCloseTo(500e6 / 551 / 1.3, within(1e-3));
    assertThat(plan.value("site", "collectors")).isEqualTo(2);
    assertThat(plan.value("collector", "backlog")).isCloseTo(1_404_000_000, within(1.0));
    assertThat(plan.section("host").settings())
        .contains("# JVM: -Xmx256m", "a1.channels.c1.capacity = 1404000000");
  }

  @Test
  void tenThousandHostsOnThreeSites() {
    CapacityPlan plan = plan(1_000, 500, Duration.ofHours(6), 10_000, 3);

    assertThat(plan.value("site", "hosts")).isEqualTo(3_334);
    // 3,334,000/s by 698,031/s
    assertThat(plan.value("site", "needed")).isEqualTo(5);
    assertThat(plan.value("site", "collectors")).isEqualTo(6);
    assertThat(plan.value("all", "collectors")).isEqualTo(18);
    assertThat(plan.value("collector", "connections")).isEqualTo(667);
    assertThat(plan.section("collector").warnings())
        .anyMatch(warning -> warning.contains("share them among 9 channels"));
  }

  @Test
  void manyQuietHostsNeedCollectorsForTheirConnections() {
    CapacityPlan plan = plan(1, 100, Duration.ofHours(1), 100_000, 1);
    assertThat(plan.value("site", "needed")).isEqualTo(Math.ceil(100_000 * 1.3 / 4096));
    assertThat(plan.section("site").figure("needed").formula()).contains("connections");
  }

  @Test
  void copiesAndSecondCopyAndCompressionCount() {
    PlanInput plain = input(1000, 500, Duration.ofHours(1), 1, 1);
    PlanInput more =
        new PlanInput(
            1000,
            500,
            Duration.ofHours(1),
            1,
            1,
            0.3,
            2,
            Duration.ofDays(1),
            4,
            1,
            1000,
            8,
            10e9,
            500e6);
    CapacityPlan two = CapacityPlan.of(more, MEASURED);
    double reserve = MEASURED.value("disk-reserve");
    double once = CapacityPlan.of(plain, MEASURED).value("host", "disk") - reserve;
    assertThat(two.value("host", "disk")).isCloseTo((once / 4 + reserve) * 2, within(1.0));
    assertThat(two.value("host", "second-disk")).isCloseTo(1000L * 86_400 * 551 * 1.3, within(1.0));
    assertThat(two.section("host").settings())
        .contains(
            "a1.channels.c1.millrace.copies = 2",
            "a1.channels.c1.millrace.compression = zstd",
            "a1.sinks.second.millrace.max-age = 86400");
  }

  @Test
  void withoutHeadroomABacklogNeverEndsAndThatIsSaid() {
    double most = 500e6 / 551;
    PlanInput tight =
        new PlanInput(
            most, 500, Duration.ofHours(1), 1, 1, 0, 1, Duration.ZERO, 1, 0, 1000, 8, 10e9, 500e6);
    Section site = CapacityPlan.of(tight, MEASURED).section("site");
    assertThat(site.value("collectors")).isEqualTo(1);
    assertThat(site.warnings()).anyMatch(warning -> warning.startsWith("No headroom is left"));
    assertThat(site.warnings()).anyMatch(warning -> warning.contains("--spare 1"));
  }

  @Property
  void moreOfAnythingNeverNeedsLess(
      @ForAll @DoubleRange(min = 1, max = 1e7) double rate,
      @ForAll @DoubleRange(min = 1, max = 1e5) double bytes,
      @ForAll @IntRange(min = 0, max = 1_000_000) int seconds,
      @ForAll @IntRange(min = 3, max = 1_000_000) int hosts,
      @ForAll @DoubleRange(min = 1, max = 3) double factor) {
    CapacityPlan less = plan(rate, bytes, Duration.ofSeconds(seconds), hosts, 3);
    List<CapacityPlan> larger =
        List.of(
            plan(rate * factor, bytes, Duration.ofSeconds(seconds), hosts, 3),
            plan(rate, bytes * factor, Duration.ofSeconds(seconds), hosts, 3),
            plan(rate, bytes, Duration.ofSeconds((long) (seconds * factor)), hosts, 3),
            plan(rate, bytes, Duration.ofSeconds(seconds), (long) (hosts * factor), 3));
    for (CapacityPlan more : larger) {
      assertThat(more.value("host", "disk")).isGreaterThanOrEqualTo(less.value("host", "disk"));
      assertThat(more.value("host", "network"))
          .isGreaterThanOrEqualTo(less.value("host", "network"));
      assertThat(more.value("site", "network"))
          .isGreaterThanOrEqualTo(less.value("site", "network"));
      assertThat(more.value("all", "collectors"))
          .isGreaterThanOrEqualTo(less.value("all", "collectors"));
      assertThat(more.value("all", "host-disks"))
          .isGreaterThanOrEqualTo(less.value("all", "host-disks"));
    }
  }

  @Property
  void theCollectorsNeededCarryTheSiteAndNoneIsTooMany(
      @ForAll @DoubleRange(min = 1, max = 1e7) double rate,
      @ForAll @IntRange(min = 1, max = 100_000) int hosts) {
    CapacityPlan plan = plan(rate, 500, Duration.ofHours(1), hosts, 1);
    double needed = plan.value("site", "needed");
    double planned = plan.value("site", "planned-rate");
    assertThat(needed * planned).isGreaterThanOrEqualTo(hosts * rate * (1 - 1e-6));
    boolean isByRate = (needed - 1) * planned < hosts * rate;
    boolean isByConnections = (needed - 1) * 4096 < hosts * 1.3;
    assertThat(isByRate || isByConnections).isTrue();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--rate 0|--rate: '0'",
        "--rate fast|--rate: 'fast'",
        "--rate -5|--rate: '-5'",
        "--rate 1k --event-size 1GB|--event-size: 1,000,000,000",
        "--rate 1k --event-size 500X|--event-size: '500X'",
        "--rate 1k --downtime 6|--downtime: '6'",
        "--rate 1k --downtime 40000d|ten years",
        "--rate 1k --hosts 2 --sites 3|--sites: 3 (expected: 1 to 2",
        "--rate 1k --copies 3|--copies: 3",
        "--rate 1k --batch 50|--batch: 50",
        "--rate 1k --network 0bit|--network: 0",
        "--rate 1k --headroom -3|--headroom: -3",
        "--rate 9999999999999G|--rate"
      })
  void absurdInputIsAnswered(String words, String answer) {
    CommandRun run = CommandRun.of(("plan " + words).split(" ", -1));
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(answer).doesNotContain("Exception");
  }

  @Test
  void figuresKeepTheirUnits() {
    assertThat(Units.bytes("500")).isEqualTo(500);
    assertThat(Units.bytes("2kB")).isEqualTo(2000);
    assertThat(Units.bytes("2KiB")).isEqualTo(2048);
    assertThat(Units.bytes("1.5MB/s")).isEqualTo(1.5e6);
    assertThat(Units.bits("10Gbit/s")).isEqualTo(10e9);
    assertThat(Units.decimal(774.1e9, "B")).isEqualTo("774 GB");
    assertThat(Units.decimal(1.24e12, "B")).isEqualTo("1.2 TB");
    assertThat(Units.mebibytes(1536)).isEqualTo("1.5 GiB");
    assertThat(Units.seconds(21_600)).isEqualTo("6 h");
    assertThat(Units.span("90m")).isEqualTo(Duration.ofMinutes(90));
    assertThatThrownBy(() -> Units.bytes("5i")).isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void everyMeasuredFigureStandsWhereItsSourceSays() throws IOException {
    for (Measured.Constant constant : MEASURED.constants().values()) {
      String file = constant.source().replaceAll(",.*", "");
      Path source = Path.of("..", file);
      assertThat(source).as(constant.name()).exists();
      String text = Files.readString(source).replace(",", "");
      String number = BigDecimal.valueOf(constant.value()).stripTrailingZeros().toPlainString();
      if (file.startsWith("bench/")
          && !constant.name().equals("event-overhead")
          && !constant.name().contains("heap")) {
        assertThat(text).as("%s in %s", constant.name(), file).contains(number);
      }
    }
  }

  @Test
  void asJsonThereIsEveryFigureWithItsFormula() throws IOException {
    CommandRun run = CommandRun.of("plan", "--rate", "1k", "--json");
    JsonNode plan = new ObjectMapper().readTree(run.out());
    assertThat(plan.at("/plan/host/figures/disk/value").asDouble()).isGreaterThan(1e9);
    assertThat(plan.at("/plan/host/figures/disk/unit").asText()).isEqualTo("bytes");
    assertThat(plan.at("/plan/host/figures/disk/formula").asText())
        .contains("500 + 51")
        .isNotEmpty();
    assertThat(plan.at("/measured/agent-cpu/source").asText()).startsWith("bench/results/hop.md");
  }

  @Test
  void onATerminalNoLineIsWiderThanIt() {
    CapacityPlan plan = plan(50_000, 500, Duration.ofHours(6), 10_000, 3);
    String text = new PlanText(plan, false, 100).text();
    assertThat(text.lines()).allMatch(line -> line.length() <= 100);
    assertThat(text).doesNotContain("\u001b");
    assertThat(new PlanText(plan, true, 100).text()).contains("\u001b[1m");
  }
}
