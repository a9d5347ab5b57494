/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
import io.millrace.api.Metrics;
import io.millrace.api.Origin;
import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import io.millrace.components.admission.AdmissionGate;
import io.millrace.components.ledger.LedgerLimits;
import io.millrace.components.ledger.OnceAppends;
import io.millrace.components.ledger.SenderLedger;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps events in memory, in the order of their appends. An append larger than the channel's bytes
 * is let in when the channel is empty.
 *
 * <p>Safe for many threads: appends go through the gate, the rest is the queue's.
 */
public final class MemoryChannel implements Channel {
  private static final Logger log = LoggerFactory.getLogger(MemoryChannel.class);
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final String name;
  private final long capacity;
  private final int transactionCapacity;
  private final AdmissionGate gate;
  private final MemoryQueue queue;
  private final OnceAppends once;
  private final Metrics.Counter droppedAtStop;

  /** A channel of that room, in which appends wait for it that long. */
  public MemoryChannel(
      ChannelContext context, MemoryRoom room, int transactionCapacity, Duration keepAlive) {
    this.name = context.name();
    this.capacity = room.most().events();
    this.transactionCapacity = transactionCapacity;
    this.gate = new AdmissionGate(name, keepAlive, context.threads("keep-alive"));
    this.queue = new MemoryQueue(room, gate::roomFreed);
    this.once =
        new OnceAppends(
            context, new SenderLedger(LedgerLimits.inMemory()), OnceAppends.Recorder.COMPLETION);
    this.droppedAtStop = context.metrics().counter("EventDroppedAtStopCount");
    context.metrics().gauge("AppendsWaiting", gate::waitingAppends);
    context.metrics().gauge("AppendBytesWaiting", gate::waitingBytes);
    context.metrics().gauge("ByteSlotsUsed", () -> queue.used().slots());
    context.metrics().gauge("BytesUsed", () -> queue.used().bytes());
  }

  @Override
  public CompletableFuture<Void> append(EventBatch batch) {
    if (batch.isEmpty()) {
      return DONE;
    }
    if (batch.eventCount() > transactionCapacity) {
      return CompletableFuture.failedFuture(
          new RejectedException(
              "Channel "
                  + name
                  + ": append of "
                  + batch.eventCount()
                  + " events (expected: at most its transactionCapacity, "
                  + transactionCapacity
                  + ")"));
    }
    Load load = queue.weigh(batch);
    return gate.enter(batch, () -> queue.offerWhole(batch, load) ? DONE : null);
  }

  /** Remembers what it was sent for as long as it remembers the events. */
  @Override
  public CompletableFuture<Intake> append(EventBatch batch, Origin origin) {
    return once.append(batch, origin, claim -> append(batch));
  }

  @Override
  public void refuseAppends() {
    gate.close(
        new TransientException(
            "Channel " + name + ": the agent is stopping; send again after its restart"));
  }

  @Override
  public Delivery take(int maxEvents, long maxBytes) {
    int limit = Math.min(maxEvents, transactionCapacity);
    if (limit < 1) {
      throw new IllegalArgumentException("maxEvents: " + maxEvents + " (expected: 1 or more)");
    }
    return queue.take(limit, maxBytes);
  }

  @Override
  public boolean awaitEvents(Duration timeout) throws InterruptedException {
    return queue.awaitEvents(timeout);
  }

  @Override
  public long eventCount() {
    return queue.used().events();
  }

  @Override
  public long capacity() {
    return capacity;
  }

  @Override
  public boolean isFull() {
    return gate.waitingAppends() > 0 || eventCount() >= capacity();
  }

  @Override
  public int transactionCapacity() {
    return transactionCapacity;
  }

  @Override
  public boolean isDurable() {
    return false;
  }

  @Override
  public void stop() {
    gate.close(new TransientException("Channel " + name + " has stopped; send again later"));
    once.close();
    if (!queue.close()) {
      return;
    }
    long dropped = queue.used().events();
    if (dropped > 0) {
      droppedAtStop.add(dropped);
      log.warn(
          "Channel {}: {} events were still in memory at the stop and are lost. Use a file or"
              + " spillablememory channel where that matters",
          name,
          dropped);
    }
  }
}
