/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.admin;

import java.io.IOException;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that requests are read, answered and written on. The JDK's server blocks a thread
 * while a peer is slow; when requests wait for a thread, the one whose peer has been waited for
 * longest is given up, so that slow peers keep nobody from an answer. A thread is interrupted only
 * while it waits for its peer, never while a route works. Safe for many threads.
 */
final class RequestThreads implements Executor, AutoCloseable {
  static final int MAX_THREADS = 16;
  static final int MAX_QUEUED = 64;

  /** How long a peer is waited for when others need the thread. */
  static final long PATIENCE_MILLIS = 200;

  /** One request on its thread. */
  private static final class Work {
    private final Thread thread = Thread.currentThread();
    private final long beginNanos = System.nanoTime();
    private boolean isWaitingForPeer = true;
    private boolean isGivenUp;

    private synchronized void setWaitingForPeer(boolean value) throws IOException {
      if (isGivenUp) {
        throw new IOException("given up: the peer was too slow, and others waited");
      }
      isWaitingForPeer = value;
    }

    private synchronized void end() {
      isWaitingForPeer = false;
    }

    private synchronized boolean giveUp(long nowNanos) {
      boolean isSlow = ageNanos(nowNanos) >= TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
      if (!isWaitingForPeer || isGivenUp || !isSlow) {
        return false;
      }
      isGivenUp = true;
      thread.interrupt();
      return true;
    }

    private long ageNanos(long nowNanos) {
      return nowNanos - beginNanos;
    }

    private synchronized boolean isOpen() {
      return isWaitingForPeer && !isGivenUp;
    }
  }

  private final ThreadPoolExecutor pool;
  private final ScheduledThreadPoolExecutor timer;
  private final AtomicBoolean isTimerSet = new AtomicBoolean();
  private final Map<Thread, Work> works = new ConcurrentHashMap<>();

  RequestThreads() {
    pool =
        new ThreadPoolExecutor(
            MAX_THREADS,
            MAX_THREADS,
            30,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MAX_QUEUED),
            named("millrace/http/"));
    pool.allowCoreThreadTimeOut(true);
    timer = new ScheduledThreadPoolExecutor(1, named("millrace/http/patience-"));
    timer.setKeepAliveTime(30, TimeUnit.SECONDS);
    timer.allowCoreThreadTimeOut(true);
  }

  private static ThreadFactory named(String prefix) {
    AtomicInteger count = new AtomicInteger();
    return work -> {
      Thread thread = new Thread(work, prefix + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }

  /**
   * @throws RejectedExecutionException when the line is full too: the server closes the connection
   */
  @Override
  public void execute(Runnable request) {
    try {
      pool.execute(() -> run(request));
    } finally {
      if (!pool.getQueue().isEmpty()) {
        watch();
      }
    }
  }

  private void run(Runnable request) {
    Work work = new Work();
    works.put(work.thread, work);
    try {
      request.run();
    } finally {
      works.remove(work.thread);
      work.end();
      // An interrupt that came too late to matter must not meet the next request.
      Thread.interrupted();
    }
  }

  /** From here on the request is worked on: its thread is not interrupted. */
  void beginWork() throws IOException {
    works.get(Thread.currentThread()).setWaitingForPeer(false);
  }

  /** From here on the answer is written, to a peer who may be slow. */
  void endWork() throws IOException {
    works.get(Thread.currentThread()).setWaitingForPeer(true);
  }

  private void watch() {
    if (isTimerSet.compareAndSet(false, true)) {
      timer.schedule(this::giveUpTheSlowest, PATIENCE_MILLIS / 2, TimeUnit.MILLISECONDS);
    }
  }

  private void giveUpTheSlowest() {
    isTimerSet.set(false);
    int needed = pool.getQueue().size();
    while (needed > 0) {
      long nowNanos = System.nanoTime();
      Optional<Work> oldest =
          works.values().stream()
              .filter(Work::isOpen)
              .max(Comparator.comparingLong(work -> work.ageNanos(nowNanos)));
      if (oldest.isEmpty() || !oldest.get().giveUp(nowNanos)) {
        break;
      }
      needed--;
    }
    if (!pool.getQueue().isEmpty()) {
      watch();
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    pool.shutdown();
  }
}
