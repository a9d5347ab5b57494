/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import io.millrace.api.Output;
import io.millrace.components.listen.BatchCollector;
import io.millrace.components.listen.FlightBudget;
import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * What the connections of one event loop share: the batch that their messages go to, and who may
 * read. Messages of many connections that come at the same time are one batch. Confined to the
 * event loop, except where said.
 */
final class SyslogLoop {
  private final EventLoop loop;
  private final SyslogEvents events;
  private final SyslogCounters counters;
  private final BatchCollector collector;
  private final FlightBudget budget;
  private final AtomicLong unfinishedBytes;
  private final long maxUnfinishedBytes;
  private final AtomicBoolean isSettleDue = new AtomicBoolean();

  /** In the order in which their unfinished messages began. */
  private final Set<SyslogConnection> unfinished = new LinkedHashSet<>();

  private final List<SyslogConnection> paused = new ArrayList<>();
  private byte[] input = new byte[0];
  private boolean isFlushDue;
  private boolean isRetryDue;
  private boolean isAwaitingBudget;

  SyslogLoop(
      EventLoop loop,
      Output output,
      SyslogListening listening,
      SyslogEvents events,
      FlightBudget budget,
      AtomicLong unfinishedBytes,
      SyslogCounters counters) {
    this.loop = loop;
    this.events = events;
    this.counters = counters;
    this.budget = budget;
    this.unfinishedBytes = unfinishedBytes;
    this.maxUnfinishedBytes = listening.stream().maxBytesInFlight().bytes();
    this.collector =
        new BatchCollector(
            output,
            listening.maxBatchEvents(),
            budget,
            RandomGenerator.getDefault(),
            this::wake,
            counters);
  }

  BatchCollector collector() {
    return collector;
  }

  SyslogEvents events() {
    return events;
  }

  EventLoop eventLoop() {
    return loop;
  }

  /** The bytes in an array, valid until the next call. */
  byte[] read(ByteBuf bytes) {
    int length = bytes.readableBytes();
    if (input.length < length) {
      input = new byte[length];
    }
    bytes.readBytes(input, 0, length);
    return input;
  }

  /** What was read goes on once the other connections that have something were read, too. */
  void flushSoon() {
    if (!isFlushDue) {
      isFlushDue = true;
      loop.execute(this::flush);
    }
  }

  private void flush() {
    isFlushDue = false;
    counters.malformed(events.takeMalformed());
    collector.flush();
    afterChange();
  }

  /** An answer came. Any thread. */
  private void wake() {
    if (isSettleDue.compareAndSet(false, true)) {
      loop.execute(this::settle);
    }
  }

  private void settle() {
    isSettleDue.set(false);
    collector.settle(System.nanoTime());
    afterChange();
  }

  private void afterChange() {
    long retryNanos = collector.nanosUntilRetry(System.nanoTime());
    if (retryNanos != Long.MAX_VALUE && !isRetryDue) {
      isRetryDue = true;
      loop.schedule(
          () -> {
            isRetryDue = false;
            settle();
          },
          retryNanos,
          TimeUnit.NANOSECONDS);
    }
    if (!collector.isBlocked()) {
      resume();
    } else if (!budget.hasRoom() && !isAwaitingBudget && !paused.isEmpty()) {
      isAwaitingBudget = true;
      budget.await(
          () ->
              loop.execute(
                  () -> {
                    isAwaitingBudget = false;
                    afterChange();
                  }));
    }
  }

  private void resume() {
    if (!paused.isEmpty()) {
      List<SyslogConnection> resumed = List.copyOf(paused);
      paused.clear();
      resumed.forEach(SyslogConnection::resume);
    }
  }

  boolean isBlocked() {
    return collector.isBlocked();
  }

  /** The connection reads again when there is room. */
  void paused(SyslogConnection connection) {
    paused.add(connection);
    flushSoon();
  }

  /** What is unfinished of a connection now is not what was unfinished before. */
  void beginsAnew(SyslogConnection connection) {
    unfinished.remove(connection);
  }

  /** What a connection keeps of an unfinished message has changed. */
  void keeps(SyslogConnection connection, int bytesBefore, int bytes, boolean isUnfinished) {
    if (bytes != bytesBefore) {
      unfinishedBytes.addAndGet((long) bytes - bytesBefore);
    }
    if (isUnfinished) {
      unfinished.add(connection);
    } else {
      unfinished.remove(connection);
    }
    while (unfinishedBytes.get() > maxUnfinishedBytes && !unfinished.isEmpty()) {
      SyslogConnection oldest = unfinished.iterator().next();
      unfinished.remove(oldest);
      oldest.closeForBudget();
    }
  }
}
