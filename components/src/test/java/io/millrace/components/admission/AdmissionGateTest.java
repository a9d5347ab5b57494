/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ChannelFullException;
import io.millrace.api.EventBatch;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyChannelContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class AdmissionGateTest {
  private static final EventBatch BATCH = Events.of("x");
  private static final TransientException STOP = new TransientException("stopped");

  private final AtomicInteger room = new AtomicInteger();
  private final ConcurrentLinkedQueue<Integer> admitted = new ConcurrentLinkedQueue<>();
  private AdmissionGate gate = gate(Duration.ofSeconds(30));

  private static AdmissionGate gate(Duration keepAlive) {
    return new AdmissionGate("c1", keepAlive, ToyChannelContext.named("c1").threads("keep-alive"));
  }

  @AfterEach
  void closeGate() {
    gate.close(STOP);
  }

  private CompletableFuture<Void> enter(int number) {
    return gate.enter(
        BATCH,
        () -> {
          if (room.get() == 0) {
            return null;
          }
          room.decrementAndGet();
          admitted.add(number);
          return CompletableFuture.completedFuture(null);
        });
  }

  private void free(int places) {
    room.addAndGet(places);
    gate.roomFreed();
  }

  @Test
  void thoseWhoWaitGoInInTheirOrder() {
    List<CompletableFuture<Void>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(enter(i));
    }
    assertThat(gate.waitingAppends()).isEqualTo(5);
    assertThat(gate.waitingBytes()).isEqualTo(5L * BATCH.encodedBytes());

    free(3);

    assertThat(admitted).containsExactly(0, 1, 2);
    assertThat(all.stream().map(CompletableFuture::isDone))
        .containsExactly(true, true, true, false, false);
    free(2);
    assertThat(admitted).containsExactly(0, 1, 2, 3, 4);
    assertThat(gate.waitingBytes()).isZero();
  }

  @Test
  void anAttemptThatFreesRoomItselfIsMadeOnce() {
    AtomicInteger attempts = new AtomicInteger();
    CompletableFuture<Void> first =
        gate.enter(
            BATCH,
            () -> {
              if (room.get() == 0) {
                return null;
              }
              attempts.incrementAndGet();
              gate.roomFreed();
              return CompletableFuture.failedFuture(new StorageException("disk", null));
            });
    CompletableFuture<Void> second = enter(2);

    free(1);

    assertThat(attempts).hasValue(1);
    assertThatThrownBy(first::join).hasCauseInstanceOf(StorageException.class);
    assertThat(second).isCompleted();
  }

  @Test
  void anAttemptThatThrowsFailsItsOwnAppendOnly() {
    CompletableFuture<Void> broken =
        gate.enter(
            BATCH,
            () -> {
              if (room.get() == 0) {
                return null;
              }
              throw new StorageException("disk", null);
            });
    CompletableFuture<Void> good = enter(1);

    free(1);

    assertThatThrownBy(broken::join).hasCauseInstanceOf(StorageException.class);
    assertThat(good).isCompleted();
  }

  @Test
  void aWaitingAppendTakesTheOutcomeOfItsAttempt() {
    CompletableFuture<Void> written = new CompletableFuture<>();
    CompletableFuture<Void> append = gate.enter(BATCH, () -> room.get() == 0 ? null : written);
    free(1);
    assertThat(append).isNotDone();

    written.completeExceptionally(new StorageException("disk", null));

    assertThatThrownBy(append::join).hasCauseInstanceOf(StorageException.class);
  }

  @Test
  void theKeepAliveTimeIsWaitedOutAndTheMessageSaysWhatHappened() {
    gate = gate(Duration.ofMillis(30));
    long start = System.nanoTime();

    CompletableFuture<Void> append = enter(1);

    assertThatThrownBy(() -> append.get(60, TimeUnit.SECONDS))
        .hasCauseInstanceOf(ChannelFullException.class)
        .hasMessageContaining("c1")
        .hasMessageContaining("1 events")
        .hasMessageContaining("30 ms");
    assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(30_000_000L);
    free(1);
    assertThat(admitted).isEmpty();
  }

  @Test
  void aClosedGateRefusesThoseWhoWaitAndThoseWhoCome() {
    CompletableFuture<Void> waiting = enter(1);

    gate.close(STOP);
    gate.close(new TransientException("again"));

    assertThatThrownBy(waiting::join).hasCause(STOP);
    assertThatThrownBy(() -> enter(2).join()).hasCause(STOP);
  }

  /**
   * Goal: room that is freed at the very moment at which an append begins to wait is not missed.
   */
  @Test
  void roomThatIsFreedWhileAnAppendJoinsTheLineIsNotMissed() throws Exception {
    for (int i = 0; i < 20_000; i++) {
      CompletableFuture<Void> freeing = CompletableFuture.runAsync(() -> free(1));
      enter(i).get(60, TimeUnit.SECONDS);
      freeing.get(60, TimeUnit.SECONDS);
    }
    assertThat(admitted).hasSize(20_000);
  }
}
