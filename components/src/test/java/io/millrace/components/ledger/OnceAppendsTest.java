/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
import io.millrace.api.Origin;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.components.testing.LogCapture;
import io.millrace.components.testing.ToyChannelContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OnceAppendsTest {
  private static final UUID JOURNAL = new UUID(7, 8);

  private final ToyChannelContext context = ToyChannelContext.named("c1");
  private final OnceAppends appends =
      new OnceAppends(
          context, new SenderLedger(LedgerLimits.inMemory()), OnceAppends.Recorder.COMPLETION);

  @AfterEach
  void close() {
    appends.close();
  }

  @Test
  void whoBringsEventsThatAreOnTheirWayWaitsAndIsToldTheyAreHad() throws Exception {
    CompletableFuture<Void> disk = new CompletableFuture<>();
    CompletableFuture<Intake> first = append(run(0, 10), disk);
    CompletableFuture<Intake> second = append(run(0, 10), neverCalled());
    CompletableFuture<Intake> part = append(run(3, 4), neverCalled());
    assertThat(second).isNotDone();
    assertThat(part).isNotDone();
    disk.complete(null);
    assertThat(get(first)).isEqualTo(Intake.APPENDED);
    assertThat(get(second)).isEqualTo(Intake.HAD);
    assertThat(get(part)).isEqualTo(Intake.HAD);
    assertThat(context.metrics().value("EventDuplicateCount")).isEqualTo(14);
  }

  @Test
  void whenTheAppendFailsOneOfThoseWhoWaitAppends() throws Exception {
    CompletableFuture<Void> failing = new CompletableFuture<>();
    CompletableFuture<Intake> first = append(run(0, 10), failing);
    CompletableFuture<Void> disk = new CompletableFuture<>();
    CompletableFuture<Intake> second = append(run(0, 10), disk);
    CompletableFuture<Intake> third = append(run(0, 10), disk);
    failing.completeExceptionally(new StorageException("disk", null));
    assertThatThrownBy(() -> get(first)).isInstanceOf(StorageException.class);
    disk.complete(null);
    assertThat(List.of(get(second), get(third)))
        .containsExactlyInAnyOrder(Intake.APPENDED, Intake.HAD);
  }

  @Test
  void whoWaitsForAPartIsToldWhereToCut() throws Exception {
    CompletableFuture<Intake> first = append(run(0, 10), new CompletableFuture<>());
    assertThat(get(append(run(5, 10), neverCalled()))).isEqualTo(new Intake.Partly(List.of(10L)));
    assertThat(first).isNotDone();
  }

  @Test
  void anAppendThatThrowsLeavesNothingClaimed() {
    assertThatThrownBy(
            () ->
                appends.append(
                    events(10),
                    run(0, 10),
                    claim -> {
                      throw new IllegalStateException("defect");
                    }))
        .isInstanceOf(IllegalStateException.class);
    assertThat(append(run(0, 10), CompletableFuture.completedFuture(null)))
        .isCompletedWithValue(Intake.APPENDED);
  }

  @Test
  void anErrorLeavesNothingClaimedEither() {
    assertThatThrownBy(
            () ->
                appends.append(
                    events(10),
                    run(0, 10),
                    claim -> {
                      throw new OutOfMemoryError("made by the test");
                    }))
        .isInstanceOf(OutOfMemoryError.class);
    assertThat(append(run(0, 10), CompletableFuture.completedFuture(null)))
        .isCompletedWithValue(Intake.APPENDED);
  }

  @Test
  void nobodyWaitsForEverForAnAppendWhoseOutcomeIsNotKnown() {
    OnceAppends impatient =
        new OnceAppends(
            context,
            new SenderLedger(LedgerLimits.inMemory()),
            OnceAppends.Recorder.COMPLETION,
            Duration.ofMillis(20));
    impatient.append(events(10), run(0, 10), claim -> new CompletableFuture<>());
    assertThatThrownBy(() -> get(impatient.append(events(10), run(0, 10), claim -> neverCalled())))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("on their way in by an earlier call");
    impatient.close();
  }

  @Test
  void afterTheCloseThoseWhoWaitAreStillAnswered() throws Exception {
    CompletableFuture<Void> disk = new CompletableFuture<>();
    append(run(0, 10), disk);
    CompletableFuture<Intake> second = append(run(0, 10), neverCalled());
    appends.close();
    disk.complete(null);
    assertThat(get(second)).isEqualTo(Intake.HAD);
  }

  @Test
  void anAlarmNamesPeerJournalAndRemedyOnce() {
    try (LogCapture log = new LogCapture(OnceAppends.class)) {
      CompletableFuture<Void> done = CompletableFuture.completedFuture(null);
      append(new Origin(JOURNAL, 4, 0, 10, 1, 0, false, "/10.0.0.6:999"), done);
      Origin fresh = new Origin(JOURNAL, 4, 0, 10, 2, 0, true, "/10.0.0.7:999");
      assertThatThrownBy(() -> get(append(fresh, done)))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("for the first time, but were here before");
      assertThat(append(fresh.again(), done)).isCompletedWithValue(Intake.APPENDED);
      assertThat(append(fresh.again(), done)).isCompletedWithValue(Intake.APPENDED);
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains(JOURNAL.toString(), "lane 4", "/10.0.0.7:999", "delete", "[SENDER_CONTESTED]");
    }
    assertThat(context.metrics().value("SenderContestedCount")).isOne();
    assertThat(context.metrics().value("EventDuplicateCount")).isZero();
    assertThat(context.metrics().value("EventLateCount")).isEqualTo(10);
  }

  /**
   * Many connections bring the same events in different cuts at the same time, to a disk that fails
   * now and then and answers on a thread of its own: each event is stored once, and every call that
   * was told so may rely on it.
   */
  @Test
  void ofManyAtATimeEachEventIsStoredOnce() throws Exception {
    int eventCount = 20_000;
    int connections = 8;
    long seed = System.nanoTime();
    System.out.println("seed " + seed);
    AtomicIntegerArray stored = new AtomicIntegerArray(eventCount);
    ExecutorService disk = Executors.newFixedThreadPool(2);
    ExecutorService peers = Executors.newFixedThreadPool(connections);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int connection = 0; connection < connections; connection++) {
        Random random = new Random(seed + connection);
        all.add(
            peers.submit(
                () -> {
                  long first = 0;
                  while (first < eventCount) {
                    int count = (int) Math.min(1 + random.nextInt(90), eventCount - first);
                    send(run(first, count), random, disk, stored);
                    first += count;
                  }
                  return null;
                }));
      }
      for (Future<?> one : all) {
        one.get(60, TimeUnit.SECONDS);
      }
    } finally {
      peers.shutdownNow();
      disk.shutdownNow();
    }
    for (int i = 0; i < eventCount; i++) {
      assertThat(stored.get(i)).as("seed %s: times event %s was stored", seed, i).isOne();
    }
    long duplicates = context.metrics().value("EventDuplicateCount");
    assertThat(duplicates).isEqualTo((connections - 1L) * eventCount);
    await().until(() -> context.metrics().value("SenderRangeCount") == 0);
  }

  /** Sends until all of the run is in, as a source and its peer do together. */
  private void send(Origin run, Random random, ExecutorService disk, AtomicIntegerArray stored)
      throws Exception {
    boolean fails = random.nextInt(10) == 0;
    Intake intake;
    try {
      intake =
          get(
              appends.append(
                  events(run.count()),
                  run,
                  claim ->
                      CompletableFuture.runAsync(
                          () -> {
                            if (fails) {
                              throw new StorageException("disk", null);
                            }
                            for (long s = run.first(); s < run.end(); s++) {
                              stored.incrementAndGet((int) s);
                            }
                          },
                          disk)));
    } catch (StorageException e) {
      send(run, random, disk, stored);
      return;
    }
    if (intake instanceof Intake.Partly partly) {
      long first = run.first();
      for (long cut : partly.cuts()) {
        send(run.part(first, cut), random, disk, stored);
        first = cut;
      }
      send(run.part(first, run.end()), random, disk, stored);
      return;
    }
    for (long s = run.first(); s < run.end(); s++) {
      assertThat(stored.get((int) s)).as("what was answered is stored").isOne();
    }
  }

  private CompletableFuture<Intake> append(Origin origin, CompletableFuture<Void> outcome) {
    return appends.append(events(origin.count()), origin, claim -> outcome);
  }

  /** Stands for an append that must not be made. */
  private static CompletableFuture<Void> neverCalled() {
    return CompletableFuture.failedFuture(new AssertionError("appended twice"));
  }

  private static Origin run(long first, int count) {
    return new Origin(JOURNAL, 0, first, count);
  }

  private static EventBatch events(int count) {
    EventBatch.Builder events = EventBatch.builder();
    for (int i = 0; i < count; i++) {
      events.add(io.millrace.api.EncodedHeaders.of(java.util.Map.of()), new byte[0]);
    }
    return events.build();
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    try {
      return future.get(60, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw (Exception) e.getCause();
    }
  }
}
