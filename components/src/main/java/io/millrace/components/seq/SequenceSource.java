/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.seq;

import io.millrace.api.Backoff;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.RejectedException;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.kit.flow.EmitWindow;
import io.millrace.kit.log.LogText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts on one thread, with up to {@link #MAX_BATCHES_IN_FLIGHT} batches in flight. A refused
 * batch is tried again with the same numbers, but not during a stop. A source that was stopped goes
 * on behind the last number that was answered along with all before it; a new one begins at 0.
 */
final class SequenceSource implements Source {
  static final int MAX_BATCHES_IN_FLIGHT = 8;

  private static final Logger LOG = LoggerFactory.getLogger(SequenceSource.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);
  private static final long IDLE_NANOS = Duration.ofSeconds(1).toNanos();

  private final SequenceOptions options;
  private final SourceContext context;
  private final Metrics.Counter channelWriteFail;
  private final Metrics.Counter eventsRejected;
  private final LogLimit failureLimit = new LogLimit(Duration.ofSeconds(10));
  private volatile boolean isStopping;
  private volatile Thread thread;

  /** The next number; confined to the thread, and handed on from one to the next by start. */
  private long next;

  /** All numbers before it were accepted or rejected; confined like {@link #next}. */
  private long settled;

  SequenceSource(SequenceOptions options, SourceContext context) {
    this.options = options;
    this.context = context;
    this.channelWriteFail = context.metrics().counter("ChannelWriteFail");
    this.eventsRejected = context.metrics().counter("EventsRejected");
  }

  @Override
  public void start() {
    isStopping = false;
    thread = context.threads("counter").newThread(this::run);
    thread.start();
  }

  @Override
  public void stop() throws InterruptedException {
    isStopping = true;
    Thread running = thread;
    if (running != null) {
      LockSupport.unpark(running);
      running.join();
      thread = null;
    }
  }

  private void run() {
    Duration first = options.backoffSleepIncrement();
    Duration ceiling = options.maxBackoffSleep();
    EmitWindow<Long> window =
        new EmitWindow<>(
            context.output(),
            MAX_BATCHES_IN_FLIGHT,
            new Backoff(first.compareTo(ceiling) < 0 ? first : ceiling, ceiling),
            RandomGenerator.getDefault(),
            () -> LockSupport.unpark(thread),
            new Answers());
    while (!isStopping) {
      window.settle(System.nanoTime());
      while (!isStopping && window.hasRoom() && next < options.totalEvents()) {
        int events = (int) Math.min(options.batchSize(), options.totalEvents() - next);
        window.emit(next, batch(next, events));
        next += events;
        window.settle(System.nanoTime());
      }
      LockSupport.parkNanos(this, pause(window));
    }
    window.close();
    window.settle(System.nanoTime());
    long deadlineNanos = System.nanoTime() + STOP_PATIENCE.toNanos();
    while (window.hasUnanswered() && deadlineNanos - System.nanoTime() > 0) {
      LockSupport.parkNanos(this, pause(window));
      window.settle(System.nanoTime());
    }
    next = settled;
  }

  private static long pause(EmitWindow<Long> window) {
    return Math.min(IDLE_NANOS, window.nanosUntilRetry(System.nanoTime()));
  }

  private static EventBatch batch(long first, int events) {
    EventBatch.Builder batch = EventBatch.builder(events * 12);
    for (int i = 0; i < events; i++) {
      batch.add(EncodedHeaders.NONE, Long.toString(first + i).getBytes(StandardCharsets.US_ASCII));
    }
    return batch.build();
  }

  private final class Answers implements EmitWindow.Listener<Long> {
    @Override
    public void accepted(Long first, EventBatch batch) {
      settled = first + batch.eventCount();
    }

    @Override
    public void rejected(Long first, EventBatch batch, RejectedException reason) {
      settled = first + batch.eventCount();
      eventsRejected.add(batch.eventCount());
      say(first, batch, reason, "They are left out");
    }

    @Override
    public void failed(Long first, EventBatch batch, Throwable reason) {
      channelWriteFail.increment();
      say(first, batch, reason, "They are tried again");
    }

    private void say(Long first, EventBatch batch, Throwable reason, String consequence) {
      if (failureLimit.allows()) {
        LOG.warn(
            "{}: the channels did not take numbers {} to {}: {}. {}. ({} such lines left out)",
            context.name(),
            first,
            first + batch.eventCount() - 1,
            LogText.of(reason),
            consequence,
            failureLimit.takeLeftOut());
      }
    }
  }
}
