/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.prometheus;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Metrics;
import io.millrace.app.admin.Answer;
import io.millrace.app.admin.Request;
import io.millrace.app.health.AgentHealth;
import io.millrace.app.health.ComponentHealth;
import io.millrace.engine.metrics.AgentMetrics;
import io.millrace.engine.metrics.ComponentMetrics;
import io.millrace.engine.metrics.MetricKind;
import io.millrace.engine.runtime.ComponentStatus.State;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import javax.management.MBeanServerFactory;
import org.junit.jupiter.api.Test;

class PrometheusPageTest {
  private final AgentMetrics metrics = new AgentMetrics(MBeanServerFactory.newMBeanServer());
  private final ComponentMetrics source = metrics.component(MetricKind.SOURCE, "in");
  private final ComponentMetrics channel = metrics.component(MetricKind.CHANNEL, "c\"1\n");
  private final PrometheusPage page =
      new PrometheusPage(PrometheusPageTest::health, metrics::components, "1.2.3");

  @Test
  void countersAndGaugesHaveTheirNamesAndLabels() throws IOException {
    source.counter("EventReceivedCount").add(17);
    source.gauge("OpenConnectionCount", () -> 3);

    assertThat(text(""))
        .contains("millrace_source_events_received_total{agent=\"a1\",component=\"in\"} 17.0\n")
        .contains("millrace_source_open_connections{agent=\"a1\",component=\"in\"} 3.0\n")
        .contains("# TYPE millrace_source_events_received_total counter\n")
        .contains("# HELP millrace_source_events_received_total Events that the source")
        .contains("Flume_EventReceivedCount_total{component=\"in\"} 17.0\n")
        .contains("millrace_build_info{version=\"1.2.3\"} 1")
        .contains("process_start_time_seconds", "jvm_memory_used_bytes");
  }

  @Test
  void aNameOfAComponentCannotBreakTheFormat() throws IOException {
    channel.gauge("ChannelSize", () -> 5);
    assertThat(text("")).contains("{agent=\"a1\",component=\"c\\\"1\\n\"} 5.0\n");
  }

  @Test
  void timesAreInSecondsAndNoBoundIsInfinite() throws IOException {
    Metrics.Distribution syncs = channel.distribution("SyncMicros");
    syncs.record(1_000);
    syncs.record(1_000);
    channel.gauge("ChannelCapacity", () -> Long.MAX_VALUE);

    assertThat(text(""))
        .containsPattern("millrace_channel_sync_seconds\\{.*quantile=\"0.5\"\\} 0\\.00100")
        .containsPattern("millrace_channel_sync_seconds_count\\{.*\\} 2\n")
        .containsPattern("millrace_channel_sync_seconds_sum\\{.*\\} 0\\.002")
        .containsPattern("millrace_channel_capacity_events\\{.*\\} \\+Inf\n");
  }

  @Test
  void openMetricsIsGivenToWhoAsksForIt() throws IOException {
    Answer answer = answer("application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
    assertThat(answer.type()).startsWith("application/openmetrics-text");
    assertThat(new String(answer.body(), StandardCharsets.UTF_8)).endsWith("# EOF\n");
    assertThat(answer("text/plain").type()).startsWith("text/plain; version=0.0.4");
  }

  @Test
  void aGaugeThatFailsTakesNothingElseWithIt() throws IOException {
    source.gauge(
        "BytesBehind",
        () -> {
          throw new IllegalStateException("gone");
        });
    assertThat(text(""))
        .doesNotContain("millrace_source_backlog_bytes")
        .contains("millrace_source_events_received_total");
  }

  @Test
  void whatIsNotDeclaredIsShownAllTheSame() throws IOException {
    source.counter("RowsRead").add(2);
    source.gauge("RowsRead", () -> 7); // one name, two kinds of figure: the first stands
    assertThat(text(""))
        .contains("millrace_source_rows_read_total{agent=\"a1\",component=\"in\"} 2.0");
  }

  @Test
  void healthIsAmongTheFigures() throws IOException {
    assertThat(text(""))
        .contains("millrace_agent_ready{agent=\"a1\"} 0.0\n")
        .contains("millrace_agent_live{agent=\"a1\"} 1.0\n")
        .contains("millrace_channel_accepting{agent=\"a1\",component=\"c1\"} 0.0\n")
        .contains(
            "millrace_component_running{agent=\"a1\",component=\"c1\",kind=\"channel\",type=\"file\"} 1.0\n")
        .contains(
            "millrace_component_state{agent=\"a1\",component=\"c1\",kind=\"channel\",state=\"running\"} 1.0\n")
        .contains(
            "millrace_component_last_progress_timestamp_seconds{agent=\"a1\",component=\"c1\",kind=\"channel\"}");
  }

  private static AgentHealth health() {
    ComponentHealth component =
        new ComponentHealth(
            "CHANNEL.c1",
            MetricKind.CHANNEL,
            "c1",
            "file",
            State.RUNNING,
            "",
            Instant.EPOCH,
            Optional.of(Instant.EPOCH.plusMillis(1_500)),
            Optional.of(new ComponentHealth.Fill(100, 100)),
            "it is full",
            List.of());
    ComponentHealth in =
        new ComponentHealth(
            "SOURCE.in",
            MetricKind.SOURCE,
            "in",
            "avro",
            State.RUNNING,
            "",
            Instant.EPOCH,
            Optional.empty(),
            Optional.empty(),
            "",
            List.of("c1"));
    return new AgentHealth("a1", Instant.EPOCH, true, false, List.of(), List.of(in, component));
  }

  private String text(String accept) throws IOException {
    return new String(answer(accept).body(), StandardCharsets.UTF_8);
  }

  private Answer answer(String accept) throws IOException {
    return page.answer(
        new Request(
            "GET", "/metrics/prometheus", "", accept, false, InetAddress.getLoopbackAddress()));
  }
}
