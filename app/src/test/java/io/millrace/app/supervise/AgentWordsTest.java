/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentWordsTest {
  /** The checkout has a bin/millrace too. */
  private static final Optional<Path> HOME = Optional.of(Path.of("..").toAbsolutePath());

  private static AgentWords words(String... words) {
    return AgentWords.of(HOME, List.of(words));
  }

  @Test
  void theAgentIsStartedByTheSameLauncherAndToldWhoseChildItIs() {
    assertThat(words("agent", "-n", "a1").command(7))
        .containsSequence(HOME.get().resolve("bin/millrace").toString(), "agent", "-n", "a1")
        .contains("--stop-with-parent", "-Dmillrace.supervisor.restarts=7")
        .contains("-Dmillrace.supervisor.pid=" + ProcessHandle.current().pid());
  }

  @Test
  void healthIsWhereTheAgentsOwnOptionsPutIt() {
    assertThat(health("flume.monitoring.type=http"))
        .hasValue(URI.create("http://127.0.0.1:41414/health/live"));
    assertThat(
            health(
                "flume.monitoring.type=http",
                "flume.monitoring.port=1",
                "flume.monitoring.port=4141",
                "flume.monitoring.bind=::1"))
        .hasValue(URI.create("http://[::1]:4141/health/live"));
    assertThat(
            health(
                "flume.monitoring.type=http",
                "flume.monitoring.port=4141",
                "flume.monitoring.bind=10.0.0.1",
                "millrace.admin.port=5151",
                "millrace.admin.bind=0.0.0.0"))
        .hasValue(URI.create("http://127.0.0.1:5151/health/live"));
    assertThat(health("millrace.admin.port=5151"))
        .hasValue(URI.create("http://127.0.0.1:5151/health/live"));
  }

  // A guess would have an agent killed that works and has no such port.
  @Test
  void anAgentThatOpensNoPortIsNotAskedForItsHealth() {
    assertThat(health("flume.monitoring.port=41414")).isEmpty();
    assertThat(health("flume.monitoring.type=ganglia", "flume.monitoring.port=1")).isEmpty();
    assertThat(health("flume.monitoring.bind=0.0.0.0")).isEmpty();
    assertThat(health("millrace.admin.port=0")).isEmpty();
  }

  /** With each property given one of the two ways. */
  private static Optional<URI> health(String... properties) {
    List<String> words = new ArrayList<>(List.of("agent"));
    for (String property : properties) {
      if (words.size() % 2 == 0) {
        words.add("-D" + property);
      } else {
        words.addAll(List.of("-D", property));
      }
    }
    return AgentWords.of(HOME, words).health();
  }

  @Test
  void whatPropertiesAreSetToIsNotShown() {
    assertThat(words("agent", "-Dkey=secret", "-D", "key=secret", "-f", "a=b.conf").shown())
        .isEqualTo("agent -Dkey=... -D key=... -f a=b.conf");
  }

  @Test
  void nothingAndOtherCommandsAreRefused() {
    assertThatThrownBy(() -> words()).hasMessageContaining("nothing after --");
    assertThatThrownBy(() -> words("chanel")).hasMessageContaining("'chanel' (expected: agent");
    assertThatThrownBy(() -> AgentWords.of(Optional.empty(), List.of("agent")))
        .hasMessageContaining("bin/millrace was not found");
  }

  @Test
  void theReportOfACrashedJvmIsLookedForWhereItWasToldToPutIt() {
    Path here = Path.of("/here");
    assertThat(words("agent").jvmReport(here, 5)).isEqualTo(Path.of("/here/hs_err_pid5.log"));
    assertThat(words("agent", "-XX:ErrorFile=/tmp/e%p").jvmReport(here, 5))
        .isEqualTo(Path.of("/tmp/e5"));
  }
}
