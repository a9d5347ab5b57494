/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Channel;
import io.millrace.api.DataSize;
import io.millrace.api.Delivery;
import io.millrace.api.StorageException;
import io.millrace.components.filechannel.ChannelDirectories;
import io.millrace.components.filechannel.StorageOptions;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stops, crashes and bad disks leave. */
final class SpillableMemoryRecoveryTest {
  @TempDir Path temporary;

  private final ToyMetrics metrics = new ToyMetrics();
  private final List<Channel> opened = new ArrayList<>();
  private ChannelDirectories directories;

  @BeforeEach
  void nameDirectories() {
    directories = new ChannelDirectories(temporary.resolve("channel"));
  }

  @AfterEach
  void stopChannels() throws Exception {
    for (Channel channel : opened) {
      channel.stop();
    }
  }

  private Channel start(SpillableChannels like) throws Exception {
    Channel channel = like.start(metrics);
    opened.add(channel);
    return channel;
  }

  private static void append(Channel channel, int from, int to) throws Exception {
    channel.append(Events.numbered(from, to)).get(60, TimeUnit.SECONDS);
  }

  private static List<String> drain(Channel channel) {
    List<String> bodies = new ArrayList<>();
    for (Delivery next = channel.take(5, Long.MAX_VALUE);
        next != null;
        next = channel.take(5, Long.MAX_VALUE)) {
      try (Delivery delivery = next) {
        bodies.addAll(Events.bodies(delivery.batch()));
        delivery.acknowledge();
      }
    }
    return bodies;
  }

  @Test
  void aStopBringsMemoryToDiskAndNothingIsLost() throws Exception {
    Channel before = start(SpillableChannels.in(directories));
    append(before, 0, 4);
    append(before, 4, 9);

    before.stop();

    assertThat(metrics.value("EventSavedAtStopCount")).isEqualTo(9);
    assertThat(metrics.value("EventDroppedAtStopCount")).isZero();
    assertThat(before.volatileEventCount()).isZero();
    Channel after = start(SpillableChannels.in(directories));
    assertThat(after.eventCount()).isEqualTo(9);
    assertThat(drain(after)).isEqualTo(Events.numbers(0, 9));
  }

  @Test
  void whatWasOnDiskComesBeforeWhatTheStopBroughtThere() throws Exception {
    Channel before = start(SpillableChannels.in(directories));
    append(before, 0, 10);
    append(before, 10, 15);

    before.stop();

    List<String> expected = new ArrayList<>(Events.numbers(10, 15));
    expected.addAll(Events.numbers(0, 10));
    Channel after = start(SpillableChannels.in(directories));
    assertThat(drain(after)).isEqualTo(expected);
    append(after, 15, 16);
    assertThat(drain(after)).containsExactly("15");
  }

  @Test
  void aFullOverflowStillTakesWhatIsInMemoryAtTheStop() throws Exception {
    Channel before = start(SpillableChannels.in(directories).capacities(3, 4));
    append(before, 0, 3);
    append(before, 3, 7);
    assertThat(before.append(Events.of("x"))).isCompletedExceptionally();

    before.stop();

    assertThat(metrics.value("EventDroppedAtStopCount")).isZero();
    assertThat(drain(start(SpillableChannels.in(directories).capacities(3, 4))))
        .containsExactlyInAnyOrderElementsOf(Events.numbers(0, 7));
  }

  @Test
  void everyFurtherStopFindsRoomForWhatIsInMemory() throws Exception {
    for (int round = 0; round < 4; round++) {
      Channel channel = start(SpillableChannels.in(directories).capacities(2, 1));
      append(channel, 2 * round, 2 * round + 2);
      channel.stop();
      assertThat(channel.volatileEventCount()).isZero();
    }

    assertThat(drain(start(SpillableChannels.in(directories).capacities(2, 1))))
        .isEqualTo(Events.numbers(0, 8));
  }

  @Test
  void whatIsLentOutAtTheStopComesAgainUnlessItWasAcknowledged() throws Exception {
    Channel before = start(SpillableChannels.in(directories));
    append(before, 0, 8);
    Delivery late = before.take(4, Long.MAX_VALUE);
    late.acknowledge(0, 1);

    before.stop();
    late.acknowledge();
    late.close();

    assertThat(before.volatileEventCount()).isZero();
    assertThat(drain(start(SpillableChannels.in(directories)))).isEqualTo(Events.numbers(1, 8));
  }

  @Test
  void whatACrashFindsOnDiskSurvivesAndComesFirst() throws Exception {
    Channel before = start(SpillableChannels.in(directories));
    append(before, 0, 10);
    append(before, 10, 20);
    append(before, 20, 30);

    ChannelDirectories copy = directories.crashedInto(temporary.resolve("crashed"));
    Channel after = start(SpillableChannels.in(copy));

    // What was in memory alone is gone with the process: that is what this channel promises.
    assertThat(after.eventCount()).isEqualTo(20);
    append(after, 30, 33);
    assertThat(drain(after)).isEqualTo(Events.numbers(10, 33));
  }

  @Test
  void anAcknowledgementMayBeLostInACrashAndAnEventOnDiskMayNot() throws Exception {
    Channel before = start(SpillableChannels.in(directories).capacities(1, 1000).bytes(1, 0));
    append(before, 0, 50);
    try (Delivery delivery = before.take(10, Long.MAX_VALUE)) {
      delivery.acknowledge();
    }
    append(before, 50, 60);

    Channel after =
        start(SpillableChannels.in(directories.crashedInto(temporary.resolve("crashed"))));

    assertThat(drain(after)).endsWith(Events.numbers(10, 60).toArray(String[]::new));
  }

  private SpillableChannels onAFullDisk() {
    StorageOptions storage = SpillableChannels.in(directories).storage();
    return SpillableChannels.in(directories)
        .storedAs(
            new StorageOptions(
                storage.checkpointDir(),
                storage.dataDirs(),
                storage.checkpointInterval(),
                storage.maxFileSize(),
                DataSize.ofBytes(1L << 60),
                storage.fsyncPerTransaction(),
                storage.fsyncInterval(),
                storage.checkpointOnClose(),
                storage.useDualCheckpoints(),
                Optional.empty(),
                storage.compressBackupCheckpoint(),
                storage.usesLogReplayV1(),
                storage.usesFastReplay(),
                storage.encryption(),
                storage.compression(),
                storage.copies(),
                storage.usesDirectIo()));
  }

  @Test
  void onAFullDiskMemoryGoesOnAndTheRestIsRefused() throws Exception {
    Channel channel = start(onAFullDisk().threshold(100).waiting(Duration.ofMillis(20)));
    append(channel, 0, 8);

    assertThatThrownBy(() -> append(channel, 100, 103)).hasCauseInstanceOf(StorageException.class);
    // It spills now, but memory has room for two and the disk for none.
    append(channel, 8, 10);
    assertThat(drain(channel)).isEqualTo(Events.numbers(0, 10));
    append(channel, 10, 15);
    assertThat(metrics.value("MemoryEventCount")).isEqualTo(5);
    assertThat(drain(channel)).isEqualTo(Events.numbers(10, 15));
  }

  @Test
  void onAFullDiskAStopSaysWhatItLoses() throws Exception {
    Channel channel = start(onAFullDisk());
    append(channel, 0, 6);

    channel.stop();

    assertThat(metrics.value("EventDroppedAtStopCount")).isEqualTo(6);
    assertThat(metrics.value("EventSavedAtStopCount")).isZero();
    assertThat(channel.volatileEventCount()).isEqualTo(6);
  }

  @Test
  void eventsThatAreLostOnDiskDoNotHoldUpThoseBehindThem() throws Exception {
    Channel before = start(SpillableChannels.in(directories).capacities(1, 1000).bytes(1, 0));
    before.append(Events.of("first-frame", "a")).get(60, TimeUnit.SECONDS);
    before.append(Events.of("second-frame", "b")).get(60, TimeUnit.SECONDS);
    ChannelDirectories copy = directories.crashedInto(temporary.resolve("crashed"));
    Channel after = start(SpillableChannels.in(copy));
    append(after, 0, 3);
    assertThat(after.eventCount()).isEqualTo(7);
    // The damage comes after the start, so that the order has counted the events.
    damage(copy.data(), "second-frame");

    List<String> bodies = new ArrayList<>();
    while (bodies.size() < 5) {
      assertThat(after.awaitEvents(Duration.ofSeconds(10))).isTrue();
      bodies.addAll(drain(after));
    }

    assertThat(bodies).containsExactly("first-frame", "a", "0", "1", "2");
    assertThat(metrics.value("EventLostCount")).isEqualTo(2);
    assertThat(after.eventCount()).isZero();
  }

  /** Changes one byte of the text in every file that has it. */
  private static void damage(Path directory, String text) throws IOException {
    int changes = 0;
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        byte[] content = Files.readAllBytes(file);
        int at = new String(content, StandardCharsets.ISO_8859_1).indexOf(text);
        if (at >= 0) {
          content[at + text.length() - 1] ^= 1;
          Files.write(file, content);
          changes++;
        }
      }
    }
    assertThat(changes).isPositive();
  }
}
