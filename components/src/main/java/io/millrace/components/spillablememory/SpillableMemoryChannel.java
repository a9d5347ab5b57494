/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelFullException;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.Origin;
import io.millrace.api.RejectedException;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.components.admission.AdmissionGate;
import io.millrace.components.ledger.LedgerLimits;
import io.millrace.components.ledger.OnceAppends;
import io.millrace.components.ledger.SenderLedger;
import io.millrace.components.memory.Load;
import io.millrace.components.memory.MemoryQueue;
import io.millrace.components.spillablememory.EventOrder.Run;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps events in memory; those that find no room there within their time go to a file channel, and
 * so do the next ones until enough memory is free. Events leave in the order of their appends,
 * wherever they are; a delivery is of one place. What a former process left on disk comes first.
 *
 * <p>Safe for many threads. Locks, outermost first: the gate's, which all appends pass, or the
 * outlet's, never both; the placement's; those of memory and overflow.
 */
final class SpillableMemoryChannel implements Channel {
  private static final Logger log = LoggerFactory.getLogger(SpillableMemoryChannel.class);
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  /** How long an append waits for the disk's queue where it does not wait for memory. */
  private static final Duration QUEUE_WAIT = Duration.ofSeconds(3);

  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  private final String name;
  private final SpillableMemoryOptions options;
  private final MemoryQueue memory;
  private final Channel overflow;
  private final AdmissionGate gate;
  private final Placement placement;
  private final Outlet outlet;
  private final OnceAppends once;
  private final LogLimit spillLines = new LogLimit(BETWEEN_LINES);
  private final Metrics.Counter spilledEvents;
  private final Metrics.Counter spills;
  private final Metrics.Counter savedAtStop;
  private final Metrics.Counter droppedAtStop;

  /** Written under the gate's lock. */
  private volatile boolean isSpilling;

  private volatile boolean isStarted;

  SpillableMemoryChannel(ChannelContext context, SpillableMemoryOptions options, Channel overflow) {
    this.name = context.name();
    this.options = options;
    this.overflow = overflow;
    this.gate =
        new AdmissionGate(
            name,
            options.overflowTimeout().isZero() ? QUEUE_WAIT : options.overflowTimeout(),
            context.threads("overflow-timeout"));
    this.memory = new MemoryQueue(options.memoryRoom(), gate::roomFreed);
    this.placement = new Placement(memory, overflow::eventCount);
    this.outlet = new Outlet(memory, overflow, placement, gate::roomFreed);
    this.once =
        new OnceAppends(
            context, new SenderLedger(LedgerLimits.inMemory()), OnceAppends.Recorder.COMPLETION);
    Metrics metrics = context.metrics();
    this.spilledEvents = metrics.counter("EventSpilledCount");
    this.spills = metrics.counter("SpillCount");
    this.savedAtStop = metrics.counter("EventSavedAtStopCount");
    this.droppedAtStop = metrics.counter("EventDroppedAtStopCount");
    metrics.gauge("MemoryEventCount", this::volatileEventCount);
    metrics.gauge("OverflowEventCount", overflow::eventCount);
    metrics.gauge("Spilling", () -> isSpilling ? 1 : 0);
    metrics.gauge("ByteSlotsUsed", () -> memory.used().slots());
    metrics.gauge("BytesUsed", () -> memory.used().bytes());
    metrics.gauge("AppendsWaiting", gate::waitingAppends);
    metrics.gauge("AppendBytesWaiting", gate::waitingBytes);
  }

  @Override
  public void start() throws Exception {
    overflow.start();
    placement.recover();
    isStarted = true;
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
    if (!isStarted) {
      return CompletableFuture.failedFuture(
          new TransientException("Channel " + name + " has not started yet; send again later"));
    }
    return gate.enter(batch, new Entry(batch, memory.weigh(batch)));
  }

  /** Remembers in memory what it was sent, wherever the events are. */
  @Override
  public CompletableFuture<Intake> append(EventBatch batch, Origin origin) {
    return once.append(batch, origin, claim -> append(batch));
  }

  /** An append on its way in. Called under the gate's lock. */
  private final class Entry implements AdmissionGate.Attempt {
    private final EventBatch batch;
    private final Load load;

    private Entry(EventBatch batch, Load load) {
      this.batch = batch;
      this.load = load;
    }

    @Override
    public CompletableFuture<Void> tryAppend() {
      if (usesMemory()) {
        if (putIntoMemory()) {
          return DONE;
        }
        if (!options.overflowTimeout().isZero()) {
          return null;
        }
        startSpilling();
      }
      CompletableFuture<Void> appended = putOntoDiskElseIntoMemory();
      return mayWait(appended) ? null : appended;
    }

    @Override
    public CompletableFuture<Void> tryLast() {
      if (usesMemory()) {
        startSpilling();
      }
      return putOntoDiskElseIntoMemory();
    }

    private boolean usesMemory() {
      if (isSpilling && memory.freePercent() >= options.overflowDeactivationThreshold()) {
        isSpilling = false;
      }
      return !isSpilling && memory.canHold(load);
    }

    private boolean putIntoMemory() {
      return placement.putIntoMemory(batch, load);
    }

    /** A disk that takes nothing is no reason to refuse what memory has room for. */
    private CompletableFuture<Void> putOntoDiskElseIntoMemory() {
      CompletableFuture<Void> appended = hasRoomOnDisk() ? putOntoDisk() : full();
      return refusal(appended) != null && putIntoMemory() ? DONE : appended;
    }

    private boolean hasRoomOnDisk() {
      return placement.hasRoomOnDisk(batch.eventCount(), options.overflowCapacity());
    }

    private CompletableFuture<Void> putOntoDisk() {
      int events = batch.eventCount();
      Run run = placement.beginOnDisk(events);
      CompletableFuture<Void> result = new CompletableFuture<>();
      overflow
          .append(batch)
          .whenComplete(
              (ignored, error) -> {
                placement.endOnDisk(run, events, error == null);
                if (error == null) {
                  spilledEvents.add(events);
                  result.complete(null);
                } else {
                  result.completeExceptionally(error);
                }
                gate.roomFreed();
              });
      return result;
    }

    private CompletableFuture<Void> full() {
      return CompletableFuture.failedFuture(
          new ChannelFullException(
              "Channel "
                  + name
                  + " is full: an append of "
                  + batch.eventCount()
                  + " events finds "
                  + eventCount()
                  + " of at most "
                  + options.memoryCapacity()
                  + " in memory and "
                  + options.overflowCapacity()
                  + " on disk. Its sinks are slower than its sources; raise overflowCapacity if"
                  + " this is a peak"));
    }

    /** Whether there may be room within the time that the append has. */
    private boolean mayWait(CompletableFuture<Void> appended) {
      Throwable refusal = refusal(appended);
      if (refusal == null) {
        return false;
      }
      // Without a time only the disk's queue is waited for.
      return !options.overflowTimeout().isZero()
          || (refusal instanceof ChannelFullException && hasRoomOnDisk());
    }
  }

  /** Why the overflow has refused an append already, so that it is certain not to be delivered. */
  private static Throwable refusal(CompletableFuture<Void> appended) {
    if (!appended.isCompletedExceptionally()) {
      return null;
    }
    try {
      appended.join();
      return null;
    } catch (CompletionException e) {
      Throwable cause = e.getCause();
      return cause instanceof ChannelFullException || cause instanceof StorageException
          ? cause
          : null;
    }
  }

  private void startSpilling() {
    isSpilling = true;
    spills.increment();
    if (spillLines.allows()) {
      log.info(
          "Channel {}: memory is full with {} events; appends go to disk until {} % of it is free",
          name, volatileEventCount(), options.overflowDeactivationThreshold());
    }
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
    return outlet.take(limit, maxBytes);
  }

  @Override
  public boolean awaitEvents(Duration timeout) throws InterruptedException {
    return outlet.awaitEvents(timeout);
  }

  @Override
  public long eventCount() {
    return volatileEventCount() + overflow.eventCount();
  }

  @Override
  public long volatileEventCount() {
    return memory.used().events();
  }

  @Override
  public long capacity() {
    return options.capacityInAll();
  }

  @Override
  public boolean isFull() {
    return gate.waitingAppends() > 0 || eventCount() >= capacity();
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
  public boolean savesAtStop() {
    return true;
  }

  /** Brings what is still in memory to disk: it comes again after the next start. */
  @Override
  public void stop() throws Exception {
    gate.close(new TransientException("Channel " + name + " has stopped; send again later"));
    once.close();
    if (!outlet.close()) {
      return;
    }
    MemoryRescue rescue = new MemoryRescue(memory, overflow, options.transactionCapacity());
    if (isStarted) {
      rescue.run();
    }
    try {
      overflow.stop();
    } finally {
      rescue.finish();
      say(rescue);
    }
  }

  private void say(MemoryRescue rescue) {
    if (rescue.savedEvents() > 0) {
      savedAtStop.add(rescue.savedEvents());
      log.info(
          "Channel {}: {} events that were in memory at the stop are on disk now, and come again"
              + " after the next start",
          name,
          rescue.savedEvents());
    }
    long dropped = volatileEventCount();
    if (dropped > 0) {
      droppedAtStop.add(dropped);
      log.warn(
          "Channel {}: {} events were still in memory at the stop, could not be written to disk in"
              + " time and are lost: {}",
          name,
          dropped,
          rescue.trouble());
    }
  }
}
