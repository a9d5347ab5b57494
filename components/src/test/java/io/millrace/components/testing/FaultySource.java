/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.Output;
import io.millrace.api.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A source that is called directly, keeps the contract, and breaks it in the one way it is told.
 * Safe for many threads.
 */
final class FaultySource implements Source {
  static final int MAX_BYTES_IN_FLIGHT = 4 << 20;

  private static final int STEP_MILLIS = 10;

  /** How it breaks the contract. */
  enum Fault {
    NONE,
    LOSES_EACH_TENTH,
    EMITS_TWICE,
    INVENTS_EVENTS,
    ANSWERS_BEFORE_THE_CHANNELS,
    STOPS_ONLY_ONCE,
    STOPS_ONLY_AFTER_A_START,
    GOES_ON_AFTER_ITS_STOP,
    IS_DEAF_AFTER_A_RESTART,
    WAITS_FOR_THE_CHANNELS_WHEN_IT_STOPS,
    DIES_OF_GARBAGE,
    HAS_NO_BOUND
  }

  /** What a stop must not throw. */
  static final class StopFault extends RuntimeException {
    private static final long serialVersionUID = 1;

    StopFault(String message) {
      super(message);
    }
  }

  private final Fault fault;
  private final Output output;
  private final boolean isFirst;
  private final Semaphore room = new Semaphore(MAX_BYTES_IN_FLIGHT);
  private final Set<CompletableFuture<Void>> unanswered = new HashSet<>();
  private volatile boolean isRunning;
  private boolean wasStarted;
  private boolean wasStopped;
  private int emitted;

  /**
   * @param isFirst whether no source of the fixture was started before
   */
  FaultySource(Fault fault, Output output, boolean isFirst) {
    this.fault = fault;
    this.output = output;
    this.isFirst = isFirst;
  }

  @Override
  public void start() {
    wasStarted = true;
    isRunning = true;
  }

  boolean wasStarted() {
    return wasStarted;
  }

  @Override
  public void stop() throws InterruptedException {
    if (wasStopped && fault == Fault.STOPS_ONLY_ONCE) {
      throw new StopFault("stopped before");
    }
    if (!wasStarted && fault == Fault.STOPS_ONLY_AFTER_A_START) {
      throw new StopFault("not started");
    }
    wasStopped = true;
    if (fault == Fault.WAITS_FOR_THE_CHANNELS_WHEN_IT_STOPS) {
      awaitAnswers();
    }
    isRunning = fault == Fault.GOES_ON_AFTER_ITS_STOP && wasStarted;
  }

  private void awaitAnswers() throws InterruptedException {
    List<CompletableFuture<Void>> open;
    synchronized (unanswered) {
      open = List.copyOf(unanswered);
    }
    try {
      CompletableFuture.allOf(open.toArray(CompletableFuture[]::new)).get(2, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Long enough to be seen.
    }
  }

  /** Takes the events over, or throws: then their sender keeps them. */
  Set<String> offer(List<String> bodies, boolean isAwaited) throws IOException {
    requireRunning();
    List<String> emittedBodies = new ArrayList<>();
    synchronized (this) {
      for (String body : bodies) {
        emitted++;
        if (fault != Fault.LOSES_EACH_TENTH || emitted % 10 != 0) {
          emittedBodies.add(body);
        }
      }
    }
    if (fault == Fault.INVENTS_EVENTS) {
      emittedBodies.add("invented");
    }
    boolean isDeaf = fault == Fault.IS_DEAF_AFTER_A_RESTART && !isFirst;
    if (!isDeaf) {
      emit(emittedBodies, isAwaited);
      if (fault == Fault.EMITS_TWICE) {
        emit(emittedBodies, isAwaited);
      }
    }
    return Set.copyOf(bodies);
  }

  private void emit(List<String> bodies, boolean isAwaited) throws IOException {
    EventBatch.Builder builder = EventBatch.builder();
    for (String body : bodies) {
      builder.add(EncodedHeaders.NONE, body.getBytes(StandardCharsets.UTF_8));
    }
    EventBatch batch = builder.build();
    int bytes = fault == Fault.HAS_NO_BOUND ? 0 : batch.encodedBytes();
    try {
      while (!room.tryAcquire(bytes, STEP_MILLIS, TimeUnit.MILLISECONDS)) {
        requireRunning();
      }
      CompletableFuture<Void> answer = send(batch);
      answer.whenComplete((done, failure) -> room.release(bytes));
      if (isAwaited && fault != Fault.ANSWERS_BEFORE_THE_CHANNELS) {
        awaitAnswer(answer);
      } else if (!isAwaited && fault != Fault.ANSWERS_BEFORE_THE_CHANNELS) {
        awaitTaken(batch, answer);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private CompletableFuture<Void> send(EventBatch batch) {
    CompletableFuture<Void> answer = output.emit(batch);
    synchronized (unanswered) {
      unanswered.add(answer);
    }
    answer.whenComplete(
        (done, failure) -> {
          synchronized (unanswered) {
            unanswered.remove(answer);
          }
        });
    return answer;
  }

  private void awaitAnswer(CompletableFuture<Void> answer)
      throws IOException, InterruptedException {
    while (true) {
      try {
        answer.get(STEP_MILLIS, TimeUnit.MILLISECONDS);
        return;
      } catch (TimeoutException e) {
        requireRunning();
      } catch (ExecutionException e) {
        throw new IOException(e);
      }
    }
  }

  /** Nobody sends again what a sender without answers has sent: that is the source's part. */
  private void awaitTaken(EventBatch batch, CompletableFuture<Void> first)
      throws IOException, InterruptedException {
    CompletableFuture<Void> answer = first;
    while (true) {
      try {
        awaitAnswer(answer);
        return;
      } catch (IOException e) {
        requireRunning();
        answer = send(batch);
      }
    }
  }

  private void requireRunning() throws IOException {
    if (!isRunning) {
      throw new IOException("not running");
    }
  }

  void garbage() {
    if (fault == Fault.DIES_OF_GARBAGE) {
      isRunning = false;
    }
  }
}
