/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SendProgressTest {
  private final AtomicLong nanos = new AtomicLong();
  private final StringWriter shown = new StringWriter();

  @Test
  void aTerminalIsRedrawnInPlace() {
    SendProgress progress = progress(60, 40_000_000);
    nanos.set(Duration.ofSeconds(2).toNanos());
    progress.passed(50_000, 10_000_000);
    progress.clear();
    assertThat(shown.toString())
        .isEqualTo(
            "\rSending: 25 %, 6 s left, 50,000 events at 25,000/s, 10.0 MB\u001b[K\r\u001b[K");
  }

  @Test
  void elsewhereALineIsWrittenEachTenSeconds() {
    SendProgress progress = progress(0, SendProgress.UNKNOWN);
    nanos.set(Duration.ofSeconds(9).toNanos());
    progress.passed(1, 10);
    assertThat(shown.toString()).isEmpty();
    nanos.set(Duration.ofSeconds(10).toNanos());
    progress.passed(1, 19_999_990);
    progress.clear();
    assertThat(shown.toString())
        .isEqualToIgnoringNewLines("Sending: 2 events at 0/s, 20.0 MB at 2.0 MB/s");
    assertThat(progress.summary()).isEqualTo("2 events, 20.0 MB at 2.0 MB/s, in 10.0 s");
  }

  private SendProgress progress(int columns, long totalBytes) {
    return new SendProgress(new PrintWriter(shown, true), columns, totalBytes, nanos::get);
  }
}
