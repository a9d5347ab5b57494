/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
import io.millrace.api.MalformedBatchException;
import io.millrace.api.Metrics;
import io.millrace.api.Origin;
import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import io.millrace.components.admission.AdmissionGate;
import io.millrace.components.filechannel.flume.FlumeBacklog;
import io.millrace.components.filechannel.flume.FlumeTakeover;
import io.millrace.components.ledger.LedgerLimits;
import io.millrace.components.ledger.OnceAppends;
import io.millrace.components.ledger.SenderLedger;
import io.millrace.journal.Chunk;
import io.millrace.journal.Journal;
import io.millrace.journal.JournalException;
import io.millrace.journal.Lease;
import io.millrace.journal.NoteDigest;
import io.millrace.journal.PreparedFrame;
import io.millrace.journal.QueueFullException;
import io.millrace.journal.codec.KeySource;
import io.millrace.journal.disk.NioDisk;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps events in a journal on disk: one frame per append, whose payload is the batch as it came
 * from the wire. Adds to the journal what it does not know of: a capacity, and appends that wait
 * for room.
 *
 * <p>Safe for many threads: appends go through the gate; the rest is the journal's.
 */
final class FileChannel implements Channel, FlumeBacklog.Listener {
  private static final Logger log = LoggerFactory.getLogger(FileChannel.class);
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final String name;
  private final FileChannelOptions options;
  private final AdmissionGate gate;
  private final JournalLog journalLog;
  private final LedgerNotes notes;
  private final OnceAppends once;
  private final Metrics.Counter putErrors;
  private final Metrics.Counter takeErrors;

  /** Events given to the journal whose append is not answered yet. */
  private final AtomicLong pendingEvents = new AtomicLong();

  /** Null until the channel has started. */
  private volatile Journal journal;

  /** What Apache Flume left in the directories; goes out first. */
  private volatile FlumeBacklog backlog = FlumeBacklog.none();

  private volatile boolean isStopped;

  /**
   * The frame that the last delivery took a part of: the next delivery most likely goes on in it,
   * and need not check its bytes again. One frame's memory.
   */
  private volatile CheckedFrame lastFrame;

  /** A payload in whose bytes every length was checked. */
  private record CheckedFrame(byte[] array, int offset, EventBatch batch) {
    boolean isOf(Chunk chunk) {
      return array == chunk.array() && offset == chunk.offset();
    }
  }

  FileChannel(ChannelContext context, FileChannelOptions options) {
    this.name = context.name();
    this.options = options;
    this.gate = new AdmissionGate(name, options.keepAlive(), context.threads("keep-alive"));
    this.journalLog = new JournalLog(name, context.metrics(), context::failed);
    SenderLedger ledger = new SenderLedger(LedgerLimits.storedWithin(NoteDigest.MAX_DIGEST_BYTES));
    this.notes = new LedgerNotes(context, ledger);
    this.once = new OnceAppends(context, ledger, OnceAppends.Recorder.STORED_NOTE);
    this.putErrors = context.metrics().counter("EventPutErrorCount");
    this.takeErrors = context.metrics().counter("EventTakeErrorCount");
    ChannelGauges.publish(
        context.metrics(), gate, options, pendingEvents::get, () -> journal, this::isOpen);
    context.metrics().gauge("FlumeBacklogSize", () -> backlog.eventCount());
  }

  private boolean isOpen() {
    return journal != null && !isStopped;
  }

  @Override
  public void start() {
    DirectoryRules.refuse(name, options);
    KeySource keys = options.encryption().keySource();
    FlumeBacklog taken = FlumeTakeover.open(options.flume(name), keys, new NioDisk(), this);
    try {
      journal = Journal.open(options.journal(keys, notes), options.disk(), journalLog);
      backlog = taken;
    } catch (JournalException e) {
      throw JournalFailure.of(name, e);
    } finally {
      if (journal == null) {
        taken.close();
      }
    }
  }

  @Override
  public CompletableFuture<Void> append(EventBatch batch) {
    return append(batch, (byte[]) null);
  }

  /** Stores with the events, in one frame, that this run of their sender is in the channel. */
  @Override
  public CompletableFuture<Intake> append(EventBatch batch, Origin origin) {
    return once.append(batch, origin, claim -> append(batch, claim.encodedNote()));
  }

  private CompletableFuture<Void> append(EventBatch batch, byte[] note) {
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
    Journal open = journal;
    if (open == null) {
      return CompletableFuture.failedFuture(
          new TransientException("Channel " + name + " has not started yet; send again later"));
    }
    PreparedFrame frame =
        batch.lend(
            (array, offset, length) ->
                open.prepare(array, offset, length, batch.eventCount(), note));
    return gate.enter(batch, () -> write(open, frame, batch.eventCount()));
  }

  /** Gives the batch to the journal; null when there is no room for it now. */
  private CompletableFuture<Void> write(Journal open, PreparedFrame frame, int events) {
    // For a moment an answered append counts twice: that errs on the safe side, and the line is
    // told once it counts once.
    if (heldBy(open) + pendingEvents.get() + events > options.capacity()) {
      return null;
    }
    CompletableFuture<Void> written = open.append(frame);
    if (isQueueFull(written)) {
      return null;
    }
    pendingEvents.addAndGet(events);
    CompletableFuture<Void> result = new CompletableFuture<>();
    written.whenComplete(
        (ignored, error) -> {
          pendingEvents.addAndGet(-events);
          if (error == null) {
            result.complete(null);
          } else {
            putErrors.increment();
            result.completeExceptionally(
                error instanceof JournalException e ? JournalFailure.of(name, e) : error);
          }
          gate.roomFreed();
        });
    return result;
  }

  private static boolean isQueueFull(CompletableFuture<Void> written) {
    if (!written.isCompletedExceptionally()) {
      return false;
    }
    try {
      written.join();
      return false;
    } catch (CompletionException e) {
      return e.getCause() instanceof QueueFullException;
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
    if (maxEvents < 1) {
      throw new IllegalArgumentException("maxEvents: " + maxEvents + " (expected: 1 or more)");
    }
    Journal open = journal;
    if (open == null) {
      return null;
    }
    Delivery delivery = backlog.take(Math.min(maxEvents, options.transactionCapacity()), maxBytes);
    if (delivery != null) {
      return delivery;
    }
    Lease lease = poll(open, Math.min(maxEvents, options.transactionCapacity()), maxBytes);
    while (lease != null && delivery == null) {
      delivery = deliver(open, lease);
      if (delivery == null) {
        lease = poll(open, Math.min(maxEvents, options.transactionCapacity()), maxBytes);
      }
    }
    if (journalLog.takeLosses()) {
      gate.roomFreed();
    }
    return delivery;
  }

  @Override
  public void eventsLost(long events) {
    takeErrors.increment();
    journalLog.lost(events);
  }

  @Override
  public void roomFreed() {
    gate.roomFreed();
  }

  private Lease poll(Journal open, int maxEvents, long maxBytes) {
    try {
      return open.poll(maxEvents, maxBytes);
    } catch (JournalException e) {
      takeErrors.increment();
      throw JournalFailure.of(name, e);
    }
  }

  /** Null when a payload was no batch: its events are given up, the others handed out anew. */
  private Delivery deliver(Journal open, Lease lease) {
    List<EventBatch> parts = new ArrayList<>(lease.chunks().size());
    int index = 0;
    boolean isWhole = true;
    for (Chunk chunk : lease.chunks()) {
      try {
        EventBatch frame = check(chunk);
        parts.add(frame.slice(chunk.skipRecords(), chunk.skipRecords() + chunk.takeRecords()));
      } catch (MalformedBatchException e) {
        isWhole = false;
        giveUp(lease, index, chunk.takeRecords(), e);
      }
      index += chunk.takeRecords();
    }
    if (!isWhole) {
      lease.release();
      return null;
    }
    return new LeasedEvents(
        name, origin(open, lease), lease, EventBatch.join(parts), gate::roomFreed);
  }

  /** None where a power loss may give a number to another event. */
  private static Origin origin(Journal open, Lease lease) {
    return open.hasLastingSequences()
        ? new Origin(
            open.id(),
            lease.laneIndex(),
            lease.firstSequence(),
            lease.recordCount(),
            open.session(),
            lease.floor(),
            lease.isFresh(),
            "")
        : Origin.NONE;
  }

  private EventBatch check(Chunk chunk) throws MalformedBatchException {
    if (chunk.isAsAppended()) {
      // It came out of a batch. A scan would fetch every event into this core's cache only for
      // that.
      return EventBatch.ofChecked(
          chunk.array(), chunk.offset(), chunk.length(), chunk.frameRecordCount());
    }
    CheckedFrame last = lastFrame;
    if (last != null && last.isOf(chunk)) {
      return last.batch();
    }
    EventBatch batch = EventBatch.parse(chunk.array(), chunk.offset(), chunk.length());
    if (batch.eventCount() != chunk.frameRecordCount()) {
      throw new MalformedBatchException(
          batch.eventCount() + " events (expected: " + chunk.frameRecordCount() + ")");
    }
    boolean isPart = chunk.takeRecords() < chunk.frameRecordCount();
    lastFrame = isPart ? new CheckedFrame(chunk.array(), chunk.offset(), batch) : null;
    return batch;
  }

  /** The checksum holds, so that this is no damage of the disk: some writer was not ours. */
  private void giveUp(Lease lease, int fromIndex, int events, MalformedBatchException e) {
    takeErrors.increment();
    journalLog.lost(events);
    log.error(
        "Channel {}: the payload at sequence {} of lane {} is not a batch of events: {}. {} events"
            + " are given up; delivery continues behind them",
        name,
        lease.firstSequence() + fromIndex,
        lease.laneIndex(),
        e.getMessage(),
        events);
    lease.acknowledge(fromIndex, fromIndex + events);
  }

  @Override
  public boolean awaitEvents(Duration timeout) throws InterruptedException {
    Journal open = journal;
    return open != null && (backlog.hasEvents() || open.awaitRecords(timeout.toNanos()));
  }

  @Override
  public long eventCount() {
    Journal open = journal;
    return open == null ? 0 : heldBy(open);
  }

  private long heldBy(Journal open) {
    return open.recordCount() + backlog.eventCount();
  }

  @Override
  public long capacity() {
    return options.capacity();
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
    return true;
  }

  @Override
  public void stop() {
    isStopped = true;
    gate.close(new TransientException("Channel " + name + " has stopped; send again later"));
    Journal open = journal;
    if (open != null) {
      open.close();
    }
    once.close();
    backlog.close();
  }
}
