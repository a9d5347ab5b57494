/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class DemoTest {
  @RegisterExtension final Scene scene = new Scene();

  // Promise 1, as a newcomer sees it in the first minute.
  @Test
  void demoCountsEveryLineAndLosesNone() {
    Path directory = scene.directory("demo");

    Command demo =
        Command.millrace(
            scene.directory(),
            Duration.ofSeconds(240),
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

  // Promise 6, on a real store, by the connector from its plug-in directory.
  @ParameterizedTest
  @ValueSource(strings = {"hdfs", "kafka"})
  @Tag("long")
  void demoOnARealStoreCountsEveryLineAndLosesNone(String store) {
    Command demo =
        Command.millrace(
            scene.directory(),
            Duration.ofSeconds(240),
            "demo",
            "-Dmillrace.servers=" + Installation.sources().resolve("servers"),
            "--store",
            store,
            "--dir",
            scene.directory("demo").toString(),
            "--duration",
            "5");

    assertThat(demo.status()).as(demo.output()).isZero();
    assertThat(demo.output())
        .containsPattern("(?m)^ *lost +0$")
        .containsPattern("(?m)^ *duplicated +0$")
        .containsPattern("Nothing was lost. Store: " + store + "://127.0.0.1:[0-9]+/demo");
  }
}
