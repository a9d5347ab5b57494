/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A broken configuration keeps the agent from starting: all problems at once, each with file and
 * line. Promise 12: nothing is silent.
 */
final class BrokenConfigurationTest {
  @RegisterExtension final Scene scene = new Scene();

  private int port;
  private Path channelState;
  private AgentProcess agent;

  @BeforeEach
  void writeBrokenConfiguration() {
    port = Ports.free();
    channelState = scene.directory().resolve("channel");
    agent =
        scene.millrace(
            "broken",
            """
            a1.sources = good bad
            a1.channels = disk
            a1.sinks = files nowhere
            a1.sources.good.type = netcat
            a1.sources.good.bind = 127.0.0.1
            a1.sources.good.port = %1$d
            a1.sources.good.channels = disk
            a1.sources.bad.type = netcatt
            a1.sources.bad.channels = disk
            a1.channels.disk.type = file
            a1.channels.disk.checkpointDir = %2$s/checkpoint
            a1.channels.disk.dataDirs = %2$s/data
            a1.sinks.files.type = file_roll
            a1.sinks.files.sink.rollInterva = 10
            a1.sinks.files.channel = disk
            a1.sinks.nowhere.type = null
            a1.sinks.nowhere.channel = dsk
            """
                .formatted(port, channelState));
  }

  @Test
  void everyProblemIsNamedWithFileAndLineAndNothingIsStarted() {
    agent.start();
    OptionalInt status = agent.process().awaitExit(Duration.ofSeconds(120));

    assertThat(status).as("exit status\n%s", agent.log()).hasValue(1);
    assertNamesEveryProblem(agent.log());
    assertThat(agent.log()).contains("was not started");
    assertThat(channelState).as("directory of the channel").doesNotExist();
    assertThat(Ports.isOpen(port)).as("port of the good source").isFalse();
  }

  @Test
  void checkNamesTheSameProblems() {
    Command check =
        Command.millrace(
            scene.directory(), Duration.ofSeconds(120), "check", agent.conf().toString());

    assertThat(check.status()).as(check.output()).isEqualTo(1);
    assertNamesEveryProblem(check.output());
    assertThat(Files.exists(channelState)).isFalse();
  }

  private void assertNamesEveryProblem(String text) {
    String file = agent.conf().toString();
    assertThat(text)
        .contains(file + ":8: error: a1.sources.bad.type: 'netcatt'")
        .contains("Did you mean netcat?")
        .contains("a1.sinks.files.sink.directory")
        .contains(file + ":14: warning: a1.sinks.files.sink.rollInterva")
        .contains("Did you mean sink.rollInterval?")
        .contains(file + ":17: error: a1.sinks.nowhere.channel")
        .contains("'dsk'");
  }
}
