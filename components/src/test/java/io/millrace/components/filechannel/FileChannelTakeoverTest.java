/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Channel;
import io.millrace.api.ChannelFullException;
import io.millrace.api.Delivery;
import io.millrace.api.TransientException;
import io.millrace.components.filechannel.flume.FlumeLogWriter;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyChannelContext;
import io.millrace.components.testing.ToyMetrics;
import io.millrace.journal.disk.NioDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A channel that is pointed at the directories of Flume's. */
final class FileChannelTakeoverTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path temporary;

  private final ToyMetrics metrics = new ToyMetrics();
  private ChannelDirectories directories;
  private Channel channel;

  @BeforeEach
  void leaveTenEvents() {
    directories = new ChannelDirectories(temporary);
    FlumeLogWriter log = FlumeLogWriter.v3(1);
    for (int i = 0; i < 10; i++) {
      log.committed(100 + 2 * i, Integer.toString(i));
    }
    log.save(directories.data());
  }

  @AfterEach
  void stop() throws Exception {
    channel.stop();
  }

  private void open(int capacity, Duration keepAlive) throws Exception {
    channel =
        directories
            .options(capacity, Math.min(100, capacity), keepAlive)
            .build(new ToyChannelContext("c1", metrics));
    channel.start();
  }

  private List<String> drain() {
    List<String> bodies = new ArrayList<>();
    for (Delivery next = channel.take(4, Long.MAX_VALUE);
        next != null;
        next = channel.take(4, Long.MAX_VALUE)) {
      try (Delivery delivery = next) {
        bodies.addAll(Events.bodies(delivery.batch()));
        delivery.acknowledge();
      }
    }
    return bodies;
  }

  @Test
  void oldEventsGoOutBeforeNewOnesThroughRestarts() throws Exception {
    open(1000, LONG);
    assertThat(channel.eventCount()).isEqualTo(10);
    assertThat(metrics.value("FlumeBacklogSize")).isEqualTo(10);
    assertThat(channel.awaitEvents(Duration.ZERO)).isTrue();
    channel.append(Events.numbered(10, 20)).get(60, TimeUnit.SECONDS);
    try (Delivery delivery = channel.take(4, Long.MAX_VALUE)) {
      assertThat(delivery.origin().isKnown()).isTrue();
      delivery.acknowledge();
    }
    assertThat(metrics.value("FlumeBacklogSize")).isEqualTo(6);
    channel.stop();

    open(1000, LONG);

    assertThat(channel.eventCount()).isEqualTo(16);
    assertThat(drain()).isEqualTo(Events.numbers(4, 20));
    assertThat(channel.eventCount()).isZero();
    assertThat(directories.data().resolve("flume-files")).doesNotExist();
    assertThat(directories.data().resolve("in_use.lock")).doesNotExist();
  }

  @Test
  void oldEventsCountTowardsTheCapacityAndMakeRoomAsTheyGo() throws Exception {
    open(10, Duration.ofMillis(20));
    assertThatThrownBy(() -> channel.append(Events.of("new")).get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ChannelFullException.class);
    channel.stop();
    open(10, LONG);
    CompletableFuture<Void> waiting = channel.append(Events.of("new"));
    assertThat(waiting).isNotDone();

    try (Delivery delivery = channel.take(1, Long.MAX_VALUE)) {
      delivery.acknowledge();
    }

    waiting.get(60, TimeUnit.SECONDS);
    assertThat(drain()).hasSize(10).endsWith("9", "new");
  }

  @Test
  void whileFlumeRunsTheStartFailsForNowAndHoldsNothing() throws Exception {
    try (AutoCloseable running = new NioDisk().tryLock(directories.data().resolve("in_use.lock"))) {
      assertThatThrownBy(() -> open(1000, LONG))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("still runs");
      assertThat(directories.data().resolve("log-1")).exists();
    }

    channel.start();

    assertThat(drain()).hasSize(10);
  }

  @Test
  void whenTheJournalCannotBeOpenedTheOldFilesAreGivenBackToTheNextStart() throws Exception {
    Path inTheWay = directories.data().resolve("lane.lock");
    Files.createDirectories(inTheWay);

    assertThatThrownBy(() -> open(1000, LONG)).hasMessageContaining("lane.lock");
    Files.delete(inTheWay);
    channel.start();

    assertThat(drain()).hasSize(10);
  }
}
