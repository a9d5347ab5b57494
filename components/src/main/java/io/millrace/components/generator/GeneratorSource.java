/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.generator;

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
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongFunction;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes events on one thread, numbered from 0, with up to {@link #MAX_BATCHES_IN_FLIGHT} batches in
 * flight. A refused batch is tried again with the same numbers, but not during a stop. A source
 * that was stopped goes on behind the last number that was answered along with all before it; a new
 * one begins at 0.
 */
final class GeneratorSource implements Source {
  static final int MAX_BATCHES_IN_FLIGHT = 8;

  private static final Logger LOG = LoggerFactory.getLogger(GeneratorSource.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long IDLE_NANOS = Duration.ofSeconds(1).toNanos();

  private final SourceContext context;
  private final Pace pace;
  private final Backoff backoff;
  private final LongFunction<byte[]> body;
  private final Metrics.Counter channelWriteFail;
  private final Metrics.Counter eventsRejected;
  private final LogLimit failureLimit = new LogLimit(Duration.ofSeconds(10));
  private volatile boolean isStopping;
  private volatile Thread thread;

  /** The next number; confined to the thread, and handed on from one to the next by start. */
  private long next;

  /** All numbers before it were accepted or rejected; confined like {@link #next}. */
  private long settled;

  /**
   * How much and how fast.
   *
   * @param events most that are made
   * @param eventsPerSecond 0 for as many as the channels take
   */
  record Pace(int batchEvents, long events, int eventsPerSecond) {}

  /**
   * @param body of an event, by its number
   */
  GeneratorSource(SourceContext context, Pace pace, Backoff backoff, LongFunction<byte[]> body) {
    this.context = context;
    this.pace = pace;
    this.backoff = backoff;
    this.body = body;
    this.channelWriteFail = context.metrics().counter("ChannelWriteFail");
    this.eventsRejected = context.metrics().counter("EventsRejected");
  }

  /** Pauses that begin with {@code first} and end at {@code ceiling}, which may be below it. */
  static Backoff backoff(Duration first, Duration ceiling) {
    return new Backoff(first.compareTo(ceiling) < 0 ? first : ceiling, ceiling);
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
    long beganNanos = System.nanoTime();
    long beganWith = next;
    EmitWindow<Long> window =
        new EmitWindow<>(
            context.output(),
            MAX_BATCHES_IN_FLIGHT,
            backoff,
            RandomGenerator.getDefault(),
            () -> LockSupport.unpark(thread),
            new Answers());
    while (!isStopping) {
      window.settle(System.nanoTime());
      while (!isStopping
          && window.hasRoom()
          && next < pace.events()
          && nanosUntilDue(beganNanos, next - beganWith) <= 0) {
        int events = (int) Math.min(pace.batchEvents(), pace.events() - next);
        window.emit(next, batch(next, events));
        next += events;
        window.settle(System.nanoTime());
      }
      long dueNanos =
          window.hasRoom() && next < pace.events()
              ? Math.max(1, nanosUntilDue(beganNanos, next - beganWith))
              : IDLE_NANOS;
      LockSupport.parkNanos(this, Math.min(dueNanos, pause(window)));
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

  /** Time until so many events after the beginning may go, at the pace that is set. */
  private long nanosUntilDue(long beganNanos, long events) {
    return pace.eventsPerSecond() == 0
        ? 0
        : beganNanos
            + (long) (events * (double) NANOS_PER_SECOND / pace.eventsPerSecond())
            - System.nanoTime();
  }

  private EventBatch batch(long first, int events) {
    EventBatch.Builder batch = EventBatch.builder();
    for (int i = 0; i < events; i++) {
      batch.add(EncodedHeaders.NONE, body.apply(first + i));
    }
    return batch.build();
  }

  private final class Answers implements EmitWindow.Listener<Long> {
    @Override
    public void settled(Long first, EventBatch batch, int rejectedEvents) {
      settled = first + batch.eventCount();
    }

    @Override
    public void rejected(Long first, int index, EventBatch event, RejectedException reason) {
      eventsRejected.increment();
      say(first + index, event, reason, "They are left out");
    }

    @Override
    public void failed(Long first, EventBatch batch, Throwable reason) {
      channelWriteFail.increment();
      say(first, batch, reason, "They are tried again");
    }

    private void say(Long first, EventBatch batch, Throwable reason, String consequence) {
      if (failureLimit.allows()) {
        LOG.warn(
            "{}: the channels did not take events {} to {}: {}. {}. ({} such lines left out)",
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
