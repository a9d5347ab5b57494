/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.TransientException;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;

/**
 * Life of a taildir source: takes its position file, and runs the turns of a {@link Tailer} on one
 * thread. The thread is never interrupted, because that would close the files it reads.
 */
final class TaildirSource implements Source {
  /** How long a stop waits for the channels to answer; what is open then is read again. */
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  private static final Duration JOIN_PATIENCE = Duration.ofSeconds(8);

  private final TaildirOptions options;
  private final SourceContext context;
  private final FileAccess access;
  private final Troubles troubles;
  private volatile boolean isStopping;
  private volatile Thread thread;

  TaildirSource(TaildirOptions options, SourceContext context) {
    this(options, context, new LocalFiles());
  }

  TaildirSource(TaildirOptions options, SourceContext context, FileAccess access) {
    this.options = options;
    this.context = context;
    this.access = access;
    this.troubles = new Troubles(context.name(), context.metrics(), System::nanoTime);
  }

  @Override
  public void start() {
    requireADirectory();
    PositionFile positionFile = new PositionFile(options.positionFile());
    Closeable lock = lock(positionFile);
    try {
      Tailer tailer =
          new Tailer(
              options,
              access,
              positionFile,
              context.output(),
              context.metrics(),
              troubles,
              System::nanoTime,
              RandomGenerator.getDefault(),
              () -> LockSupport.unpark(thread));
      tailer.load(load(positionFile));
      isStopping = false;
      thread = context.threads("reader").newThread(() -> run(tailer, lock));
      thread.start();
    } catch (RuntimeException | Error e) {
      close(lock);
      throw e;
    }
  }

  @Override
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
              + " s; lines since the last saved positions may be delivered again");
    }
    thread = null;
  }

  private void run(Tailer tailer, Closeable lock) {
    try {
      while (!isStopping) {
        LockSupport.parkNanos(this, turn(tailer));
      }
      tailer.stopReading();
      long deadlineNanos = System.nanoTime() + STOP_PATIENCE.toNanos();
      while (!tailer.isAnswered() && deadlineNanos - System.nanoTime() > 0) {
        LockSupport.parkNanos(this, turn(tailer));
      }
      tailer.close();
    } finally {
      close(lock);
    }
  }

  /** A defect in one turn must not end the source: it goes on after a pause. */
  private long turn(Tailer tailer) {
    try {
      return tailer.turn();
    } catch (RuntimeException e) {
      troubles.defect(e);
      return options.maxBackoffSleep().toNanos();
    }
  }

  /** Others may run without it, but with no directory at all there is nothing to do. */
  private void requireADirectory() {
    List<Path> missing = new ArrayList<>();
    for (FileGroup group : options.groups()) {
      if (Files.isDirectory(group.directory())) {
        return;
      }
      missing.add(group.directory());
    }
    throw new TransientException(
        context.name()
            + ": no directory of its file groups is there: "
            + missing
            + ". Create one or correct filegroups; start is tried again");
  }

  private Closeable lock(PositionFile positionFile) {
    Path path = positionFile.path();
    Closeable lock;
    try {
      Files.createDirectories(path.getParent());
      lock = positionFile.lock();
    } catch (IOException e) {
      throw new TransientException(
          context.name()
              + ": position file "
              + path
              + " can't be written: "
              + e
              + ". Make its directory writable or set positionFile; start is tried again",
          e);
    }
    if (lock == null) {
      throw new TransientException(
          context.name()
              + ": position file "
              + path
              + " is in use by another source. Give each source its own positionFile; start is"
              + " tried again");
    }
    return lock;
  }

  private List<Position> load(PositionFile positionFile) {
    try {
      PositionFile.Loaded loaded = positionFile.load();
      if (!loaded.damage().isEmpty()) {
        Path aside = positionFile.setAside();
        troubles.warn(
            "position file {} is damaged: {}. It is kept as {}; files are read from their {}.",
            positionFile.path(),
            loaded.damage(),
            aside,
            options.skipToEnd() ? "end" : "beginning");
      }
      return loaded.positions();
    } catch (IOException e) {
      throw new TransientException(
          context.name()
              + ": position file "
              + positionFile.path()
              + " can't be read: "
              + e
              + "; start is tried again",
          e);
    }
  }

  private static void close(Closeable lock) {
    try {
      lock.close();
    } catch (IOException e) {
      // The lock ends with its channel in any case.
    }
  }
}
