/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.config.Configuration;
import io.millrace.engine.config.ConfigurationLoader;
import io.millrace.engine.config.Strictness;
import io.millrace.engine.config.declaration.Catalog;
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

/** Rules on who may connect are followed, or it is said that they are not. */
class FilterRulesTest {
  private static final String RULES = "a1.sources.r1.ipFilterRules = allow:ip:10.*,deny:ip:*";

  @TempDir private Path directory;

  private Configuration load(String... lines) throws IOException {
    String text =
        """
        a1.sources = r1
        a1.channels = c1
        a1.sinks = k1
        a1.channels.c1.type = memory
        a1.sources.r1.type = avro
        a1.sources.r1.bind = 0.0.0.0
        a1.sources.r1.port = 4141
        a1.sources.r1.channels = c1
        a1.sinks.k1.type = null
        a1.sinks.k1.channel = c1
        """;
    Path file = directory.resolve("flume.conf");
    Files.writeString(file, text + String.join("\n", lines) + "\n");
    return new ConfigurationLoader(
            Catalog.load(FilterRulesTest.class.getClassLoader()),
            new Environment(Map.of(), Map.of("user.home", "/home/u"), Clock.systemUTC()))
        .load(List.of(file));
  }

  private static List<String> problems(Configuration configuration) {
    return configuration.problems(Strictness.STRICT).stream().map(Problem::text).toList();
  }

  @Test
  void rulesWithoutTheFilterAreAnsweredAndDoNotKeepTheAgentFromStarting() throws IOException {
    for (String filter : List.of("", "a1.sources.r1.ipFilter = false")) {
      Configuration configuration = load(RULES, filter);
      assertThat(problems(configuration))
          .singleElement()
          .asString()
          .contains("warning", "a1.sources.r1.ipFilterRules", "has no effect", "ipFilter is not");
      assertThat(configuration.agent("a1", Strictness.STRICT).agent()).isPresent();
    }
  }

  @Test
  void rulesWithTheFilterAndNoRulesAtAllAreNotAnswered() throws IOException {
    assertThat(problems(load(RULES, "a1.sources.r1.ipFilter = true"))).isEmpty();
    assertThat(problems(load())).isEmpty();
  }
}
