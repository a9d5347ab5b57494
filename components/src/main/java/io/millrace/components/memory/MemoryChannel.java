/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Metrics;
import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import io.millrace.components.admission.AdmissionGate;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps events in memory, in the order of their appends. Events that come back stand before those
 * that were never given out, in their old order.
 *
 * <p>Room is bounded by number, by slots of bodies (Flume's measure) and by encoded bytes, since a
 * peer may send headers of any size. An append larger than the channel's bytes is let in when the
 * channel is empty: it is in memory anyway, and refusing it for ever would block its source.
 *
 * <p>Guarded by {@code lock}, which is only ever taken inside the gate's.
 */
final class MemoryChannel implements Channel {
  private static final Logger log = LoggerFactory.getLogger(MemoryChannel.class);
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final String name;
  private final MemoryChannelOptions options;
  private final Load room;
  private final AdmissionGate gate;
  private final Metrics.Counter droppedAtStop;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition hasEvents = lock.newCondition();
  private final ArrayDeque<StoredRun> queue = new ArrayDeque<>();

  /** Events that came back, by their first sequence number; all older than the queue. */
  private final TreeMap<Long, StoredRun> returned = new TreeMap<>();

  private Load used = Load.NONE;
  private long nextSequence;
  private boolean stopped;

  MemoryChannel(ChannelContext context, MemoryChannelOptions options) {
    this.name = context.name();
    this.options = options;
    this.room = options.room();
    this.gate = new AdmissionGate(name, options.keepAlive(), context.threads("keep-alive"));
    this.droppedAtStop = context.metrics().counter("EventDroppedAtStopCount");
    context.metrics().gauge("AppendsWaiting", gate::waitingAppends);
    context.metrics().gauge("AppendBytesWaiting", gate::waitingBytes);
    context.metrics().gauge("ByteSlotsUsed", () -> used().slots());
    context.metrics().gauge("BytesUsed", () -> used().bytes());
  }

  @Override
  public CompletableFuture<Void> append(EventBatch batch) {
    if (batch.isEmpty()) {
      return DONE;
    }
    if (batch.eventCount() > options.transactionCapacity()) {
      return CompletableFuture.failedFuture(
          new RejectedException(
              "Channel "
                  + name
                  + ": append of "
                  + batch.eventCount()
                  + " events (expected: at most its transactionCapacity, "
                  + options.transactionCapacity()
                  + ")"));
    }
    Load load = Load.of(batch);
    return gate.enter(batch, () -> store(batch, load));
  }

  private CompletableFuture<Void> store(EventBatch batch, Load load) {
    lock.lock();
    try {
      if (!fits(load)) {
        return null;
      }
      used = used.plus(load);
      queue.add(new StoredRun(batch, nextSequence));
      nextSequence += batch.eventCount();
      hasEvents.signalAll();
      return DONE;
    } finally {
      lock.unlock();
    }
  }

  private boolean fits(Load load) {
    return used.events() + load.events() <= room.events()
        && (used.events() == 0
            || (load.slots() <= room.slots() - used.slots()
                && load.bytes() <= room.bytes() - used.bytes()));
  }

  @Override
  public void refuseAppends() {
    gate.close(
        new TransientException(
            "Channel " + name + ": the agent is stopping; send again after its restart"));
  }

  @Override
  public Delivery take(int maxEvents, long maxBytes) {
    int limit = Math.min(maxEvents, options.transactionCapacity());
    if (limit < 1) {
      throw new IllegalArgumentException("maxEvents: " + maxEvents + " (expected: 1 or more)");
    }
    List<StoredRun.Piece> pieces = takePieces(limit, maxBytes);
    return pieces.isEmpty() ? null : new LentEvents(this, pieces);
  }

  private List<StoredRun.Piece> takePieces(int maxEvents, long maxBytes) {
    List<StoredRun.Piece> pieces = new ArrayList<>();
    int events = 0;
    long bytes = 0;
    lock.lock();
    try {
      for (StoredRun run = first(); run != null && events < maxEvents; run = first()) {
        StoredRun.Piece piece = run.take(maxEvents - events, maxBytes - bytes, events == 0);
        if (piece.batch().isEmpty()) {
          break;
        }
        pieces.add(piece);
        events += piece.batch().eventCount();
        bytes += piece.batch().encodedBytes();
        settlePlace(run);
      }
    } finally {
      lock.unlock();
    }
    return pieces;
  }

  private StoredRun first() {
    return returned.isEmpty() ? queue.peek() : returned.firstEntry().getValue();
  }

  /** Removes the run in front when nothing is left of it. */
  private void settlePlace(StoredRun run) {
    if (returned.isEmpty()) {
      if (run.isExhausted()) {
        queue.remove();
      }
      return;
    }
    returned.pollFirstEntry();
    if (!run.isExhausted()) {
      // Under the number of its rest, so that what was just lent has a place to come back to.
      returned.put(run.sequenceNext(), run);
    }
  }

  /** Frees the room of events that are gone. */
  void release(Load load) {
    lock.lock();
    try {
      used = used.minus(load);
    } finally {
      lock.unlock();
    }
    gate.roomFreed();
  }

  /** Takes back pieces that were lent and not acknowledged; their room was never freed. */
  void giveBack(List<StoredRun.Piece> pieces) {
    lock.lock();
    try {
      for (StoredRun.Piece piece : pieces) {
        returned.put(piece.sequenceFirst(), new StoredRun(piece.batch(), piece.sequenceFirst()));
      }
      hasEvents.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean awaitEvents(Duration timeout) throws InterruptedException {
    long nanos = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (first() == null && !stopped && nanos > 0) {
        nanos = hasEvents.awaitNanos(nanos);
      }
      return first() != null;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long eventCount() {
    return used().events();
  }

  @Override
  public long capacity() {
    return options.capacity();
  }

  @Override
  public int transactionCapacity() {
    return options.transactionCapacity();
  }

  @Override
  public boolean isDurable() {
    return false;
  }

  @Override
  public void stop() {
    gate.close(new TransientException("Channel " + name + " has stopped; send again later"));
    long dropped;
    lock.lock();
    try {
      if (stopped) {
        return;
      }
      stopped = true;
      dropped = used.events();
      hasEvents.signalAll();
    } finally {
      lock.unlock();
    }
    if (dropped > 0) {
      droppedAtStop.add(dropped);
      log.warn(
          "Channel {}: {} events were still in memory at the stop and are lost. Use a file channel"
              + " where that matters",
          name,
          dropped);
    }
  }

  private Load used() {
    lock.lock();
    try {
      return used;
    } finally {
      lock.unlock();
    }
  }
}
