/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Delivery;
import io.millrace.api.LogLimit;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries what only memory held from a channel into the one that takes its place, oldest first,
 * however long the new one takes to make room; then stops the old one. Appends to the old one are
 * refused and its sinks have stopped before. Guarded by {@code this}; the carrying is confined to
 * one thread.
 */
final class Handover {
  private static final Logger log = LoggerFactory.getLogger(Handover.class);
  private static final int MAX_EVENTS = 1000;
  private static final long MAX_BYTES = 1 << 20;
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final ChannelUnit before;
  private final MeteredChannel next;
  private final Thread thread;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private final LogLimit failureLog = new LogLimit(Duration.ofSeconds(10));
  private boolean isStarted;
  private volatile boolean isStopping;

  Handover(ChannelUnit before, MeteredChannel next, ThreadFactory threads) {
    this.before = before;
    this.next = next;
    this.thread = threads.newThread(this::run);
  }

  synchronized void start() {
    if (!isStarted && !isStopping) {
      // First: when the system gives no thread, the next turn tries again.
      thread.start();
      isStarted = true;
    }
  }

  boolean isDone() {
    return ended.isDone();
  }

  /** Events that are still to be carried over. */
  long eventCount() {
    return isDone() ? 0 : before.channel().volatileEventCount();
  }

  /** Carries nothing more; what is left is lost with the old channel's stop, which says so. */
  synchronized void stop() {
    isStopping = true;
    if (!isStarted) {
      before.life().stop();
    }
    notifyAll();
  }

  private void run() {
    long carried = 0;
    try {
      while (!isStopping && before.channel().volatileEventCount() > 0) {
        carried += carry();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      before.life().stop();
      // Else what is left counts on: it is lost, and the agent's stop says so.
      if (before.channel().volatileEventCount() == 0) {
        ended.complete(null);
      }
    }
    if (carried > 0) {
      log.info(
          "Channel {}: {} events in memory went over into the channel as it is defined now",
          before.name(),
          carried);
    }
  }

  /** How many events went over; 0 when none could. */
  private int carry() throws InterruptedException {
    int most = Math.min(MAX_EVENTS, next.transactionCapacity());
    try (Delivery delivery = before.channel().take(most, MAX_BYTES)) {
      if (delivery == null) {
        // A sink that did not end in time has them lent; they come back or are done.
        before.channel().awaitEvents(PAUSE);
        return 0;
      }
      next.append(delivery.batch()).get();
      delivery.acknowledge();
      return delivery.batch().eventCount();
    } catch (ExecutionException e) {
      sayFailure(e.getCause());
    } catch (RuntimeException | Error e) {
      // Also an Error: what is not carried over now would be out of reach for good.
      sayFailure(e);
    }
    pause();
    return 0;
  }

  private synchronized void pause() throws InterruptedException {
    if (!isStopping) {
      wait(PAUSE.toMillis());
    }
  }

  private void sayFailure(Throwable cause) {
    if (failureLog.allows()) {
      log.warn(
          "Channel {}: {} events in memory wait to go over into the channel as it is defined now;"
              + " its sources are refused meanwhile: {}",
          before.name(),
          before.channel().volatileEventCount(),
          cause.toString());
    }
  }
}
