/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Channel;
import io.millrace.api.ChannelFullException;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import io.millrace.components.admission.AdmissionGate;
import io.millrace.components.filechannel.ChannelDirectories;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyChannelContext;
import io.millrace.components.testing.ToyMetrics;
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

/** Where events go, and in which order they leave. */
final class SpillableMemoryChannelTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path temporary;

  private final ToyMetrics metrics = new ToyMetrics();
  private final List<Channel> opened = new ArrayList<>();
  private SpillableChannels channels;

  @BeforeEach
  void nameDirectories() {
    channels = SpillableChannels.in(new ChannelDirectories(temporary.resolve("channel")));
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

  private static List<String> takeAll(Channel channel, int most) {
    try (Delivery delivery = channel.take(most, Long.MAX_VALUE)) {
      if (delivery == null) {
        return List.of();
      }
      delivery.acknowledge();
      return Events.bodies(delivery.batch());
    }
  }

  private static List<String> drain(Channel channel) {
    List<String> bodies = new ArrayList<>();
    for (List<String> next = takeAll(channel, 7); !next.isEmpty(); next = takeAll(channel, 7)) {
      bodies.addAll(next);
    }
    return bodies;
  }

  private void assertPlaces(long inMemory, long onDisk) {
    assertThat(metrics.value("MemoryEventCount")).isEqualTo(inMemory);
    assertThat(metrics.value("OverflowEventCount")).isEqualTo(onDisk);
  }

  @Test
  void memoryIsFilledFirstAndWhatDoesNotFitGoesToDisk() throws Exception {
    Channel channel = start(channels);
    append(channel, 0, 10);
    assertPlaces(10, 0);

    append(channel, 10, 11);

    assertPlaces(10, 1);
    assertThat(metrics.value("Spilling")).isEqualTo(1);
    assertThat(metrics.value("SpillCount")).isEqualTo(1);
    assertThat(metrics.value("EventSpilledCount")).isEqualTo(1);
    assertThat(channel.eventCount()).isEqualTo(11);
    assertThat(channel.capacity()).isEqualTo(1010);
    assertThat(channel.isDurable()).isFalse();
    assertThat(channel.volatileEventCount()).isEqualTo(10);
    assertThat(drain(channel)).isEqualTo(Events.numbers(0, 11));
  }

  @Test
  void appendsGoOnToDiskUntilEnoughMemoryIsFree() throws Exception {
    Channel channel = start(channels.threshold(50));
    append(channel, 0, 10);
    append(channel, 10, 11);
    assertThat(takeAll(channel, 4)).hasSize(4);
    append(channel, 11, 12);
    assertPlaces(6, 2);

    assertThat(takeAll(channel, 1)).containsExactly("4");
    append(channel, 12, 13);

    assertPlaces(6, 2);
    assertThat(metrics.value("Spilling")).isZero();
    assertThat(drain(channel)).isEqualTo(Events.numbers(5, 13));
  }

  /**
   * Flume looks at the number of events alone, and waits anew for each append when bytes are full.
   */
  @Test
  void aMemoryThatIsFullByBytesStaysFullUntilBytesAreFree() throws Exception {
    // Four slots of 500 bytes.
    Channel channel = start(channels.capacities(1000, 1000).bytes(2_000, 0).threshold(50));
    for (int i = 0; i < 4; i++) {
      append(channel, i, i + 1);
    }
    append(channel, 4, 5);
    assertPlaces(4, 1);
    assertThat(takeAll(channel, 1)).containsExactly("0");
    append(channel, 5, 6);
    assertPlaces(3, 2);
    assertThat(takeAll(channel, 1)).containsExactly("1");
    append(channel, 6, 7);

    assertPlaces(3, 2);
    assertThat(metrics.value("ByteSlotsUsed")).isEqualTo(3);
    assertThat(drain(channel)).isEqualTo(Events.numbers(2, 7));
  }

  @Test
  void anAppendWaitsForMemoryForItsTimeBeforeItGoesToDisk() throws Exception {
    Channel channel = start(channels.waiting(Duration.ofMillis(300)));
    append(channel, 0, 10);
    assertPlaces(10, 0);
    long begin = System.nanoTime();

    append(channel, 10, 11);

    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isGreaterThanOrEqualTo(Duration.ofMillis(300));
    assertPlaces(10, 1);
    // Once it spills, nobody waits.
    channel.append(Events.numbered(11, 12)).get(60, TimeUnit.SECONDS);
    assertThat(metrics.value("SpillCount")).isEqualTo(1);
    assertThat(drain(channel)).isEqualTo(Events.numbers(0, 12));
  }

  @Test
  void memoryThatIsFreedInTimeIsUsed() throws Exception {
    Channel channel = start(channels.waiting(LONG));
    append(channel, 0, 10);
    CompletableFuture<Void> waiting = channel.append(Events.numbered(10, 12));
    assertThat(waiting).isNotDone();

    assertThat(takeAll(channel, 2)).hasSize(2);

    assertThat(waiting).isCompleted();
    assertPlaces(10, 0);
    assertThat(drain(channel)).isEqualTo(Events.numbers(2, 12));
  }

  @Test
  void aLineThatIsFullGoesToDiskWithoutWaiting() throws Exception {
    Channel channel = start(channels.capacities(1, 10_000).waiting(LONG));
    append(channel, 0, 1);
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
    for (int i = 1; i <= AdmissionGate.MAX_WAITING_APPENDS; i++) {
      waiting.add(channel.append(Events.numbered(i, i + 1)));
    }
    assertThat(waiting).noneMatch(CompletableFuture::isDone);

    int last = AdmissionGate.MAX_WAITING_APPENDS + 1;
    waiting.add(channel.append(Events.numbered(last, last + 1)));

    CompletableFuture.allOf(waiting.toArray(CompletableFuture[]::new)).get(60, TimeUnit.SECONDS);
    assertThat(drain(channel)).isEqualTo(Events.numbers(0, last + 1));
  }

  @Test
  void anAppendThatMemoryCouldNeverHoldGoesToDiskAtOnce() throws Exception {
    Channel channel = start(channels.waiting(LONG));
    append(channel, 0, 3);
    append(channel, 3, 14);
    append(channel, 14, 16);

    assertPlaces(5, 11);
    assertThat(metrics.value("SpillCount")).isZero();
    assertThat(drain(channel)).isEqualTo(Events.numbers(0, 16));
  }

  @Test
  void aDeliveryNeverCrossesFromOnePlaceToTheOther() throws Exception {
    Channel channel = start(channels.threshold(10));
    append(channel, 0, 10);
    append(channel, 10, 14);
    assertThat(takeAll(channel, 2)).isEqualTo(Events.numbers(0, 2));
    append(channel, 14, 16);
    assertPlaces(10, 4);

    assertThat(takeAll(channel, 100)).isEqualTo(Events.numbers(2, 10));
    assertThat(takeAll(channel, 100)).isEqualTo(Events.numbers(10, 14));
    assertThat(takeAll(channel, 100)).isEqualTo(Events.numbers(14, 16));
    assertThat(takeAll(channel, 100)).isEmpty();
  }

  @Test
  void whatComesBackStandsWhereItStood() throws Exception {
    Channel channel = start(channels.threshold(10));
    append(channel, 0, 10);
    append(channel, 10, 14);
    Delivery memory = channel.take(5, Long.MAX_VALUE);
    Delivery rest = channel.take(100, Long.MAX_VALUE);
    Delivery disk = channel.take(3, Long.MAX_VALUE);
    assertThat(Events.bodies(disk.batch())).isEqualTo(Events.numbers(10, 13));
    memory.acknowledge(0, 2);
    append(channel, 14, 16);
    assertPlaces(10, 4);

    disk.acknowledge(1, 2);
    disk.close();
    rest.close();
    memory.close();

    List<String> expected = new ArrayList<>(Events.numbers(2, 16));
    expected.remove("11");
    assertThat(drain(channel)).isEqualTo(expected);
    assertPlaces(0, 0);
  }

  @Test
  void bothPlacesFullRefusesAfterItsTimeAndTakesAgainOnceThereIsRoom() throws Exception {
    Channel channel = start(channels.capacities(2, 3).waiting(Duration.ofMillis(50)));
    append(channel, 0, 2);
    append(channel, 2, 5);

    long begin = System.nanoTime();
    assertThatThrownBy(() -> append(channel, 100, 101))
        .hasCauseInstanceOf(ChannelFullException.class)
        .hasMessageContaining("overflowCapacity");
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isGreaterThanOrEqualTo(Duration.ofMillis(50));
    assertThat(channel.eventCount()).isEqualTo(5);

    CompletableFuture<Void> waiting =
        start(channels.storedAs(other("second")).capacities(1, 1).waiting(LONG))
            .append(EventBatch.EMPTY);
    assertThat(waiting).isCompleted();
    assertThat(takeAll(channel, 2)).isEqualTo(Events.numbers(0, 2));
    append(channel, 5, 6);
    assertThat(drain(channel)).isEqualTo(Events.numbers(2, 6));
  }

  private io.millrace.components.filechannel.StorageOptions other(String name) {
    return SpillableChannels.in(new ChannelDirectories(temporary.resolve(name))).storage();
  }

  @Test
  void anAppendThatWaitsForTheDiskGoesInWhenEventsOfTheDiskAreAcknowledged() throws Exception {
    Channel channel = start(channels.capacities(1, 3).threshold(100).waiting(LONG));
    channel.append(Events.numbered(0, 1)).get(60, TimeUnit.SECONDS);
    append(channel, 1, 4);
    Delivery memory = channel.take(1, Long.MAX_VALUE);
    CompletableFuture<Void> waiting = channel.append(Events.numbered(4, 6));
    assertThat(waiting).isNotDone();

    assertThat(takeAll(channel, 2)).isEqualTo(Events.numbers(1, 3));

    waiting.get(60, TimeUnit.SECONDS);
    memory.close();
    assertThat(drain(channel)).containsExactly("0", "3", "4", "5");
  }

  @Test
  void beforeItsStartTheChannelRefusesAppendsAndGivesNothing() throws Exception {
    Channel channel = channels.options().build(new ToyChannelContext("c1", metrics));

    assertThatThrownBy(() -> append(channel, 0, 1)).hasCauseInstanceOf(TransientException.class);
    assertThat(channel.take(1, 1)).isNull();
    assertThat(channel.eventCount()).isZero();
    channel.stop();
  }

  @Test
  void directoriesInUseAreATransientFailureAndTheNextStartHasThem() throws Exception {
    Channel first = start(channels);
    append(first, 0, 12);
    append(first, 12, 13);
    Channel second = channels.options().build(new ToyChannelContext("c1", new ToyMetrics()));
    opened.add(second);
    assertThatThrownBy(second::start).isInstanceOf(TransientException.class);

    first.stop();
    second.start();

    assertThat(drain(second)).isEqualTo(Events.numbers(0, 13));
  }

  @Test
  void whoWaitsIsWokenByWhatComesToEitherPlaceAndByTheStop() throws Exception {
    Channel channel = start(channels.capacities(1, 1000).bytes(1, 0));
    CompletableFuture<Boolean> onDisk = waitingFor(channel);
    append(channel, 0, 1);
    assertThat(onDisk.get(60, TimeUnit.SECONDS)).isTrue();
    assertThat(drain(channel)).hasSize(1);

    CompletableFuture<Boolean> never = waitingFor(channel);
    channel.stop();
    assertThat(never.get(60, TimeUnit.SECONDS)).isFalse();
    assertThat(channel.take(1, 1)).isNull();
  }

  private static CompletableFuture<Boolean> waitingFor(Channel channel) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return channel.awaitEvents(LONG);
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void theMetricsOfTheFileChannelAreThere() throws Exception {
    Channel channel = start(channels);
    assertThat(metrics.value("Open")).isEqualTo(1);
    assertThat(metrics.value("Unhealthy")).isZero();
    assertThat(metrics.value("LanesServing")).isEqualTo(1);
    channel.stop();
    assertThat(metrics.value("Closed")).isEqualTo(1);
  }

  @Test
  void nothingIsAllocatedAheadForTheCapacityOfTheOverflow() throws Exception {
    start(channels.capacities(10, 100_000_000));

    try (var files = Files.walk(temporary)) {
      long bytes = files.filter(Files::isRegularFile).mapToLong(f -> f.toFile().length()).sum();
      assertThat(bytes).isLessThan(16L << 20);
    }
  }

  @Test
  void noCapacityAtAllIsAConfigurationError() {
    assertThatThrownBy(() -> channels.capacities(0, 0).options())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("both 0");
  }

  @Test
  void aTransactionIsNeverLargerThanThePlacesAreAndALargerAppendIsRejected() throws Exception {
    Channel channel = start(channels.capacities(5, 8).transactions(10_000));

    assertThat(channel.transactionCapacity()).isEqualTo(8);
    assertThatThrownBy(() -> append(channel, 0, 9)).hasCauseInstanceOf(RejectedException.class);
    await().until(() -> channel.eventCount() == 0);
  }
}
