/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.config.problem.Problem;
import io.millrace.engine.config.properties.Environment;
import io.millrace.engine.config.properties.PropertiesText;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Goal: no text crashes the check. Method: random keys and values of the words that mean something.
 */
class HostileTextTest {
  private static final ConfigurationLoader LOADER =
      new ConfigurationLoader(
          ToyComponents.catalog(),
          new Environment(Map.of("HOST", "h", "SELF", "${env:SELF}"), Map.of(), Clock.systemUTC()));

  @Property(tries = 500)
  void everyTextIsAnswered(@ForAll("texts") String text) {
    Configuration configuration =
        LOADER.loadTexts(
            List.of(new PropertiesText("f", text.getBytes(StandardCharsets.ISO_8859_1))));
    List<Problem> all = configuration.problems(Strictness.STRICT);
    assertThat(all).allSatisfy(problem -> assertThat(problem.text().lines()).hasSize(1));
    for (String name : configuration.agentNames()) {
      AgentResult strict = configuration.agent(name, Strictness.STRICT);
      AgentResult lenient = configuration.agent(name, Strictness.LENIENT);
      assertThat(strict.agent().isPresent())
          .as("a strict agent starts when nothing is an error")
          .isEqualTo(strict.problems().stream().noneMatch(Problem::isError));
      assertThat(strict.agent().isPresent() && lenient.agent().isEmpty())
          .as("what starts when strict starts when lenient")
          .isFalse();
      lenient
          .agent()
          .ifPresent(
              agent ->
                  agent
                      .sinks()
                      .forEach(
                          sink ->
                              assertThat(agent.channels())
                                  .anyMatch(c -> c.name().equals(sink.channel()))));
    }
  }

  @Provide
  Arbitrary<String> texts() {
    Arbitrary<String> word =
        Arbitraries.of(
            "a",
            "b",
            "sources",
            "channels",
            "sinks",
            "sinkgroups",
            "configfilters",
            "r",
            "c",
            "k",
            "g",
            "type",
            "channel",
            "selector",
            "interceptors",
            "optional",
            "mapping",
            "processor",
            "priority",
            "hdfs",
            "path",
            "serializer",
            "batchSize",
            "capacity",
            "transactionCapacity",
            "sink",
            "directory",
            "",
            "\u00e9");
    Arbitrary<String> key = word.list().ofMinSize(1).ofMaxSize(5).map(w -> String.join(".", w));
    Arbitrary<String> value =
        Arbitraries.oneOf(
            word,
            word.list().ofMaxSize(4).map(w -> String.join(" ", w)),
            Arbitraries.of(
                "seq",
                "netcat",
                "memory",
                "file",
                "logger",
                "hdfs",
                "file_roll",
                "static",
                "multiplexing",
                "default",
                "failover",
                "text",
                "env",
                "1",
                "-1",
                "99999999999",
                "true",
                "a,b",
                "c # d",
                "${env:HOST}",
                "${env:SELF}",
                "${a.sources}",
                "${r['k']}",
                "$${",
                "${${${",
                "~",
                "\\u12",
                "\\",
                "\u001b[31m",
                "\"x\""));
    Arbitrary<String> line = Combinators.combine(key, value).as((k, v) -> k + " = " + v);
    Arbitrary<String> wholeLine =
        Arbitraries.of(
            "a.sources = r",
            "a.channels = c",
            "a.sinks = k",
            "a.sources.r.type = seq",
            "a.sources.r.channels = c",
            "a.channels.c.type = memory",
            "a.sinks.k.type = logger",
            "a.sinks.k.channel = c",
            "a.sinkgroups = g",
            "a.sinkgroups.g.sinks = k");
    return Arbitraries.frequencyOf(Tuple.of(3, wholeLine), Tuple.of(1, line))
        .list()
        .ofMaxSize(40)
        .map(lines -> String.join("\n", lines));
  }
}
