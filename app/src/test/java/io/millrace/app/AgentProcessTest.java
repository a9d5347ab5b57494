/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static io.millrace.app.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent command as a process: signals, exit status, log. */
class AgentProcessTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private Process process;

  @AfterEach
  void leaveNoProcess() {
    if (process != null) {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalStopsTheAgentInOrderWithStatusZero(String signal) throws Exception {
    start("null", List.of());
    awaitLog("Agent a1 is running: 0 sources, 1 channel, 1 sink");

    new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start().waitFor();

    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isZero();
    assertThat(log()).contains("Agent a1 stopped in");
  }

  @Test
  void anAgentThatCannotRunEndsWithStatusOne() throws Exception {
    start("nul", List.of());

    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(process.exitValue()).isEqualTo(1);
    assertThat(log()).contains("flume.conf:4: error", "Agent a1 was not started");
  }

  @Test
  void theLevelOfFlumesRootLoggerIsHonoured() throws Exception {
    start("null", List.of("-Dflume.root.logger=ERROR,console", "-Dflume.monitoring.type=ganglia"));
    // Nothing is said at this level, so the end of the start shows in the process alone.
    await().atMost(LIMIT).until(() -> process.isAlive() && isAnsweringSignals());

    process.destroy();

    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(log()).doesNotContain("INFO").doesNotContain("WARN");
  }

  @Test
  void theLogConfigurationOfTheUserWins() throws Exception {
    Files.writeString(
        directory.resolve("log4j2.xml"),
        """
        <Configuration>
          <Appenders>
            <Console name="c" target="SYSTEM_ERR"><PatternLayout pattern="MINE %m%n"/></Console>
          </Appenders>
          <Loggers><Root level="INFO"><AppenderRef ref="c"/></Root></Loggers>
        </Configuration>
        """);
    start("null", List.of(), "--conf", directory.toString());

    awaitLog("MINE Agent a1 is running");
    process.destroy();
    assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(log()).contains("MINE Agent a1 stopped");
  }

  private boolean isAnsweringSignals() throws IOException {
    // The thread that answers signals is registered before the agent's threads start.
    Path tasks = Path.of("/proc", String.valueOf(process.pid()), "task");
    try (Stream<Path> threads = Files.list(tasks)) {
      return threads.anyMatch(AgentProcessTest::isSinkThread);
    }
  }

  private static boolean isSinkThread(Path task) {
    try {
      return Files.readString(task.resolve("comm")).startsWith("a1/");
    } catch (IOException e) {
      return false; // the thread has ended meanwhile
    }
  }

  private void start(String sinkType, List<String> jvmArgs, String... agentArgs)
      throws IOException {
    Path file =
        Files.writeString(
            directory.resolve("flume.conf"),
            """
            a1.channels = c1
            a1.sinks = k1
            a1.channels.c1.type = memory
            a1.sinks.k1.type = %s
            a1.sinks.k1.channel = c1
            """
                .formatted(sinkType));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(jvmArgs);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Millrace.class.getName()));
    command.addAll(List.of("agent", "-n", "a1", "-f", file.toString()));
    command.addAll(List.of(agentArgs));
    process =
        new ProcessBuilder(Interruptible.command(command))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
  }

  private void awaitLog(String text) {
    await().atMost(LIMIT).untilAsserted(() -> assertThat(log()).contains(text));
  }

  private String log() throws IOException {
    return Files.readString(directory.resolve("log"));
  }
}
