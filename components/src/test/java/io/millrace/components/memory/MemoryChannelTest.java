/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Channel;
import io.millrace.api.ChannelFullException;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.components.admission.AdmissionGate;
import io.millrace.components.testing.ChannelContract;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyChannelContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class MemoryChannelTest extends ChannelContract {
  private static final Duration LONG = Duration.ofSeconds(60);

  private final ToyChannelContext context = ToyChannelContext.named("c1");

  @Override
  protected Channel open(int capacity, int transactionCapacity, Duration keepAlive) {
    return new MemoryChannelOptions(
            capacity, transactionCapacity, keepAlive, new ByteLimits(20, Optional.empty()))
        .build(context);
  }

  private Channel ofBytes(long bytes, int bufferPercentage, Duration keepAlive) {
    return new MemoryChannelOptions(
            100_000,
            100_000,
            keepAlive,
            new ByteLimits(bufferPercentage, Optional.of(DataSize.ofBytes(bytes))))
        .build(context);
  }

  private static void acknowledgeAll(Channel channel) {
    try (Delivery delivery = channel.take(100_000, Long.MAX_VALUE)) {
      delivery.acknowledge();
    }
  }

  @Test
  void bodiesAreCountedInSlotsOfOneHundredBytes() {
    // 1000 bytes less a fifth for headers: eight slots.
    Channel channel = ofBytes(1000, 20, Duration.ZERO);

    assertThat(channel.append(Events.of("x".repeat(101), "y".repeat(100)))).isCompleted();
    assertThat(context.metrics().value("ByteSlotsUsed")).isEqualTo(3);
    assertThat(channel.append(Events.of("", "1", "2", "3", "4"))).isCompleted();
    assertThat(channel.append(Events.of("one more"))).isCompletedExceptionally();
    acknowledgeAll(channel);
    assertThat(channel.append(Events.of("one more"))).isCompleted();
    assertThat(context.metrics().value("ByteSlotsUsed")).isEqualTo(1);
  }

  @Test
  void aTakeHoldsExactlyTheEventsThatFitItsBytes() {
    Channel channel = open(100, 100, LONG);
    String large = "x".repeat(1000);
    channel.append(Events.of("a", "b", large, "c"));
    channel.append(Events.of("d"));

    try (Delivery small = channel.take(10, 100);
        Delivery alone = channel.take(10, 100);
        Delivery rest = channel.take(10, 100)) {
      assertThat(Events.bodies(small.batch())).containsExactly("a", "b");
      assertThat(Events.bodies(alone.batch())).containsExactly(large);
      assertThat(Events.bodies(rest.batch())).containsExactly("c", "d");
    }
  }

  @Test
  void headersOfAnySizeDoNotGetPastTheBytes() {
    Channel channel = ofBytes(100_000, 20, Duration.ZERO);
    EventBatch mostlyHeader = EventBatch.of(Map.of("h", "x".repeat(40_000)), new byte[0]);

    assertThat(channel.append(mostlyHeader)).isCompleted();
    assertThat(channel.append(mostlyHeader)).isCompleted();
    assertThat(channel.append(mostlyHeader)).isCompletedExceptionally();
  }

  @Test
  void anAppendLargerThanTheChannelGoesInAloneOnceTheChannelIsEmpty() {
    Channel channel = ofBytes(1000, 0, LONG);
    assertThat(channel.append(Events.of("small"))).isCompleted();
    CompletableFuture<Void> large = channel.append(Events.of("x".repeat(5000)));
    assertThat(large).isNotDone();

    acknowledgeAll(channel);

    assertThat(large).isCompleted();
    assertThat(channel.append(Events.of("next"))).isNotDone();
  }

  @Test
  void partialAcknowledgementsGiveBackExactlyTheirBytes() {
    Channel channel = ofBytes(1_000_000, 20, Duration.ZERO);
    channel.append(Events.of("a", "b".repeat(250), "c".repeat(1000)));
    try (Delivery delivery = channel.take(10, Long.MAX_VALUE)) {
      delivery.acknowledge(1, 2);
      delivery.acknowledge(0, 2);
      assertThat(context.metrics().value("ByteSlotsUsed")).isEqualTo(10);
    }
    acknowledgeAll(channel);

    assertThat(context.metrics().value("ByteSlotsUsed")).isZero();
    assertThat(context.metrics().value("BytesUsed")).isZero();
  }

  @Test
  void howeverEventsAreTakenAndGivenBackTheirWeightIsFreedExactly() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    Channel channel = ofBytes(100_000_000, 20, Duration.ZERO);
    for (int turn = 0; turn < 500; turn++) {
      String[] bodies = new String[1 + random.nextInt(8)];
      for (int i = 0; i < bodies.length; i++) {
        bodies[i] = "x".repeat(random.nextInt(350));
      }
      channel.append(Events.of(bodies));
      Delivery delivery = channel.take(1 + random.nextInt(12), 1 + random.nextInt(3_000));
      if (delivery != null) {
        try (delivery) {
          int events = delivery.batch().eventCount();
          int from = random.nextInt(events + 1);
          delivery.acknowledge(from, from + random.nextInt(events - from + 1));
          if (random.nextInt(3) == 0) {
            delivery.acknowledge();
          }
        }
      }
    }
    acknowledgeAll(channel);

    assertThat(channel.eventCount()).isZero();
    assertThat(context.metrics().value("ByteSlotsUsed")).as("seed %s", seed).isZero();
    assertThat(context.metrics().value("BytesUsed")).as("seed %s", seed).isZero();
  }

  @Test
  void byteCapacityZeroIsNoLimit() {
    Channel channel = ofBytes(0, 20, Duration.ZERO);

    assertThat(channel.append(Events.of("x".repeat(100_000), "y"))).isCompleted();
    assertThat(channel.append(Events.of("z"))).isCompleted();
  }

  @Test
  void theLineOfWaitingAppendsIsBounded() throws Exception {
    Channel channel = open(1, 1, LONG);
    assertThat(channel.append(Events.of("0"))).isCompleted();
    List<CompletableFuture<Void>> waiting = new ArrayList<>();
    for (int i = 0; i < AdmissionGate.MAX_WAITING_APPENDS; i++) {
      waiting.add(channel.append(Events.of("w")));
    }

    CompletableFuture<Void> oneTooMany = channel.append(Events.of("x"));

    assertThat(context.metrics().value("AppendsWaiting")).isEqualTo(waiting.size());
    assertThat(waiting).noneMatch(CompletableFuture::isDone);
    assertThatThrownBy(oneTooMany::get).hasCauseInstanceOf(ChannelFullException.class);
    channel.stop();
    assertThat(waiting).allMatch(CompletableFuture::isCompletedExceptionally);
    assertThat(context.metrics().value("AppendBytesWaiting")).isZero();
  }

  @Test
  void whatIsLeftAtTheStopIsCounted() throws Exception {
    Channel channel = open(10, 10, LONG);
    channel.append(Events.of("a", "b", "c"));

    channel.stop();

    assertThat(context.metrics().value("EventDroppedAtStopCount")).isEqualTo(3);
    assertThat(channel.isDurable()).isFalse();
  }

  @Test
  void aTransactionLargerThanTheChannelIsAConfigurationError() {
    assertThatThrownBy(() -> open(100, 101, LONG))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("101")
        .hasMessageContaining("100");
  }

  @Test
  void withoutAByteCapacityFourFifthsOfTheHeapCount() {
    Load room = new ByteLimits(50, Optional.empty()).room(10, 100).most();

    long heap = Runtime.getRuntime().maxMemory();
    assertThat(room.bytes()).isEqualTo((long) (heap * 0.8));
    assertThat(room.slots()).isBetween(heap / 250 - 2, heap / 250 + 2);
  }
}
