/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Promise 5: a full disk always drains. */
@Tag("long")
final class DiskFullTest {
  private static final int DISK_MIB = 48;
  private static final int LINE_BYTES = 8_000;
  private static final int LINES_AT_ONCE = 10;
  private static final int FOREIGN_FILLS = 3;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  /** How soon lines are accepted again once there is space (fault D1): 10 s and time to spare. */
  private static final Duration RESUME_LIMIT = Duration.ofSeconds(30);

  @RegisterExtension final Scene scene = new Scene();

  private Mount disk;
  private final Set<String> acknowledged = new HashSet<>();
  private final Set<String> sent = new HashSet<>();

  @BeforeEach
  void mountDisk() {
    disk = Mount.small(scene.directory("disk"), DISK_MIB);
  }

  @AfterEach
  void unmountDisk() {
    if (disk != null) {
      disk.close();
    }
  }

  // The collector is away, and the channel's own backlog fills its disk. The agent refuses what it
  // cannot keep and lives; when the collector is back all that was acknowledged arrives, and lines
  // are accepted again without a restart.
  @Test
  void channelThatFilledItsDiskDrainsAndAcceptsAgain() throws IOException {
    int port = Ports.free();
    int collectorPort = Ports.free();
    Path store = scene.directory("store");
    AgentProcess agent = scene.millrace("agent", agent(port, collectorPort));
    agent.startAndAwait();
    agent.awaitPort(port);

    send(port, "before", (DISK_MIB << 20) / LINE_BYTES);
    assertThat(acknowledged.size())
        .as("lines accepted before the disk was full")
        .isGreaterThan(100);
    assertThat(agent.isAlive()).isTrue();
    drainAndResume(agent, port, collectorPort, store);
  }

  // Somebody else fills the disk, and goes on holding it while the channel drains.
  @Test
  void diskFilledBySomebodyElseDrainsAndAcceptsAgainOnceThereIsRoom() throws IOException {
    int port = Ports.free();
    int collectorPort = Ports.free();
    Path store = scene.directory("store");
    AgentProcess agent = scene.millrace("agent", agent(port, collectorPort));
    agent.startAndAwait();
    agent.awaitPort(port);

    send(port, "first", 500);
    Path ballast = fill(disk.directory().resolve("ballast"));
    send(port, "before", (DISK_MIB << 20) / LINE_BYTES);
    assertThat(agent.isAlive()).isTrue();
    AgentProcess collector = startCollector(collectorPort, store);
    awaitAcknowledgedStored(store);
    Files.delete(ballast);
    checkThatItAcceptsAgain(agent, port, store, collector);
  }

  // Fault D2: somebody else fills the disk three times while lines come in, so that writes of every
  // kind meet the full disk; each time there is space again lines are accepted, without a restart.
  @Test
  void diskFilledBySomebodyElseAgainAndAgainWhileLinesComeInIsSurvivedWithoutARestart()
      throws IOException {
    int port = Ports.free();
    int collectorPort = Ports.free();
    Path store = scene.directory("store");
    AgentProcess agent = scene.millrace("agent", agent(port, collectorPort));
    agent.startAndAwait();
    agent.awaitPort(port);
    AgentProcess collector = startCollector(collectorPort, store);
    for (int round = 1; round <= FOREIGN_FILLS; round++) {
      send(port, "first" + round, 200);
      Path ballast = fill(disk.directory().resolve("ballast"));
      send(port, "full" + round, (DISK_MIB << 20) / LINE_BYTES / 4);
      assertThat(agent.isAlive()).isTrue();
      Files.delete(ballast);
      awaitAccepted(port, "after" + round + "-");
    }
    checkAll(agent, store, collector);
    assertThat(agent.log()).as("starts of the agent").containsOnlyOnce("---- agent");
  }

  // The checkpoint's disk alone is full: a checkpoint is a hint, and nothing else waits for it.
  @Test
  void fullDiskOfTheCheckpointHoldsUpNothing() throws IOException {
    Path checkpoint = disk.directory().resolve("checkpoint");
    Keeper keeper =
        Keeper.of(
            scene,
            "keeper",
            checkpoint,
            List.of(scene.directory().resolve("data")),
            scene.directory().resolve("store"));
    keeper.start();
    Receipts receipts = new Receipts();
    Senders.sendBatches(keeper.port(), "before", 20, 10, 0, receipts);
    Path ballast = fill(disk.directory().resolve("ballast"));
    Conditions.await(
        "a checkpoint fails",
        LIMIT,
        () -> {
          Senders.sendBatches(keeper.port(), "full" + System.nanoTime(), 1, 10, 0, receipts);
          return keeper.channelMetric("CheckpointWriteErrorCount") > 0;
        });
    assertThat(receipts.lineCount(AvroClient.Outcome.ACKNOWLEDGED))
        .as("all batches were acknowledged")
        .isEqualTo(10 * receipts.acknowledgedBatches());
    assertThat(receipts.batches(AvroClient.Outcome.REFUSED)).isZero();
    Files.delete(ballast);
    long checkpoints = keeper.channelMetric("CheckpointCount");
    Senders.sendBatches(keeper.port(), "after", 5, 10, 0, receipts);
    keeper.awaitChannelMetric("CheckpointCount", checkpoints + 1, RESUME_LIMIT);
    keeper.agent().kill();
    keeper.openStore();
    keeper.start();
    receipts.awaitStored(keeper.store(), LIMIT);
    keeper.awaitEmpty();
    keeper.agent().stop();
    receipts.check(keeper.store()).assertNothingTwice();
  }

  private void drainAndResume(AgentProcess agent, int port, int collectorPort, Path store)
      throws IOException {
    AgentProcess collector = startCollector(collectorPort, store);
    awaitAcknowledgedStored(store);
    checkThatItAcceptsAgain(agent, port, store, collector);
  }

  private void checkThatItAcceptsAgain(
      AgentProcess agent, int port, Path store, AgentProcess collector) throws IOException {
    awaitAccepted(port, "after");
    checkAll(agent, store, collector);
  }

  private void awaitAccepted(int port, String stream) {
    int before = acknowledged.size();
    Conditions.await(
        "lines are accepted again",
        RESUME_LIMIT,
        () -> {
          send(port, stream + System.nanoTime(), LINES_AT_ONCE);
          return acknowledged.size() > before;
        });
  }

  private void checkAll(AgentProcess agent, Path store, AgentProcess collector) {
    awaitAcknowledgedStored(store);
    agent.stop();
    collector.stop();
    Store stored = Store.of(store);
    Audit audit = Audit.of(acknowledged, stored);
    Scene.say(
        "acknowledged %d of %d; %s".formatted(acknowledged.size(), sent.size(), audit.summary()));
    assertThat(audit.lost()).as("%s", audit).isZero();
    Audit.of(sent, stored).assertNothingInvented().assertNothingTwice();
  }

  /** Sends lines until so many were sent or one is refused or not answered. */
  private void send(int port, String stream, int lineCount) throws IOException {
    try (NetcatClient client = new NetcatClient(port, stream, LINE_BYTES)) {
      int rounds = lineCount / LINES_AT_ONCE;
      while (rounds > 0 && client.send(LINES_AT_ONCE)) {
        rounds--;
      }
      for (int number = 1; number <= client.sent(); number++) {
        sent.add(client.line(number));
        if (number <= client.acknowledged()) {
          acknowledged.add(client.line(number));
        }
      }
    }
  }

  /** Writes to a file until its file system is full. */
  static Path fill(Path file) throws IOException {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(file)) {
      while (Files.getFileStore(file).getUsableSpace() > 0) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
    return file;
  }

  private void awaitAcknowledgedStored(Path store) {
    Conditions.await(
        "everything acknowledged is stored",
        LIMIT,
        Duration.ofMillis(500),
        () -> Store.of(store).lines().keySet().containsAll(acknowledged));
  }

  private AgentProcess startCollector(int port, Path store) {
    return scene
        .millrace("collector", Confs.collector(port, scene.directory("collector"), store))
        .startAndAwait();
  }

  private String agent(int port, int collectorPort) {
    return """
        a1.sources = lines
        a1.channels = disk
        a1.sinks = uplink
        a1.sources.lines.type = netcat
        a1.sources.lines.bind = 127.0.0.1
        a1.sources.lines.port = %d
        a1.sources.lines.max-line-length = 20000
        a1.sources.lines.channels = disk
        %s
        a1.channels.disk.maxFileSize = 4194304
        a1.channels.disk.minimumRequiredSpace = 1048576
        a1.sinks.uplink.type = avro
        a1.sinks.uplink.hostname = 127.0.0.1
        a1.sinks.uplink.port = %d
        a1.sinks.uplink.channel = disk
        """
        .formatted(port, Confs.fileChannel("disk", disk.directory()), collectorPort);
  }
}
