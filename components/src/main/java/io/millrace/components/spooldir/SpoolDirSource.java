/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.TransientException;
import io.millrace.components.reader.ReaderThread;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Life of a spooling directory source: takes its tracker directory, and runs the turns of a {@link
 * Spooler} on one thread. The thread is never interrupted, because that would close the files it
 * reads.
 */
final class SpoolDirSource implements Source {
  static final String POSITIONS_NAME = "millrace-positions";

  private final SpoolDirOptions options;
  private final SourceContext context;
  private final SpoolTroubles troubles;
  private final ReaderThread thread;

  SpoolDirSource(SpoolDirOptions options, SourceContext context) {
    this.options = options;
    this.context = context;
    this.troubles = new SpoolTroubles(context.name(), context.metrics(), System::nanoTime);
    this.thread = new ReaderThread(context, options.maxBackoff(), troubles);
  }

  @Override
  public void start() {
    requireDirectory();
    Path file = options.trackerPath().resolve(POSITIONS_NAME);
    PositionSlots slots = open(file);
    try {
      Positions positions = new Positions(slots, file, troubles, System.nanoTime());
      Spooler spooler =
          new Spooler(
              options,
              positions,
              context.output(),
              context.metrics(),
              troubles,
              System::nanoTime,
              SpoolDirSource::wallNanos,
              new Random(),
              thread::wake,
              thread::isStopping);
      spooler.load(saved(slots));
      thread.start(spooler, slots);
    } catch (RuntimeException | Error e) {
      ReaderThread.close(slots);
      throw e;
    }
  }

  private static long wallNanos() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000 + now.getNano();
  }

  @Override
  public void stop() throws InterruptedException {
    thread.stop();
  }

  private void requireDirectory() {
    Path directory = options.spoolPath();
    if (!Files.isDirectory(directory)) {
      throw new TransientException(
          context.name()
              + ": directory "
              + directory
              + " is not there. Create it or correct spoolDir; start is tried again");
    }
    if (options.writesSpoolDir() && !Files.isWritable(directory)) {
      throw new TransientException(
          context.name()
              + ": directory "
              + directory
              + " can't be written, so that finished files can't be marked. Make it writable, or"
              + " set trackingPolicy = tracker_dir and a trackerDir elsewhere; start is tried"
              + " again");
    }
  }

  private PositionSlots open(Path file) {
    PositionSlots slots;
    try {
      Files.createDirectories(file.getParent());
      slots = PositionSlots.open(file);
    } catch (IOException e) {
      throw new TransientException(
          context.name()
              + ": position file "
              + file
              + " can't be read and written: "
              + e
              + ". Make its directory writable or set trackerDir; start is tried again",
          e);
    }
    if (slots == null) {
      throw new TransientException(
          context.name()
              + ": position file "
              + file
              + " is in use by another source. Give each source its own trackerDir; start is tried"
              + " again");
    }
    return slots;
  }

  /** Positions of an earlier run, or of Flume. */
  private List<SavedPosition> saved(PositionSlots slots) {
    if (slots.isDamaged()) {
      troubles.warn(
          "position file {} is damaged; the file that was being read is read from its beginning.",
          options.trackerPath().resolve(POSITIONS_NAME));
    }
    List<SavedPosition> saved = new ArrayList<>(slots.loaded());
    FlumeProgress flumes;
    try {
      flumes = FlumeProgress.read(options.trackerPath());
    } catch (IOException e) {
      troubles.warn(
          "Flume's position can't be read: {}. The file that it was at is read from its beginning.",
          e);
      return saved;
    }
    if (flumes != null && flumes.file().startsWith(options.spoolPath())) {
      String name = options.spoolPath().relativize(flumes.file()).toString();
      if (saved.stream().noneMatch(position -> position.path().equals(name))) {
        troubles.say("{} goes on at position {}, as Flume left it.", name, flumes.offset());
        saved.add(new SavedPosition(name, null, flumes.offset(), 0, false));
      }
    }
    return saved;
  }
}
