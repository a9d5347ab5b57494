/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.properties;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.config.problem.Problem;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SubstitutionTest {
  private static final Environment ENVIRONMENT =
      new Environment(
          Map.of("HOST", "example.org", "NESTED", "${sys:which}", "EMPTY", ""),
          Map.of("which", "HOST", "java.version", "17.0.9"),
          Clock.fixed(Instant.parse("2026-03-01T12:34:56Z"), ZoneOffset.UTC));

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "${env:HOST}                    | example.org",
        "a${env:HOST}b${env:HOST}c      | aexample.orgbexample.orgc",
        "${env:${sys:which}}            | example.org",
        "${env:NESTED}                  | HOST",
        "${env:NONE:-fallback}          | fallback",
        "${env:NONE:-${env:HOST}}       | example.org",
        "${env:NONE:-}x                 | x",
        "${env:HOST:-fallback}          | example.org",
        "$${env:HOST}                   | ${env:HOST}",
        "$${env:${sys:which}}           | ${env:HOST}",
        "${java:version}                | Java version 17.0.9",
        "${date:yyyy-MM-dd HH:mm}       | 2026-03-01 12:34",
        "${a.other}                     | other",
        "${a.chain}                     | <other>",
        "${env:NONE}                    | ${env:NONE}",
        "${a.none:-5}                   | 5",
        "${ext['a-key']} ${ext[k]}      | ${ext['a-key']} ${ext[k]}",
        "${unclosed ${env:HOST}         | ${unclosed example.org",
        "insert ${header.id:int} $HOST  | insert ${header.id:int} $HOST",
        "}{$                            | }{$",
        "${}                            | ${}"
      })
  void resolves(String value, String expected) {
    assertThat(resolve("a.v = " + value + "\na.other = other\na.chain = <${a.other}>\n"))
        .extracting(settings -> settings.byKey().get("a.v").value())
        .isEqualTo(expected);
  }

  @Test
  void aCircleIsAnErrorAndNotAnOverflow() {
    Settings settings = resolve("a.x = ${a.y}\na.y = ${a.x}\na.z = ${a.z}\n");
    assertThat(settings.problems()).hasSize(3).allMatch(Problem::isError);
    assertThat(settings.byKey().get("a.x").value()).isEqualTo("${a.y}");
  }

  @Test
  void valuesThatDoubleThemselvesAreBounded() {
    String text =
        IntStream.range(0, 30)
                .mapToObj(i -> "a.v" + i + " = ${a.v" + (i + 1) + "}${a.v" + (i + 1) + "}\n")
                .collect(Collectors.joining())
            + "a.v30 = x\n";
    assertThat(resolve(text).problems())
        .isNotEmpty()
        .allSatisfy(p -> assertThat(p.message()).contains("stays as it is written"));
  }

  @Test
  void depthIsBounded() {
    String text =
        IntStream.range(0, 50)
                .mapToObj(i -> "a.v" + i + " = ${a.v" + (i + 1) + "}\n")
                .collect(Collectors.joining())
            + "a.v50 = x\n";
    Settings settings = resolve(text);
    assertThat(settings.problems()).anyMatch(p -> p.message().contains("nested more than 32"));
    assertThat(settings.byKey().get("a.v40").value()).isEqualTo("x");
  }

  @Test
  void manyUnclosedBracesEndInAnError() {
    assertThat(resolve("a.v = " + "${".repeat(30_000) + "\n").problems())
        .anyMatch(p -> p.message().contains("1000 variables"));
  }

  @Test
  void aValueFromASecretVariableIsSecret() {
    Environment environment =
        new Environment(Map.of("DB_PASSWORD", "x"), Map.of(), Clock.systemUTC());
    Settings settings =
        Settings.read(List.of(PropertiesText.of("f", "a.v = ${env:DB_PASSWORD}")))
            .resolved(environment);
    assertThat(settings.byKey().get("a.v").shown()).isEqualTo("the value (not shown)");
  }

  private static Settings resolve(String text) {
    return Settings.read(List.of(PropertiesText.of("f", text))).resolved(ENVIRONMENT);
  }
}
