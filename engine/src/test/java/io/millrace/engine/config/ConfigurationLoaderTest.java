/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Environment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigurationLoaderTest {
  private static final String AGENT =
      """
      a1.sources = r1
      a1.channels = c1
      a1.sources.r1.type = seq
      a1.sources.r1.channels = c1
      a1.channels.c1.type = memory
      """;

  @TempDir Path folder;

  @Test
  void aFileThatCannotBeReadIsOneClearProblem() throws IOException {
    Path missing = folder.resolve("missing.conf");
    Path yaml = Files.writeString(folder.resolve("flume.yaml"), AGENT);
    assertThat(problems(missing)).containsExactly(missing + ": error: does not exist.");
    assertThat(problems(folder))
        .containsExactly(folder + ": error: is a directory (expected: a properties file).");
    assertThat(problems(yaml))
        .containsExactly(
            yaml
                + ": error: was not read, for its name says that it is no properties file. Rename"
                + " it if it is.");
  }

  @Test
  void aFileThatIsFarTooLargeIsNotRead() throws IOException {
    Path large = folder.resolve("large.conf");
    Files.write(large, new byte[ConfigurationLoader.MAX_FILE_BYTES + 1]);
    assertThat(problems(large))
        .containsExactly(large + ": error: is larger than 16777216 bytes and was not read.");
  }

  @Test
  void oneUnreadableFileKeepsTheAgentFromStartingEvenWhenLenient() throws IOException {
    Path good = Files.writeString(folder.resolve("good.conf"), AGENT);
    Configuration configuration = load(good, folder.resolve("missing.conf"));
    assertThat(configuration.agentNames()).containsExactly("a1");
    assertThat(configuration.agent("a1", Strictness.LENIENT).agent()).isEmpty();
    assertThat(load(good).agent("a1", Strictness.STRICT).agent()).isPresent();
  }

  @Test
  void laterFilesWin() throws IOException {
    Path base = Files.writeString(folder.resolve("base.conf"), AGENT);
    Path site = Files.writeString(folder.resolve("site.conf"), "a1.sources.r1.batchSize = 9\n");
    Path last = Files.writeString(folder.resolve("last.conf"), "a1.sources.r1.batchSize = 8\n");
    AgentResult result = load(base, site, last).agent("a1", Strictness.STRICT);
    ToyComponents.Seq seq =
        (ToyComponents.Seq) result.agent().orElseThrow().sources().get(0).options();
    assertThat(seq.batchSize()).isEqualTo(8);
    assertThat(result.problems()).noneMatch(p -> p.message().contains("overrides"));
  }

  private static List<String> problems(Path file) {
    return load(file).agent("a1", Strictness.STRICT).problems().stream()
        .map(Problem::text)
        .toList();
  }

  private static Configuration load(Path... files) {
    Environment environment = new Environment(Map.of(), Map.of(), Clock.systemUTC());
    return new ConfigurationLoader(ToyComponents.catalog(), environment).load(List.of(files));
  }
}
