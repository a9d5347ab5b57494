/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.reader;

import io.millrace.api.SourceContext;
import io.millrace.api.TransientException;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Life of a source that reads files: takes the turns of its reader on one thread from start to
 * stop. The thread is never interrupted, because that would close the files it reads. Safe for many
 * threads.
 */
public final class ReaderThread {
  /** How long a stop waits for the channels to answer; what is open then is read again. */
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  private static final Duration JOIN_PATIENCE = Duration.ofSeconds(8);

  private final SourceContext context;
  private final Duration pauseAfterDefect;
  private final ReaderTroubles troubles;
  private volatile boolean isStopping;
  private volatile Thread thread;

  public ReaderThread(SourceContext context, Duration pauseAfterDefect, ReaderTroubles troubles) {
    this.context = context;
    this.pauseAfterDefect = pauseAfterDefect;
    this.troubles = troubles;
  }

  /** Whether the reader is to end what takes long. */
  public boolean isStopping() {
    return isStopping;
  }

  /** An answer has come: the next turn is due. */
  public void wake() {
    LockSupport.unpark(thread);
  }

  /**
   * Starts to take turns.
   *
   * @param lock given back when the thread ends
   */
  public void start(TurnReader reader, Closeable lock) {
    isStopping = false;
    thread = context.threads("reader").newThread(() -> run(reader, lock));
    thread.start();
  }

  /** Ends the thread, when the channels have answered or will not in time. */
  public void stop() throws InterruptedException {
    isStopping = true;
    Thread running = thread;
    if (running == null) {
      return;
    }
    LockSupport.unpark(running);
    running.join(JOIN_PATIENCE.toMillis());
    if (running.isAlive()) {
      throw new TransientException(
          context.name()
              + ": a file or the position file did not answer within "
              + JOIN_PATIENCE.toSeconds()
              + " s; what was read since the last saved positions may be delivered again");
    }
    thread = null;
  }

  private void run(TurnReader reader, Closeable lock) {
    try {
      while (!isStopping) {
        LockSupport.parkNanos(this, turn(reader));
      }
      reader.stopReading();
      long deadlineNanos = System.nanoTime() + STOP_PATIENCE.toNanos();
      while (!reader.isAnswered() && deadlineNanos - System.nanoTime() > 0) {
        LockSupport.parkNanos(this, turn(reader));
      }
      turn(reader);
      reader.close();
    } finally {
      close(lock);
    }
  }

  /** A defect in one turn must not end the source: it goes on after a pause. */
  private long turn(TurnReader reader) {
    try {
      return reader.turn();
    } catch (RuntimeException e) {
      troubles.defect(e);
      return pauseAfterDefect.toNanos();
    }
  }

  /** Gives back a lock on a position file; it ends with its channel in any case. */
  public static void close(Closeable lock) {
    try {
      lock.close();
    } catch (IOException e) {
      // Nothing is written any more.
    }
  }
}
