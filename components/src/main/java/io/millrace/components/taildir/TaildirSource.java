/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.TransientException;
import io.millrace.components.reader.ReaderThread;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Life of a taildir source: takes its position file, and has the turns of a {@link Tailer} taken.
 */
final class TaildirSource implements Source {
  private final TaildirOptions options;
  private final SourceContext context;
  private final FileAccess access;
  private final Troubles troubles;
  private final ReaderThread thread;

  TaildirSource(TaildirOptions options, SourceContext context) {
    this(options, context, new LocalFiles());
  }

  TaildirSource(TaildirOptions options, SourceContext context, FileAccess access) {
    this.options = options;
    this.context = context;
    this.access = access;
    this.troubles = new Troubles(context.name(), context.metrics(), System::nanoTime);
    this.thread = new ReaderThread(context, options.maxBackoffSleep(), troubles);
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
              thread::wake,
              thread::isStopping);
      tailer.load(load(positionFile));
      thread.start(tailer, lock);
    } catch (RuntimeException | Error e) {
      ReaderThread.close(lock);
      throw e;
    }
  }

  @Override
  public void stop() throws InterruptedException {
    thread.stop();
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
}
