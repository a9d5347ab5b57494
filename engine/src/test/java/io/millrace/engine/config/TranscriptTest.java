/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.problem.ProblemReport;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.config.properties.PropertiesText;
import io.millrace.engine.model.AgentDefinition;
import io.millrace.engine.model.Failover;
import io.millrace.engine.model.SinkGroupDefinition;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Checks configurations and compares what is said with what stands in the transcript. A transcript
 * has blocks, each under a line that begins with {@code ==}: {@code == environment} (lines {@code
 * env NAME=value} and {@code sys name=value}), {@code == NAME} for a file, {@code == check AGENT},
 * {@code == check AGENT lenient}, {@code == check everything} with the expected lines.
 *
 * <p>Run with {@code -Dtranscripts.update=FOLDER} to write what is said now into the files of a
 * folder, and read the difference.
 */
class TranscriptTest {
  private static final Pattern BLOCK_START = Pattern.compile("(?m)^(?=== )");
  private static final Instant NOW = Instant.parse("2026-03-01T12:34:56Z");

  static Stream<Path> transcripts() throws IOException, URISyntaxException {
    String update = System.getProperty("transcripts.update");
    Path folder =
        update == null
            ? Path.of(TranscriptTest.class.getResource("transcripts").toURI())
            : Path.of(update);
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("transcripts")
  void whatIsSaidIsWhatTheTranscriptSays(Path file) throws IOException {
    String expected = Files.readString(file);
    String actual = replay(expected);
    if (System.getProperty("transcripts.update") != null) {
      Files.writeString(file, actual);
    }
    assertThat(actual).isEqualTo(expected);
  }

  /** The transcript with the expected lines replaced by the actual ones. */
  private static String replay(String transcript) {
    Map<String, String> variables = new LinkedHashMap<>();
    Map<String, String> properties = new LinkedHashMap<>(Map.of("user.home", "/home/u"));
    List<PropertiesText> files = new ArrayList<>();
    StringBuilder actual = new StringBuilder();
    for (String block : BLOCK_START.splitAsStream(transcript).toList()) {
      String title = block.lines().findFirst().orElse("").replaceFirst("^== ?", "");
      String body = block.substring(block.indexOf('\n') + 1);
      if (!block.startsWith("==")) {
        actual.append(block);
      } else if (title.startsWith("check ")) {
        Environment environment =
            new Environment(variables, properties, Clock.fixed(NOW, ZoneOffset.UTC));
        Configuration configuration =
            new ConfigurationLoader(ToyComponents.catalog(), environment).loadTexts(files);
        actual.append("== ").append(title).append('\n');
        actual.append(check(configuration, title.substring("check ".length())));
      } else {
        actual.append(block);
        if (title.equals("environment")) {
          body.lines().forEach(line -> define(line, variables, properties));
        } else {
          files.add(PropertiesText.of(title, body));
        }
      }
    }
    return actual.toString();
  }

  private static void define(
      String line, Map<String, String> variables, Map<String, String> properties) {
    int equals = line.indexOf('=');
    if (line.startsWith("env ")) {
      variables.put(line.substring(4, equals), line.substring(equals + 1));
    } else if (line.startsWith("sys ")) {
      properties.put(line.substring(4, equals), line.substring(equals + 1));
    }
  }

  private static String check(Configuration configuration, String what) {
    if (what.equals("everything")) {
      return report(configuration.problems(Strictness.STRICT));
    }
    boolean isLenient = what.endsWith(" lenient");
    AgentResult result =
        configuration.agent(
            what.replace(" lenient", ""), isLenient ? Strictness.LENIENT : Strictness.STRICT);
    return report(result.problems())
        + "agent: "
        + result.agent().map(TranscriptTest::outline).orElse("none")
        + "\n\n";
  }

  private static String report(List<Problem> problems) {
    return new ProblemReport(problems).plain();
  }

  private static String outline(AgentDefinition agent) {
    List<String> parts = new ArrayList<>();
    agent
        .sources()
        .forEach(
            s -> parts.add(s.name() + " (" + s.type() + ") > " + String.join(" ", s.channels())));
    agent.channels().forEach(c -> parts.add(c.name() + " (" + c.type() + ")"));
    agent
        .sinks()
        .forEach(
            s ->
                parts.add(
                    s.channel()
                        + " > "
                        + s.name()
                        + " ("
                        + s.type()
                        + ", "
                        + s.batchSize()
                        + " at once)"));
    agent.sinkGroups().stream()
        .filter(group -> !group.equals(SinkGroupDefinition.alone(group.name())))
        .forEach(group -> parts.add(outline(group)));
    return String.join("; ", parts);
  }

  private static String outline(SinkGroupDefinition group) {
    boolean isFailover = group.processor() instanceof Failover;
    return group.name()
        + " ("
        + group.processor().getClass().getSimpleName()
        + ") of "
        + group.members().stream()
            .map(member -> member.sink() + (isFailover ? " " + member.priority() : ""))
            .collect(Collectors.joining(", "));
  }
}
