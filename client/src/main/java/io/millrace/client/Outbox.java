/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.EventBatch;
import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Where the application leaves its events and the sender finds them; keeps the bound of memory and
 * the reckoning of events. Guarded by {@code lock}, which is held for a few steps only.
 */
final class Outbox {
  /** What the sender must look at; there is none to wait for beyond. */
  static final long NEVER = Long.MAX_VALUE;

  /** Largest encoded event; what is larger, no server of ours could take. */
  static final int MAX_EVENT_BYTES = (64 << 20) - (64 << 10);

  private final ClientOptions options;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition roomFreed = lock.newCondition();
  private final Condition workCame = lock.newCondition();

  private final Deque<Parcel> fresh = new ArrayDeque<>();
  private final Deque<FlushMark> marks = new ArrayDeque<>();
  private final Deque<Outcome> outcomes = new ArrayDeque<>();
  private FlushMark mark = new FlushMark();
  private long freshEvents;
  private long freshBytes;
  private long nextSequence;

  /** Parcels before this do not wait for company. */
  private long urgentBefore;

  private boolean hasWork;
  private boolean isClosed;
  private long closeDeadlineNanos;

  private long accepted;
  private long acknowledged;
  private long failed;
  private long dropped;
  private long buffered;
  private long bufferedBytes;

  Outbox(ClientOptions options) {
    this.options = options;
    marks.add(mark);
  }

  /** The reckoning at one moment. */
  record Counts(
      long accepted,
      long acknowledged,
      long failed,
      long dropped,
      long buffered,
      long bufferedBytes) {}

  /**
   * Takes the pieces in, all or none. The futures of the parcels, in their order, are empty when
   * nobody wants them.
   *
   * @throws BufferFullException when there is no room within the time that the options allow
   * @throws TransientException when the client is closed or the thread was interrupted
   * @throws RejectedException when the pieces are larger than the buffer
   */
  List<CompletableFuture<Void>> accept(
      List<EventBatch> pieces, boolean isUrgent, boolean wantsFutures) {
    int events = pieces.stream().mapToInt(EventBatch::eventCount).sum();
    long bytes = pieces.stream().mapToLong(Parcel::bufferedBytes).sum();
    List<CompletableFuture<Void>> futures = new ArrayList<>(wantsFutures ? pieces.size() : 0);
    int longest = pieces.stream().mapToInt(EventBatch::encodedBytes).max().orElse(0);
    lock.lock();
    try {
      refuseTooLarge(events, bytes, longest);
      awaitRoom(events, bytes);
      long now = System.nanoTime();
      boolean wasEmpty = fresh.isEmpty();
      for (EventBatch piece : pieces) {
        Optional<CompletableFuture<Void>> settled =
            wantsFutures ? Optional.of(new CompletableFuture<>()) : Optional.empty();
        settled.ifPresent(futures::add);
        fresh.add(new Parcel(piece, nextSequence++, now, mark, settled));
        mark.openParcels++;
      }
      accepted += events;
      buffered += events;
      bufferedBytes += bytes;
      freshEvents += events;
      freshBytes += bytes;
      if (isUrgent) {
        urgentBefore = nextSequence;
      }
      if (wasEmpty || isDue(now)) {
        wakeSender();
      }
      return futures;
    } finally {
      lock.unlock();
    }
  }

  private void refuseTooLarge(int events, long bytes, int longestBytes) {
    long maxBytes = options.maxBufferedBytes().bytes();
    if (longestBytes <= MAX_EVENT_BYTES && bytes <= maxBytes) {
      return;
    }
    dropped += events;
    throw new RejectedException(
        longestBytes > MAX_EVENT_BYTES
            ? prefix()
                + "event of "
                + longestBytes
                + " bytes (expected: at most "
                + MAX_EVENT_BYTES
                + "); nothing was taken"
            : prefix()
                + events
                + " events take "
                + bytes
                + " bytes (expected: at most "
                + maxBytes
                + ", the bound of the buffer); they were not taken");
  }

  private void awaitRoom(int events, long bytes) {
    long maxBytes = options.maxBufferedBytes().bytes();
    // A thread of the client would wait for itself.
    long longestNanos = ClientThread.isCurrent() ? 0 : options.whenFull().longestWait().toNanos();
    long leftNanos = longestNanos;
    try {
      while (!isClosed && bufferedBytes + bytes > maxBytes) {
        if (leftNanos <= 0) {
          dropped += events;
          throw new BufferFullException(
              prefix()
                  + "no room for "
                  + events
                  + " events of "
                  + bytes
                  + " bytes within "
                  + TimeUnit.NANOSECONDS.toMillis(longestNanos)
                  + " ms: "
                  + bufferedBytes
                  + " of "
                  + maxBytes
                  + " bytes are taken. They were not taken and will not be sent.");
        }
        leftNanos = roomFreed.awaitNanos(leftNanos);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      dropped += events;
      throw new TransientException(
          prefix() + "interrupted while waiting for room; " + events + " events were not taken", e);
    }
    if (isClosed) {
      dropped += events;
      throw new TransientException(prefix() + "closed; " + events + " events were not taken");
    }
  }

  private String prefix() {
    return "Client " + options.name() + ": ";
  }

  /** Whether a send of this size would have to wait now. */
  boolean hasRoomFor(long bytes) {
    lock.lock();
    try {
      return bufferedBytes + bytes <= options.maxBufferedBytes().bytes();
    } finally {
      lock.unlock();
    }
  }

  /** Nanoseconds until fresh parcels should go; zero or less for now, NEVER without any. */
  long dueInNanos(long nowNanos) {
    lock.lock();
    try {
      if (fresh.isEmpty()) {
        return NEVER;
      }
      return isDue(nowNanos)
          ? 0
          : fresh.peek().acceptedNanos + options.linger().toNanos() - nowNanos;
    } finally {
      lock.unlock();
    }
  }

  private boolean isDue(long nowNanos) {
    Parcel first = fresh.peek();
    return first != null
        && (isClosed
            || first.sequence < urgentBefore
            || freshEvents >= options.batchEvents()
            || freshBytes >= options.batchBytes().bytes()
            || nowNanos - first.acceptedNanos >= options.linger().toNanos());
  }

  /** The next fresh parcel if it fits what is left of a call; it is then the sender's. */
  Parcel pollFresh(long maxEvents, long maxBytes) {
    lock.lock();
    try {
      Parcel first = fresh.peek();
      if (first == null || first.events() > maxEvents || first.batch.encodedBytes() > maxBytes) {
        return null;
      }
      freshEvents -= first.events();
      freshBytes -= first.bufferedBytes();
      return fresh.poll();
    } finally {
      lock.unlock();
    }
  }

  /** When the oldest fresh parcel came; empty without any. */
  Optional<Long> oldestFreshNanos() {
    lock.lock();
    try {
      return Optional.ofNullable(fresh.peek()).map(parcel -> parcel.acceptedNanos);
    } finally {
      lock.unlock();
    }
  }

  /** Counts the parcel as settled, gives its room back, then completes its future. */
  void settle(Parcel parcel, Throwable failure) {
    List<FlushMark> reached = new ArrayList<>();
    lock.lock();
    try {
      buffered -= parcel.events();
      bufferedBytes -= parcel.bufferedBytes();
      if (failure == null) {
        acknowledged += parcel.events();
      } else {
        failed += parcel.events();
      }
      parcel.mark.openParcels--;
      while (marks.peek() != null && marks.peek().isSealed && marks.peek().openParcels == 0) {
        reached.add(marks.poll());
      }
      roomFreed.signalAll();
    } finally {
      lock.unlock();
    }
    parcel.settled.ifPresent(
        settled -> {
          if (failure == null) {
            settled.complete(null);
          } else {
            settled.completeExceptionally(failure);
          }
        });
    reached.forEach(passed -> passed.reached.complete(null));
  }

  /** Completes when every parcel accepted so far is settled; none of them waits for company. */
  CompletableFuture<Void> flushed() {
    lock.lock();
    try {
      if (buffered == 0) {
        return CompletableFuture.completedFuture(null);
      }
      urgentBefore = nextSequence;
      wakeSender();
      // Without parcels since the last flush this one ends with that: marks do not pile up.
      if (mark.openParcels == 0 && marks.size() > 1) {
        FlushMark last = null;
        for (FlushMark open : marks) {
          last = open == mark ? last : open;
        }
        return last.reached.copy();
      }
      FlushMark sealed = mark;
      sealed.isSealed = true;
      mark = new FlushMark();
      marks.add(mark);
      return sealed.reached.copy();
    } finally {
      lock.unlock();
    }
  }

  /** Takes nothing more; what is there is to be settled by then, at the latest. */
  void close(long deadlineNanos) {
    lock.lock();
    try {
      if (!isClosed || deadlineNanos - closeDeadlineNanos < 0) {
        closeDeadlineNanos = deadlineNanos;
      }
      isClosed = true;
      roomFreed.signalAll();
      wakeSender();
    } finally {
      lock.unlock();
    }
  }

  boolean isClosed() {
    lock.lock();
    try {
      return isClosed;
    } finally {
      lock.unlock();
    }
  }

  /** Nanoseconds until the close must end; NEVER while open. */
  long closesInNanos(long nowNanos) {
    lock.lock();
    try {
      return isClosed ? closeDeadlineNanos - nowNanos : NEVER;
    } finally {
      lock.unlock();
    }
  }

  /** Leaves word for the sender. */
  void post(Outcome outcome) {
    lock.lock();
    try {
      outcomes.add(outcome);
      wakeSender();
    } finally {
      lock.unlock();
    }
  }

  /** What was posted since the last call. */
  List<Outcome> takeOutcomes() {
    lock.lock();
    try {
      List<Outcome> taken = List.copyOf(outcomes);
      outcomes.clear();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  /** For the sender: waits until there may be work, at most this long. */
  void awaitWork(long nanos) throws InterruptedException {
    lock.lock();
    try {
      long leftNanos = nanos;
      while (!hasWork && leftNanos > 0) {
        leftNanos = workCame.awaitNanos(leftNanos);
      }
      hasWork = false;
    } finally {
      lock.unlock();
    }
  }

  private void wakeSender() {
    hasWork = true;
    workCame.signal();
  }

  Counts counts() {
    lock.lock();
    try {
      return new Counts(accepted, acknowledged, failed, dropped, buffered, bufferedBytes);
    } finally {
      lock.unlock();
    }
  }
}
