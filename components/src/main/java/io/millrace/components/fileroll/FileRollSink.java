/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.TransientException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes events to local files. Deliveries queue up; one thread writes all that wait, syncs once,
 * and completes them together, so that the speed does not hang on the latency of a sync.
 *
 * <p>Guarded by {@code lock}; files are the writer thread's alone.
 */
final class FileRollSink implements Sink {
  private static final Logger log = LoggerFactory.getLogger(FileRollSink.class);

  /** Deliveries that share a sync. */
  static final int MAX_IN_FLIGHT = 64;

  /** How long a stop waits for a disk that does not answer. */
  private static final long STOP_SECONDS = 2;

  private record Pending(EventBatch batch, CompletableFuture<Outcome> outcome) {}

  private final String name;
  private final Path directory;
  private final RollDisk disk;
  private final FileRollWriter writer;
  private final Thread thread;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Not yet begun; at most {@link #MAX_IN_FLIGHT}. */
  private List<Pending> queue = new ArrayList<>();

  /** Being written. */
  private List<Pending> turn = List.of();

  private boolean running;
  private boolean stopping;

  FileRollSink(
      SinkContext context,
      FileRollSinkOptions options,
      RollDisk disk,
      LongSupplier nanoClock,
      InstantSource clock) {
    this.name = context.name();
    this.directory = options.directory();
    this.disk = disk;
    Retention retention = new Retention(context, options, disk, nanoClock, clock);
    this.writer = new FileRollWriter(name, options, disk, context.metrics(), nanoClock, retention);
    this.thread = context.threads("writer").newThread(this::run);
  }

  @Override
  public int maxInFlight() {
    return MAX_IN_FLIGHT;
  }

  @Override
  public void start() {
    String problem = disk.problemWith(directory);
    if (problem != null) {
      throw new TransientException(
          "Sink "
              + name
              + ": sink.directory "
              + directory.toAbsolutePath()
              + " "
              + problem
              + " (expected: a directory that exists and can be written to). Make it, or correct"
              + " the setting; the sink tries again by itself");
    }
    writer.open();
    lock.lock();
    try {
      running = true;
    } finally {
      lock.unlock();
    }
    thread.start();
  }

  @Override
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
    if (batch.isEmpty()) {
      return CompletableFuture.completedFuture(Outcome.delivered());
    }
    lock.lock();
    try {
      if (!running || stopping) {
        throw new TransientException("Sink " + name + " is not running; nothing was written");
      }
      if (queue.size() >= MAX_IN_FLIGHT) {
        throw new IllegalStateException(
            "deliveries in flight: " + MAX_IN_FLIGHT + " (expected: fewer before one more)");
      }
      Pending pending = new Pending(batch, new CompletableFuture<>());
      queue.add(pending);
      changed.signalAll();
      return pending.outcome;
    } finally {
      lock.unlock();
    }
  }

  /** Writes what is in flight, closes the file, and refuses what comes after. */
  @Override
  public void stop() throws InterruptedException {
    lock.lock();
    try {
      if (stopping) {
        return;
      }
      stopping = true;
      changed.signalAll();
      if (!running) {
        return;
      }
    } finally {
      lock.unlock();
    }
    thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
    if (thread.isAlive()) {
      giveUpOnDisk();
    }
  }

  /** Never interrupts: that would close the file under the thread. */
  private void giveUpOnDisk() {
    List<Pending> unanswered;
    lock.lock();
    try {
      unanswered = unanswered();
    } finally {
      lock.unlock();
    }
    log.warn(
        "Sink {}: the disk under {} has not answered for {} s; {} deliveries in flight go back to"
            + " the channel and may be in a file as well",
        name,
        directory,
        STOP_SECONDS,
        unanswered.size());
    fail(
        unanswered,
        new TransientException("Sink " + name + ": the disk did not answer before the stop"));
  }

  private void run() {
    try {
      while (awaitTurn()) {
        writer.doWhatIsDue();
        if (!turn.isEmpty()) {
          writeTurn();
        }
      }
      writer.close();
    } finally {
      // Without effect unless an Error ended the loop: nobody may wait for ever.
      refuseAll();
    }
  }

  private void refuseAll() {
    List<Pending> unanswered;
    lock.lock();
    try {
      running = false;
      unanswered = unanswered();
    } finally {
      lock.unlock();
    }
    fail(unanswered, new TransientException("Sink " + name + ": its writer has ended"));
  }

  private List<Pending> unanswered() {
    List<Pending> unanswered = new ArrayList<>(turn);
    unanswered.addAll(queue);
    queue = new ArrayList<>();
    return unanswered;
  }

  /**
   * Waits for deliveries or the time to roll or to look at old files; false when the sink stops and
   * nothing is left.
   */
  private boolean awaitTurn() {
    lock.lock();
    try {
      turn = List.of();
      long nanos = writer.nanosToDue();
      while (queue.isEmpty() && !stopping && nanos > 0) {
        nanos = awaitChange(nanos);
      }
      turn = queue;
      queue = new ArrayList<>();
      return !turn.isEmpty() || !stopping;
    } finally {
      lock.unlock();
    }
  }

  private long awaitChange(long nanos) {
    if (nanos == FileRollWriter.NEVER_NANOS) {
      changed.awaitUninterruptibly();
      return nanos;
    }
    try {
      return changed.awaitNanos(nanos);
    } catch (InterruptedException e) {
      // Nobody of ours interrupts this thread; were the flag kept, it would close the file.
      log.warn("Sink {}: the writer was interrupted; it goes on", name);
      return nanos;
    }
  }

  private void writeTurn() {
    List<EventBatch> batches = turn.stream().map(Pending::batch).toList();
    try {
      writer.write(batches);
    } catch (RuntimeException e) {
      fail(turn, e);
      return;
    }
    for (Pending each : turn) {
      each.outcome.complete(Outcome.delivered());
    }
  }

  private static void fail(List<Pending> deliveries, RuntimeException failure) {
    for (Pending each : deliveries) {
      each.outcome.completeExceptionally(failure);
    }
  }
}
