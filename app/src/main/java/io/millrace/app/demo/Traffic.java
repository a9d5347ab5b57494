/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Writes to the access logs at a steady pace, on a thread of its own. Safe for many threads. */
final class Traffic {
  private static final Duration TICK = Duration.ofMillis(50);
  private static final Duration BETWEEN_ROTATIONS = Duration.ofSeconds(15);

  private final List<AccessLog> logs;
  private final int linesPerSecond;
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread = new Thread(this::run, "millrace/demo/traffic");
  private volatile IOException failure;

  private Traffic(List<AccessLog> logs, int linesPerSecond) {
    this.logs = List.copyOf(logs);
    this.linesPerSecond = linesPerSecond;
  }

  static Traffic start(List<AccessLog> logs, int linesPerSecond) {
    Traffic traffic = new Traffic(logs, linesPerSecond);
    traffic.thread.setDaemon(true);
    traffic.thread.start();
    return traffic;
  }

  /** Why no more is written, if that is so. */
  Optional<IOException> failure() {
    return Optional.ofNullable(failure);
  }

  private void run() {
    try {
      write();
    } catch (IOException e) {
      failure = e;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void write() throws IOException, InterruptedException {
    long begin = System.nanoTime();
    long nextRotation = begin + BETWEEN_ROTATIONS.toNanos();
    long written = 0;
    int turn = 0;
    while (!stopping.await(TICK.toMillis(), TimeUnit.MILLISECONDS)) {
      long now = System.nanoTime();
      long due = (long) ((now - begin) / 1e9 * linesPerSecond);
      for (int i = 0; i < logs.size(); i++) {
        long share = (due - written + i) / logs.size();
        logs.get(i).append(Instant.now(), Math.toIntExact(share));
      }
      written = due;
      if (now - nextRotation >= 0) {
        logs.get(turn++ % logs.size()).rotate();
        nextRotation = now + BETWEEN_ROTATIONS.toNanos();
      }
    }
    for (AccessLog log : logs) {
      log.close();
    }
  }

  /** Returns when the last line is in its file. */
  void stop() throws InterruptedException {
    stopping.countDown();
    thread.join();
  }
}
