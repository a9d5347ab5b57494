/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.agent.Product;
import io.millrace.bench.load.Ledger;
import io.millrace.bench.load.Scenario;
import io.millrace.bench.machine.DiskProbe;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadSectionTest {
  private static final double MIB = 1 << 20;
  private static final Scenario SCENARIO = new Scenario("s", 4, 100, 512, 1);
  private static final DiskProbe.Result DISK = new DiskProbe.Result(5000, 3000, 2000 * MIB);

  @Test
  void bytesAreToldAsAShareOfWhatTheDiskTakes() {
    String text =
        LoadSection.of(
                Route.NULL_SINK,
                SCENARIO,
                List.of(
                    measurement(Product.MILLRACE, 500 * MIB, 100.0),
                    measurement(Product.FLUME, 20 * MIB, 10.0)),
                DISK)
            .text();

    assertThat(text)
        .contains("| bodies acknowledged, MiB/s | 500.0 | 20.0 | 25.0 |")
        .contains("synced writes of 4 MiB, % | 25.00 | 1.00 | 25.0 |")
        .contains("| events/s drained by the sink | 100 | 10 | 10.0 |");
  }

  @Test
  void whatARunDidNotHaveIsNoRow() {
    String text =
        LoadSection.of(
                Route.NO_SINK, SCENARIO, List.of(measurement(Product.MILLRACE, MIB, null)), DISK)
            .text();

    assertThat(text).doesNotContain("drained", "through", "orderly stop");
  }

  private static Measurement measurement(
      Product product, double bodyBytesPerSecond, Double drained) {
    return new Measurement(
        product,
        1,
        8,
        bodyBytesPerSecond / SCENARIO.bodyBytes(),
        bodyBytesPerSecond,
        drained,
        null,
        0,
        1.5,
        0.5,
        0.5,
        0,
        (long) MIB,
        new Ledger.Latency(1, 2, 3),
        0,
        1.5,
        null,
        Map.of("lane", 1.0));
  }
}
