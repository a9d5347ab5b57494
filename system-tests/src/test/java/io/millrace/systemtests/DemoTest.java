/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

final class DemoTest {
  @RegisterExtension final Scene scene = new Scene();

  // Promise 1, as a newcomer sees it in the first minute.
  @Test
  void demoCountsEveryLineAndLosesNone() {
    Path directory = scene.directory("demo");

    Command demo =
        Command.millrace(
            scene.directory(),
            Duration.ofSeconds(90),
            "demo",
            "--dir",
            directory.toString(),
            "--duration",
            "10");

    assertThat(demo.status()).as(demo.output()).isZero();
    assertThat(demo.output()).containsPattern("(?m)^ *lost +0$");
    assertThat(Store.of(directory.resolve("store")).lineCount())
        .as("lines in the store of the demo\n%s", demo.output())
        .isGreaterThan(1_000);
  }
}
