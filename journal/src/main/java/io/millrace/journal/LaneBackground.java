/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * One background thread per lane, so that a disk that hangs holds up its own lane only. Safe for
 * use by several threads.
 */
final class LaneBackground implements IntFunction<Executor> {
  private final List<ExecutorService> executors = new CopyOnWriteArrayList<>();

  @Override
  public Executor apply(int laneIndex) {
    ExecutorService executor =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "journal/background-" + laneIndex);
              thread.setDaemon(true);
              return thread;
            });
    executors.add(executor);
    return executor;
  }

  /** What was begun goes on, but nothing is taken any more. */
  void shutdown() {
    executors.forEach(ExecutorService::shutdown);
  }

  /** Waits at most that long in all for what was begun. */
  void awaitTermination(long timeoutNanos) throws InterruptedException {
    long startNanos = System.nanoTime();
    for (ExecutorService executor : executors) {
      long leftNanos = Math.max(0, timeoutNanos - (System.nanoTime() - startNanos));
      executor.awaitTermination(leftNanos, TimeUnit.NANOSECONDS);
    }
  }
}
