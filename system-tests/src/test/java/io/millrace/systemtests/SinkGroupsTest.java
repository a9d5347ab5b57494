/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Two agents send to three collectors: one to the first of two that works, the other to all three
 * in turn. Collectors are killed, alone and together, and started again, while events come in.
 */
final class SinkGroupsTest {
  private static final int COLLECTORS = 3;
  private static final int LINES_PER_BATCH = 5;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  private final Receipts receipts = new Receipts();
  private final List<AgentProcess> collectors = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private AgentProcess failover;
  private AgentProcess balance;
  private int kills;

  // Promise 1, across a group: what was acknowledged is stored, whichever collector dies.
  @Test
  void killedCollectorsCostNothingButTheirShare() {
    Path store = scene.directory("store");
    for (int i = 1; i <= COLLECTORS; i++) {
      ports.add(Ports.free());
      collectors.add(collector("collector-" + i, ports.get(i - 1), store));
    }
    int failoverPort = Ports.free();
    int balancePort = Ports.free();
    failover = sender("failover", failoverPort, FAILOVER, "one two");
    balance = sender("balance", balancePort, BALANCE, "one two three");
    collectors.forEach(AgentProcess::start);
    failover.start();
    balance.start();
    collectors.forEach(AgentProcess::awaitStarted);
    failover.awaitStarted();
    balance.awaitStarted();

    try (Senders toFailover =
            Senders.start(failoverPort, "failover-", 1, LINES_PER_BATCH, 0, receipts);
        Senders toBalance =
            Senders.start(balancePort, "balance-", 1, LINES_PER_BATCH, 0, receipts)) {
      awaitDelivered(failover, "one", 500);
      assertThat(delivered(failover, "two")).as("events to the standby").isZero();
      awaitDelivered(balance, "three", 500);
      for (String sink : List.of("one", "two", "three")) {
        assertThat(balance.metric("SINK." + sink, "SharePercent"))
            .as("share of %s in percent", sink)
            .isBetween(15L, 60L);
      }

      kill(0);
      awaitMore(failover, "two");
      awaitMore(balance, "two");
      awaitMore(balance, "three");
      assertThat(failover.metric("SINK_GROUP.group", "FailoverActive")).isEqualTo(1);
      assertThat(balance.metric("SINK_GROUP.group", "WorkingMemberCount")).isEqualTo(2);

      restart(0);
      awaitMore(failover, "one");
      awaitMore(balance, "one");
      Conditions.await(
          "the failover group is back at its first sink",
          LIMIT,
          () -> failover.metric("SINK_GROUP.group", "FailoverActive") == 0);

      kill(0);
      kill(1);
      awaitMore(balance, "three");
      receipts.awaitMoreAcknowledged(20, LIMIT);
      restart(1);
      awaitMore(failover, "two");
      kill(2);
      awaitMore(balance, "two");
      restart(0);
      restart(2);
      awaitMore(failover, "one");
      awaitMore(balance, "three");
    }
    receipts.awaitStored(store, LIMIT);
    assertThat(failover.metric("SINK_GROUP.group", "FailoverCount")).isGreaterThanOrEqualTo(2);
    failover.stop();
    balance.stop();
    collectors.forEach(AgentProcess::stop);

    Audit audit = receipts.check(store);
    int inFlight = kills * 2 * Confs.CALLS_IN_FLIGHT * Confs.BATCH;
    assertThat(audit.duplicates())
        .as("what was in flight at a kill may be stored by two collectors: %s", audit)
        .isLessThanOrEqualTo(inFlight + kills * LINES_OF_A_STORE_AT_A_KILL);
  }

  /** Written by a killed collector's sink, and not yet acknowledged to its channel. */
  private static final int LINES_OF_A_STORE_AT_A_KILL = 2 * Confs.BATCH;

  private void kill(int collector) {
    collectors.get(collector).kill();
    kills++;
  }

  private void restart(int collector) {
    collectors.get(collector).start();
  }

  private static long delivered(AgentProcess sender, String sink) {
    return sender.metric("SINK." + sink, "EventDrainSuccessCount");
  }

  private static void awaitDelivered(AgentProcess sender, String sink, long events) {
    Conditions.await(
        "%s has delivered %d events by %s".formatted(sender.name(), events, sink),
        LIMIT,
        () -> delivered(sender, sink) >= events);
  }

  private static void awaitMore(AgentProcess sender, String sink) {
    awaitDelivered(sender, sink, delivered(sender, sink) + 100);
  }

  /** Its files are told from those of the others by their prefix. */
  private AgentProcess collector(String name, int port, Path store) {
    return scene.millrace(
        name,
        Confs.collector(port, scene.directory(name), store)
            + "a1.sinks.store.sink.pathManager.prefix = %s-%n".formatted(name));
  }

  private static final String FAILOVER =
      """
      a1.sinkgroups.group.processor.type = failover
      a1.sinkgroups.group.processor.priority.one = 10
      a1.sinkgroups.group.processor.priority.two = 5
      a1.sinkgroups.group.processor.maxpenalty = 1000
      """;

  private static final String BALANCE =
      """
      a1.sinkgroups.group.processor.type = load_balance
      a1.sinkgroups.group.processor.selector = round_robin
      a1.sinkgroups.group.processor.backoff = true
      a1.sinkgroups.group.processor.selector.maxTimeOut = 1000
      """;

  private AgentProcess sender(String name, int port, String processor, String sinks) {
    StringBuilder configuration =
        new StringBuilder(
            """
            a1.sources = in
            a1.channels = disk
            a1.sinks = %2$s
            a1.sinkgroups = group
            a1.sinkgroups.group.sinks = %2$s
            a1.sources.in.type = avro
            a1.sources.in.bind = 127.0.0.1
            a1.sources.in.port = %1$d
            a1.sources.in.channels = disk
            """
                .formatted(port, sinks));
    configuration.append(processor).append(Confs.fileChannel("disk", scene.directory(name)));
    int collector = 0;
    for (String sink : sinks.split(" ")) {
      configuration.append(
          """
          a1.sinks.%1$s.type = avro
          a1.sinks.%1$s.hostname = 127.0.0.1
          a1.sinks.%1$s.port = %2$d
          a1.sinks.%1$s.batch-size = %3$d
          a1.sinks.%1$s.max-in-flight = %4$d
          a1.sinks.%1$s.channel = disk
          """
              .formatted(sink, ports.get(collector++), Confs.BATCH, Confs.CALLS_IN_FLIGHT));
    }
    return scene.millrace(name, configuration.toString());
  }
}
