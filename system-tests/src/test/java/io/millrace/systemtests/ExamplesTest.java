/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class ExamplesTest {
  @RegisterExtension final Scene scene = new Scene();

  static List<Path> examples() throws IOException {
    Path examples = Installation.sources().resolve("examples");
    try (Stream<Path> files = Files.walk(examples)) {
      return files
          .filter(file -> file.toString().matches(".*\\.(conf|properties)"))
          .map(examples::relativize)
          .sorted()
          .toList();
    }
  }

  // What we show to users is right, without so much as a warning.
  @ParameterizedTest
  @MethodSource("examples")
  void everyExamplePassesTheCheck(Path example) {
    Path file = Installation.sources().resolve("examples").resolve(example);
    Command check =
        Command.millrace(scene.directory(), Duration.ofSeconds(120), "check", file.toString());

    assertThat(check.status()).as(check.output()).isZero();
    assertThat(check.output()).doesNotContain("warning:");
  }
}
