/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * An agent hands what it gets to a collector, and keeps it a second time in files of another
 * directory, by an optional channel.
 */
final class SecondCopyTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int BATCHES = 60;
  private static final int LINES = 100;
  private static final int KILLS = 4;

  /** So that a replay takes long enough to be killed in the middle. */
  private static final int REPLAY_RATE = 1200;

  @RegisterExtension final Scene scene = new Scene();

  private final Receipts receipts = new Receipts();

  // The store loses what came in a time. The second copy is replayed into it, killed again and
  // again on the way: in the end everything is there, once.
  @Test
  void aLostWindowIsReplayedThroughKillsAndEverythingIsThereOnce() throws Exception {
    int port = Ports.free();
    int collectorPort = Ports.free();
    Path store = scene.directory("store");
    Path second = scene.directory("second");
    AgentProcess collector =
        scene
            .millrace(
                "collector", Confs.collector(collectorPort, scene.directory("collector"), store))
            .startAndAwait();
    AgentProcess agent =
        scene
            .millrace("agent", agent(port, collectorPort, scene.directory("agent"), second, ""))
            .startAndAwait();

    send(port, "before");
    long fromMillis = awaitNextMilli();
    send(port, "lost");
    long untilMillis = awaitNextMilli();
    send(port, "after");
    receipts.awaitStored(store, LIMIT);
    agent.stop();
    collector.stop();
    int lost = lose("lost ", store);
    assertThat(lost).isEqualTo(BATCHES * LINES);

    collector.startAndAwait();
    Random random = scene.random();
    int runs = replay(second, collector, collectorPort, fromMillis, untilMillis, random);
    receipts.awaitStored(store, LIMIT);
    long dropped = collector.metric("CHANNEL.disk", "EventDuplicateCount");
    collector.stop();

    Audit audit = Audit.of(receipts.lines(AvroClient.Outcome.ACKNOWLEDGED), Store.of(store));
    Scene.say(
        "lost by the store: %d; runs of the replay: %d, dropped by the collector: %d; %s"
            .formatted(lost, runs, dropped, audit.summary()));
    audit.assertExactlyOnce();
    assertThat(runs).as("runs of the replay").isGreaterThan(2);
    assertThat(dropped).as("sent again by a later run, and dropped").isPositive();
  }

  /** Runs it until it says that it is done; kills it in the middle of its sending. */
  private int replay(
      Path second,
      AgentProcess collector,
      int port,
      long fromMillis,
      long untilMillis,
      Random random) {
    Path directory = scene.directory("replay");
    List<String> words =
        List.of(
            Installation.command().toString(),
            "replay",
            second.toString(),
            "--to",
            "127.0.0.1:" + port,
            "--from",
            Long.toString(fromMillis),
            "--until",
            Long.toString(untilMillis),
            "--state",
            directory.resolve("state.json").toString(),
            "--rate",
            Integer.toString(REPLAY_RATE));
    Path log = directory.resolve("replay.log");
    for (int run = 1; ; run++) {
      long before = collector.metric("SOURCE.edges", "EventReceivedCount");
      try (WatchedProcess replay =
          WatchedProcess.start("replay", words, directory, Map.of(), log)) {
        Conditions.await(
            "the replay sends, or ends",
            LIMIT,
            () ->
                !replay.isAlive()
                    || collector.metric("SOURCE.edges", "EventReceivedCount") > before);
        Duration life = run <= KILLS ? Duration.ofMillis(100 + random.nextInt(1_500)) : LIMIT;
        OptionalInt status = replay.awaitExit(life);
        if (status.isPresent()) {
          assertThat(status).as("exit status of the replay: %s", replay.log()).hasValue(0);
          return run;
        }
        assertThat(run).as("the replay ends: %s", replay.log()).isLessThanOrEqualTo(KILLS);
        replay.kill();
      }
    }
  }

  // The disk of the second copy is full: the main flow loses nothing and is not slowed down, the
  // agent lives, and the copy goes on once there is space.
  @Test
  @Tag("long")
  void aFullSecondDiskDoesNotHurtTheMainFlow() throws Exception {
    int port = Ports.free();
    int collectorPort = Ports.free();
    Path store = scene.directory("store");
    try (Mount disk = Mount.small(scene.directory("disk"), 8)) {
      AgentProcess collector =
          scene
              .millrace(
                  "collector", Confs.collector(collectorPort, scene.directory("collector"), store))
              .startAndAwait();
      AgentProcess agent =
          scene
              .millrace(
                  "agent",
                  agent(port, collectorPort, scene.directory("agent"), disk.directory(), ""))
              .startAndAwait();
      Path ballast = DiskFullTest.fill(disk.directory().resolve("ballast"));

      List<Long> tookMillis = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        long begin = System.nanoTime();
        Senders.sendBatches(port, "full" + i + "-", 1, 1000, 200, receipts);
        tookMillis.add((System.nanoTime() - begin) / 1_000_000);
      }
      assertThat(receipts.lineCount(AvroClient.Outcome.ACKNOWLEDGED)).isEqualTo(30_000);
      // Where calls waited for the optional channel, all those behind the first few would be.
      assertThat(tookMillis.stream().filter(millis -> millis > 2_500))
          .as("calls as long as the optional channel's keep-alive of 3 s, of %s", tookMillis)
          .hasSizeLessThan(10);
      receipts.awaitStored(store, LIMIT);
      // What waits for room in the optional channel is refused after its keep-alive.
      Conditions.await(
          "events are left out of the second copy",
          LIMIT,
          () -> agent.metric("SOURCE.in", "OptionalChannelEventFailCount") > 0);
      assertThat(agent.metric("SOURCE.in", "EventAcceptedCount")).isEqualTo(30_000);

      Files.delete(ballast);
      long before = agent.metric("SINK.second", "EventDrainSuccessCount");
      Conditions.await(
          "the second copy goes on",
          LIMIT,
          () -> agent.metric("SINK.second", "EventDrainSuccessCount") > before);
      Scene.say(
          "longest call: %d ms, events that are not in the second copy: %d"
              .formatted(
                  tookMillis.stream().mapToLong(Long::longValue).max().orElseThrow(),
                  agent.metric("SOURCE.in", "OptionalChannelEventFailCount")));
      agent.stop();
      collector.stop();
      receipts.check(store).assertNothingTwice();
    }
  }

  // Limits of size on a small disk: the oldest files go, the newest are there, nothing is refused.
  @Test
  @Tag("long")
  void withLimitsTheSecondCopyStaysWithinItsDisk() throws Exception {
    int port = Ports.free();
    int collectorPort = Ports.free();
    Path store = scene.directory("store");
    try (Mount disk = Mount.small(scene.directory("disk"), 8)) {
      AgentProcess collector =
          scene
              .millrace(
                  "collector", Confs.collector(collectorPort, scene.directory("collector"), store))
              .startAndAwait();
      String limits =
          """
          a1.sinks.second.millrace.max-total-size = 4MiB
          a1.sinks.second.millrace.min-free-space = 2MiB
          """;
      AgentProcess agent =
          scene
              .millrace(
                  "agent",
                  agent(port, collectorPort, scene.directory("agent"), disk.directory(), limits))
              .startAndAwait();
      for (int i = 0; i < 60; i++) {
        Senders.sendBatches(port, "line" + i + "-", 1, 1000, 200, receipts);
        awaitEmpty(agent);
      }
      assertThat(agent.metric("SINK.second", "FileRemovedCount")).isPositive();
      assertThat(agent.metric("SOURCE.in", "OptionalChannelEventFailCount")).isZero();
      agent.stop();
      collector.stop();
      assertThat(sizeOf(disk.directory())).isLessThanOrEqualTo(5L << 20);
      Command count =
          Command.millrace(
              scene.directory("count"), LIMIT, "replay", disk.directory().toString(), "--dry-run");
      assertThat(count.status()).as(count.output()).isZero();
      assertThat(count.output()).containsPattern("Would replay [0-9,]{5,7} events");
    }
  }

  private static void awaitEmpty(AgentProcess agent) {
    Conditions.await(
        "the second copy has what came",
        LIMIT,
        () -> agent.metric("CHANNEL.copy", "ChannelSize") == 0);
  }

  private static long sizeOf(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  private void send(int port, String stream) {
    int before = receipts.lineCount(AvroClient.Outcome.ACKNOWLEDGED);
    Senders.sendBatches(port, stream, BATCHES, LINES, 0, receipts);
    assertThat(receipts.lineCount(AvroClient.Outcome.ACKNOWLEDGED) - before)
        .as("lines acknowledged")
        .isEqualTo(BATCHES * LINES);
  }

  /** A time that no event has yet and none will have that came before. */
  private static long awaitNextMilli() {
    long now = System.currentTimeMillis();
    Conditions.await("the clock goes on", LIMIT, () -> System.currentTimeMillis() > now + 1);
    return now + 1;
  }

  /** Takes the lines of a stream out of the store; how many there were. */
  private static int lose(String prefix, Path store) {
    List<String> lost = new ArrayList<>();
    try (Stream<Path> files = Files.list(store)) {
      for (Path file : files.toList()) {
        List<String> lines = Files.readAllLines(file);
        lines.stream().filter(line -> line.startsWith(prefix)).forEach(lost::add);
        Files.write(file, lines.stream().filter(line -> !line.startsWith(prefix)).toList());
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Store " + store, e);
    }
    return lost.size();
  }

  private static String agent(int port, int collectorPort, Path state, Path second, String limits) {
    return """
        a1.sources = in
        a1.channels = disk copy
        a1.sinks = uplink second

        a1.sources.in.type = avro
        a1.sources.in.bind = 127.0.0.1
        a1.sources.in.port = %d
        a1.sources.in.channels = disk copy
        a1.sources.in.interceptors = time
        a1.sources.in.interceptors.time.type = timestamp
        a1.sources.in.selector.type = replicating
        a1.sources.in.selector.optional = copy

        %s
        a1.channels.copy.type = memory
        a1.channels.copy.capacity = 10000
        a1.channels.copy.transactionCapacity = 1000

        a1.sinks.uplink.type = avro
        a1.sinks.uplink.hostname = 127.0.0.1
        a1.sinks.uplink.port = %d
        a1.sinks.uplink.batch-size = %d
        a1.sinks.uplink.channel = disk

        a1.sinks.second.type = file_roll
        a1.sinks.second.sink.directory = %s
        a1.sinks.second.sink.rollInterval = 2
        a1.sinks.second.sink.serializer = millrace_batch
        a1.sinks.second.sink.batchSize = 1000
        %s
        a1.sinks.second.channel = copy
        """
        .formatted(
            port, Confs.fileChannel("disk", state), collectorPort, Confs.BATCH, second, limits);
  }
}
