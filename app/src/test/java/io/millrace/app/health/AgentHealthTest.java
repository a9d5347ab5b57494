/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.health;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.metrics.MetricKind;
import io.millrace.engine.runtime.ComponentStatus.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AgentHealthTest {
  private final List<ComponentHealth> components = new ArrayList<>();

  @Test
  void anAgentIsReadyWhileItsSourcesRunAndTheirChannelsHaveRoom() {
    add(MetricKind.SOURCE, "r1", State.RUNNING, "", List.of("c1"));
    add(MetricKind.CHANNEL, "c1", State.RUNNING, "", List.of());
    add(MetricKind.SINK, "k1", State.RETRYING, "", List.of());

    assertThat(health(true, false).isReady()).as("a sink that fails leaves room").isTrue();
    assertThat(health(false, false).unreadyReasons(Optional.empty()))
        .containsExactly("the agent is starting");
    assertThat(health(true, true).unreadyReasons(Optional.empty()))
        .containsExactly("the agent is told to stop");
  }

  @Test
  void whatIsInTheWayIsSaidInWords() {
    add(MetricKind.SOURCE, "r1", State.RETRYING, "", List.of("c1"));
    add(MetricKind.CHANNEL, "c1", State.RUNNING, "it is full: 10 of 10 events", List.of());

    assertThat(health(true, false).unreadyReasons(Optional.empty()))
        .containsExactly(
            "source r1 is retrying: port in use", "channel c1: it is full: 10 of 10 events");
  }

  @Test
  void anOptionalChannelHoldsUpNobody() {
    add(MetricKind.SOURCE, "r1", State.RUNNING, "", List.of("c1"));
    add(MetricKind.CHANNEL, "c1", State.RUNNING, "", List.of());
    add(MetricKind.CHANNEL, "copy", State.RUNNING, "it is full", List.of());

    assertThat(health(true, false).isReady()).isTrue();
  }

  @Test
  void oneSourceMayBeAskedForAlone() {
    add(MetricKind.SOURCE, "r1", State.RUNNING, "", List.of("c1"));
    add(MetricKind.SOURCE, "r2", State.RETRYING, "", List.of("c2"));
    add(MetricKind.CHANNEL, "c1", State.RUNNING, "", List.of());
    add(MetricKind.CHANNEL, "c2", State.RUNNING, "it is full", List.of());
    AgentHealth health = health(true, false);

    assertThat(health.isReady()).isFalse();
    assertThat(health.unreadyReasons(Optional.of("r1"))).isEmpty();
    assertThat(health.unreadyReasons(Optional.of("r2"))).hasSize(2);
    assertThat(health.unreadyReasons(Optional.of("r3"))).containsExactly("there is no source r3");
  }

  @Test
  void aDeadAgentIsNotReadyEither() {
    AgentHealth dead =
        new AgentHealth("a1", Instant.EPOCH, true, false, List.of("it hangs"), List.of());
    assertThat(dead.isLive()).isFalse();
    assertThat(dead.isReady()).isFalse();
  }

  private AgentHealth health(boolean isStarted, boolean isStopping) {
    return new AgentHealth("a1", Instant.EPOCH, isStarted, isStopping, List.of(), components);
  }

  private void add(MetricKind kind, String name, State state, String problem, List<String> feeds) {
    components.add(
        new ComponentHealth(
            kind + "." + name,
            kind,
            name,
            "toy",
            state,
            state == State.RUNNING ? "" : "port in use",
            Instant.EPOCH,
            Optional.empty(),
            Optional.empty(),
            problem,
            feeds));
  }
}
