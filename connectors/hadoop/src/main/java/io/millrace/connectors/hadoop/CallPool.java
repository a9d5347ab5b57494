/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.Metrics;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Runs what calls the file system, a bounded number at a time, and bounds the time of each call. A
 * turn whose call takes too long is abandoned: its thread is interrupted and no longer counts, so
 * that one call that hangs holds up no other. Hadoop's client takes interrupts well; it never uses
 * the channels of files that an interrupt would close. Safe for many threads.
 */
final class CallPool {
  /** Threads that may hang in a call before those that come after have to wait for them. */
  static final int MAX_STUCK = 64;

  /** Thrown into a turn that was abandoned; whatever it holds is somebody else's by then. */
  static final class AbandonedException extends IOException {
    private static final long serialVersionUID = 1L;

    AbandonedException(String what) {
      super(what);
    }
  }

  /** A piece of work of several calls. Its fields are guarded by {@code this}. */
  abstract static class Turn implements Runnable {
    private final CallPool pool;
    private Thread thread;
    private String call;
    private long beganNanos;
    private boolean isAbandoned;

    Turn(CallPool pool) {
      this.pool = pool;
    }

    /** Does the work; runs on one of the pool's threads. */
    abstract void work();

    /**
     * Takes over what the turn had, while its thread still hangs in a call; runs on the timer's
     * thread.
     */
    abstract void abandoned(String message);

    /** One call to the file system, whose time is bounded. */
    final <T> T call(String what, Callable<T> call) throws IOException {
      begin(what);
      try {
        return call.call();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (LinkageError e) {
        // A codec or a file system whose classes or native library are not all there.
        throw new IOException(what + ": " + e, e);
      } catch (InterruptedException e) {
        throw (IOException) new InterruptedIOException(what + " was interrupted").initCause(e);
      } catch (Exception e) {
        throw new IOException(what + ": " + e, e);
      } finally {
        end();
      }
    }

    private synchronized void begin(String what) throws AbandonedException {
      if (isAbandoned) {
        throw new AbandonedException(what);
      }
      call = what;
      beganNanos = System.nanoTime();
    }

    private synchronized void end() throws AbandonedException {
      if (isAbandoned) {
        throw new AbandonedException(call);
      }
      call = null;
    }

    @Override
    public final void run() {
      synchronized (this) {
        thread = Thread.currentThread();
      }
      pool.active.add(this);
      try {
        work();
      } finally {
        pool.active.remove(this);
        boolean wasStuck;
        synchronized (this) {
          thread = null;
          wasStuck = isAbandoned;
        }
        // An interrupt meant for this turn must not reach the next one.
        Thread.interrupted();
        if (wasStuck) {
          pool.unstuck();
        }
      }
    }

    private boolean abandonIfOverdue(long nowNanos, long limitNanos) {
      String message;
      synchronized (this) {
        if (isAbandoned || call == null || nowNanos - beganNanos < limitNanos) {
          return false;
        }
        isAbandoned = true;
        message =
            "to " + call + " took longer than " + limitNanos / 1_000_000 + " ms (hdfs.callTimeout)";
        if (thread != null) {
          thread.interrupt();
        }
      }
      pool.stuck();
      abandoned(message);
      return true;
    }
  }

  private final int threads;
  private final long limitNanos;
  private final ThreadPoolExecutor executor;
  private final Set<Turn> active = ConcurrentHashMap.newKeySet();
  private final AtomicInteger stuck = new AtomicInteger();
  private final Metrics.Counter timeouts;

  /**
   * @param limit of a call; zero or less for none
   */
  CallPool(int threads, Duration limit, ThreadFactory factory, Metrics metrics) {
    this.threads = threads;
    this.limitNanos = limit.toNanos();
    // The queue is bounded by the files and the pending closes, of which each has one turn.
    executor =
        new ThreadPoolExecutor(
            threads, threads, 30, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), factory);
    executor.allowCoreThreadTimeOut(true);
    timeouts = metrics.counter("CallTimeoutCount");
    metrics.gauge("StuckCalls", stuck::get);
  }

  /** Runs the turn soon; false when the pool was closed. */
  boolean submit(Turn turn) {
    try {
      executor.execute(turn);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
  }

  /** Abandons turns whose call takes too long; to be called often, from one thread. */
  void watch() {
    if (limitNanos <= 0) {
      return;
    }
    long now = System.nanoTime();
    for (Turn turn : active) {
      if (turn.abandonIfOverdue(now, limitNanos)) {
        timeouts.increment();
      }
    }
  }

  private void stuck() {
    stuck.incrementAndGet();
    resize();
  }

  private void unstuck() {
    stuck.decrementAndGet();
    resize();
  }

  private synchronized void resize() {
    int size = threads + Math.min(Math.max(stuck.get(), 0), MAX_STUCK);
    if (size >= executor.getMaximumPoolSize()) {
      executor.setMaximumPoolSize(size);
      executor.setCorePoolSize(size);
    } else {
      executor.setCorePoolSize(size);
      executor.setMaximumPoolSize(size);
    }
  }

  /** Ends the threads; those that hang in a call are interrupted. */
  void close() {
    executor.shutdownNow();
  }
}
