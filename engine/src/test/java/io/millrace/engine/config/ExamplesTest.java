/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Environment;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The reference configurations, most of whose types the toy catalog does not have. */
class ExamplesTest {
  static Stream<Path> examples() throws IOException, URISyntaxException {
    Path folder = Path.of(ExamplesTest.class.getResource("examples").toURI());
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("examples")
  void everyExampleIsAnsweredWithoutACrash(Path file) {
    ConfigurationLoader loader =
        new ConfigurationLoader(
            ToyComponents.catalog(),
            new Environment(Map.of(), Map.of("user.home", "/home/u"), Clock.systemUTC()));
    Configuration configuration = loader.load(List.of(file));
    List<Problem> problems = configuration.problems(Strictness.STRICT);
    for (String agent : configuration.agentNames()) {
      configuration.agent(agent, Strictness.LENIENT);
    }
    assertThat(problems).allSatisfy(p -> assertThat(p.text()).isNotBlank());
  }
}
