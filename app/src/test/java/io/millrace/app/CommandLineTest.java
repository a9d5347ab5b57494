/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandLineTest {
  private static final String USABLE =
      """
      a1.channels = c1
      a1.sinks = k1
      a1.channels.c1.type = memory
      a1.sinks.k1.type = null
      a1.sinks.k1.channel = c1
      """;

  @TempDir private Path directory;

  @Test
  void aMisspeltCommandIsAnsweredWithTheNearestOne() {
    CommandRun run = CommandRun.of("agnet");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("'agnet'").contains("agent");
  }

  @Test
  void noCommandAtAllIsAQuestion() {
    CommandRun run = CommandRun.of();

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("Which command?").contains("demo").contains("--help");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "agent",
        "node",
        "supervise",
        "check",
        "describe",
        "channel",
        "avro-client",
        "demo",
        "version"
      })
  void everyCommandHasHelpOfAtMostAHundredColumns(String command) {
    CommandRun run = CommandRun.of(command, "--help");

    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("Usage: millrace");
    assertThat(run.out().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
  }

  @Test
  void versionBeginsWithNameAndNumber() {
    CommandRun run = CommandRun.of("version");

    assertThat(run.status()).isZero();
    assertThat(run.out()).matches("(?s)Millrace \\d+\\.\\d+\\.\\d+\\S*\\n.*");
  }

  @ParameterizedTest
  @CsvSource({
    "--conf-uri,http://h/c,--conf-uri",
    "-u,http://h/c,--conf-uri",
    "--zkConnString,z:2181,ZooKeeper",
    "-z,z:2181,ZooKeeper",
    "--conf-provider,x.Y,--conf-provider",
    "-prov,x.Y,--conf-provider",
    "--auth-provider,x.Y,--auth-provider"
  })
  void anAgentOptionThatIsNotProvidedIsRefusedInWords(String option, String value, String named) {
    CommandRun run = CommandRun.of("agent", "-n", "a1", option, value);

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(named).contains("not provided in this version");
  }

  @Test
  void anAgentNeedsAConfigurationFile() {
    CommandRun run = CommandRun.of("agent", "--name", "a1");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--conf-file");
  }

  @Test
  void anAgentWithMistakesNamesThemAllAndDoesNotStart() throws IOException {
    Path file = write(USABLE.replace("= memory", "= memroy").replace("= null", "= nul"));

    CommandRun run = CommandRun.of("agent", "-n", "a1", "-f", file.toString());

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err())
        .contains(file + ":3", "memroy", file + ":4", "'nul'", "Agent a1 was not started");
  }

  @Test
  void anAgentThatIsNotInTheFileDoesNotStart() throws IOException {
    CommandRun run = CommandRun.of("agent", "-n", "a2", "-f", write(USABLE).toString());

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.err()).contains("a2").contains("a1");
  }

  @Test
  void checkingAFileWithoutErrorsSucceedsAndShowsWarnings() throws IOException {
    Path file = write(USABLE + "a1.channels.c1.capcity = 5\n");

    CommandRun run = CommandRun.of("check", file.toString());

    assertThat(run.status()).isZero();
    assertThat(run.out()).contains(file + ":6").contains("capacity").contains("1 warning");
  }

  @Test
  void checkingAFileWithErrorsFails() throws IOException {
    CommandRun run = CommandRun.of("check", write(USABLE.replace("null", "nul")).toString());

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).contains("1 error");
  }

  @Test
  void checkingAMissingFileFails() {
    CommandRun run = CommandRun.of("check", directory.resolve("none.conf").toString());

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).contains("none.conf").contains("does not exist");
  }

  @Test
  void theCheckOfOneAgentLeavesOutTheOthers() throws IOException {
    Path file = write(USABLE + USABLE.replace("a1.", "b1.").replace("null", "nul"));

    assertThat(CommandRun.of("check", "--name", "a1", file.toString()).status()).isZero();
    assertThat(CommandRun.of("check", "--name", "b1", file.toString()).status()).isEqualTo(1);
    assertThat(CommandRun.of("check", file.toString()).status()).isEqualTo(1);
  }

  @Test
  void describeShowsTheOptionsOfAComponent() {
    CommandRun run = CommandRun.of("describe", "memory");

    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("capacity").contains("default 100").contains("(channel)");
  }

  @Test
  void describeWithoutATypeListsAllKinds() {
    CommandRun run = CommandRun.of("describe");

    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("Channels", "Sinks", "memory", "null");
  }

  @Test
  void describeOfAMisspeltTypeNamesTheNearest() {
    CommandRun run = CommandRun.of("describe", "memroy");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("memroy").contains("memory");
  }

  @Test
  void theDemoRefusesAPathThatIsNotThere() {
    Path missing = directory.resolve("missing.log");

    CommandRun run = CommandRun.of("demo", "--follow", missing.toString(), "--dir", "x");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains(missing.toString()).contains("no such file");
  }

  @Test
  void theDemoRefusesARateOutOfBounds() {
    CommandRun run = CommandRun.of("demo", "--rate", "0");

    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("--rate: 0").contains("expected");
  }

  private Path write(String text) throws IOException {
    return Files.writeString(directory.resolve("flume.conf"), text);
  }
}
