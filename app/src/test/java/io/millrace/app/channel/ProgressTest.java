/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressTest {
  private static final long TOTAL_BYTES = 3000L << 20;

  private final StringWriter text = new StringWriter();
  private long nanos;

  private void passHalfInThirtySeconds(int columns) {
    try (Progress progress =
        new Progress(new PrintWriter(text), columns, "Verifying", TOTAL_BYTES, () -> nanos)) {
      for (int i = 1; i <= 30; i++) {
        nanos = TimeUnit.SECONDS.toNanos(i);
        progress.passed(TOTAL_BYTES / 60);
      }
    }
  }

  @Test
  void elsewhereThanOnATerminalItIsALineEveryTenSeconds() {
    passHalfInThirtySeconds(0);

    assertThat(text.toString().lines())
        .containsExactly(
            "Verifying: 17 %  500.0 MiB of 2.9 GiB  50 MiB/s  50 s left",
            "Verifying: 33 %  1000.0 MiB of 2.9 GiB  50 MiB/s  40 s left",
            "Verifying: 50 %  1.5 GiB of 2.9 GiB  50 MiB/s  30 s left");
  }

  @Test
  void onATerminalItIsRedrawnInPlaceAndTakenAwayAtTheEnd() {
    passHalfInThirtySeconds(100);

    assertThat(text.toString())
        .doesNotContain("\n")
        .endsWith(
            "\rVerifying  [############............]  50 %  1.5 GiB of 2.9 GiB  50 MiB/s  30 s left"
                + "\u001b[K\r\u001b[K");
  }

  @Test
  void aNarrowTerminalGetsNoLineThatWraps() {
    passHalfInThirtySeconds(40);

    assertThat(text.toString().split("\r"))
        .allSatisfy(line -> assertThat(line.replace("\u001b[K", "")).hasSizeLessThan(40));
  }
}
