/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.admission;

import io.millrace.api.ChannelFullException;
import io.millrace.api.EventBatch;
import io.millrace.api.MillraceException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets appends into a channel in the order of their arrival. One that finds no room waits behind
 * those before it for up to the keep-alive time, as an entry in a line and not as a thread; then it
 * fails with {@link ChannelFullException}. The line is bounded too: what waits takes memory.
 *
 * <p>Guarded by {@code lock}; futures complete outside it.
 */
public final class AdmissionGate {
  /** Most appends in the line; one more is refused at once. */
  public static final int MAX_WAITING_APPENDS = 1024;

  /** Encoded bytes at which the line takes no more; one append always may wait. */
  public static final long MAX_WAITING_BYTES = 64L << 20;

  /** How long the timer's thread outlives its last task. */
  private static final long TIMER_IDLE_SECONDS = 10;

  /** Puts a batch into the channel if there is room for it. */
  @FunctionalInterface
  public interface Attempt {
    /**
     * What the append will come to, or null when there is no room. Called under the gate's lock, so
     * that what is let in stays in order; must not block.
     */
    CompletableFuture<Void> tryAppend();

    /**
     * As {@link #tryAppend}, for an append that may not wait any longer: null refuses it. For
     * channels that have room elsewhere, better used late than never.
     */
    default CompletableFuture<Void> tryLast() {
      return null;
    }
  }

  private record Waiting(
      EventBatch batch, Attempt attempt, long deadlineNanos, CompletableFuture<Void> result) {}

  /** What becomes of a waiting append, told once the lock is free. */
  private record Settled(Waiting waiting, CompletableFuture<Void> outcome) {
    void tell() {
      outcome.whenComplete(
          (ignored, error) -> {
            if (error == null) {
              waiting.result.complete(null);
            } else {
              waiting.result.completeExceptionally(error);
            }
          });
    }
  }

  private final String channel;
  private final Duration keepAlive;
  private final ScheduledThreadPoolExecutor timer;
  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<Waiting> line = new ArrayDeque<>();

  /** Written under the lock; read without it by {@link #roomFreed}. */
  private volatile int waitingAppends;

  private volatile long waitingBytes;
  private boolean timerIsSet;
  private MillraceException closedBecause;

  /** A gate whose timer has no thread until somebody waits. */
  public AdmissionGate(String channel, Duration keepAlive, ThreadFactory threads) {
    this.channel = channel;
    this.keepAlive = keepAlive;
    this.timer = new ScheduledThreadPoolExecutor(1, threads);
    timer.setKeepAliveTime(TIMER_IDLE_SECONDS, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
  }

  /** Appends the batch now or when there is room. Never blocks. */
  public CompletableFuture<Void> enter(EventBatch batch, Attempt attempt) {
    List<Settled> settled = new ArrayList<>();
    CompletableFuture<Void> result;
    lock.lock();
    try {
      result = enter(batch, attempt, settled);
    } finally {
      lock.unlock();
    }
    settled.forEach(Settled::tell);
    return result;
  }

  private CompletableFuture<Void> enter(EventBatch batch, Attempt attempt, List<Settled> settled) {
    if (closedBecause != null) {
      return CompletableFuture.failedFuture(closedBecause);
    }
    if (line.isEmpty()) {
      CompletableFuture<Void> outcome = attemptNow(attempt);
      if (outcome == null && keepAlive.isZero()) {
        outcome = attemptLast(attempt);
      }
      if (outcome != null) {
        return outcome;
      }
    } else if (isLineFull(batch)) {
      shortenLine(settled);
    }
    if (keepAlive.isZero() || isLineFull(batch)) {
      return CompletableFuture.failedFuture(full(batch, "was refused at once"));
    }
    Waiting waiting =
        new Waiting(
            batch, attempt, System.nanoTime() + keepAlive.toNanos(), new CompletableFuture<>());
    line.add(waiting);
    waitingBytes += batch.encodedBytes();
    waitingAppends = line.size();
    // Room that was freed between the attempt and here was not told to the line.
    admit(settled);
    setTimer();
    return waiting.result;
  }

  /** Tells the line that there may be room. Cheap when nobody waits. */
  public void roomFreed() {
    // From within an attempt: whoever called it goes on with the line by itself, and the first in
    // line must not be tried twice.
    if (waitingAppends == 0 || lock.isHeldByCurrentThread()) {
      return;
    }
    List<Settled> settled = new ArrayList<>();
    lock.lock();
    try {
      admit(settled);
    } finally {
      lock.unlock();
    }
    settled.forEach(Settled::tell);
  }

  /** Refuses those who wait and all who come. Idempotent: the first reason stays. */
  public void close(MillraceException reason) {
    List<Settled> settled = new ArrayList<>();
    lock.lock();
    try {
      if (closedBecause == null) {
        closedBecause = reason;
      }
      while (!line.isEmpty()) {
        settled.add(new Settled(leave(), CompletableFuture.failedFuture(closedBecause)));
      }
    } finally {
      lock.unlock();
    }
    timer.shutdown();
    settled.forEach(Settled::tell);
  }

  /** Appends that wait for room. */
  public int waitingAppends() {
    return waitingAppends;
  }

  /** Encoded bytes of the appends that wait for room. */
  public long waitingBytes() {
    return waitingBytes;
  }

  private static CompletableFuture<Void> attemptNow(Attempt attempt) {
    try {
      return attempt.tryAppend();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static CompletableFuture<Void> attemptLast(Attempt attempt) {
    try {
      return attempt.tryLast();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  /**
   * A line that is full does not wait for the time of the first in it, if that may go elsewhere.
   */
  private void shortenLine(List<Settled> settled) {
    CompletableFuture<Void> outcome = attemptLast(line.element().attempt);
    if (outcome != null) {
      settled.add(new Settled(leave(), outcome));
      admit(settled);
    }
  }

  private boolean isLineFull(EventBatch batch) {
    return line.size() >= MAX_WAITING_APPENDS
        || (!line.isEmpty() && waitingBytes + batch.encodedBytes() > MAX_WAITING_BYTES);
  }

  /** Lets in from the head of the line for as long as there is room. */
  private void admit(List<Settled> settled) {
    while (!line.isEmpty()) {
      CompletableFuture<Void> outcome = attemptNow(line.element().attempt);
      if (outcome == null) {
        return;
      }
      settled.add(new Settled(leave(), outcome));
    }
  }

  private Waiting leave() {
    Waiting first = line.remove();
    waitingBytes -= first.batch.encodedBytes();
    waitingAppends = line.size();
    return first;
  }

  /** Everyone waits equally long, so that the head of the line is always the next to give up. */
  private void setTimer() {
    if (!timerIsSet && !line.isEmpty()) {
      timerIsSet = true;
      timer.schedule(
          this::expire, line.element().deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  private void expire() {
    List<Settled> settled = new ArrayList<>();
    lock.lock();
    try {
      timerIsSet = false;
      if (closedBecause != null) {
        return;
      }
      admit(settled);
      long now = System.nanoTime();
      while (!line.isEmpty() && line.element().deadlineNanos - now <= 0) {
        CompletableFuture<Void> outcome = attemptLast(line.element().attempt);
        Waiting first = leave();
        settled.add(
            new Settled(
                first,
                outcome != null
                    ? outcome
                    : CompletableFuture.failedFuture(
                        full(first.batch, "waited " + keepAlive.toMillis() + " ms in vain"))));
        // The next may be smaller than the one that has left.
        admit(settled);
      }
      setTimer();
    } finally {
      lock.unlock();
    }
    settled.forEach(Settled::tell);
  }

  private ChannelFullException full(EventBatch batch, String outcome) {
    return new ChannelFullException(
        "Channel "
            + channel
            + " is full: an append of "
            + batch.eventCount()
            + " events ("
            + batch.encodedBytes()
            + " bytes) "
            + outcome
            + "; "
            + waitingAppends
            + " others wait. Its sinks are slower than its sources; raise its capacity if this is"
            + " a peak");
  }
}
