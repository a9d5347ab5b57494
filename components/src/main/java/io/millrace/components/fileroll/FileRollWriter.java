/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import io.millrace.api.EventBatch;
import io.millrace.api.EventSerializer;
import io.millrace.api.Metrics;
import io.millrace.api.PathManagerOptions;
import io.millrace.api.TransientException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes turns of batches into files, each turn with one sync, and closes a file when its time has
 * come. There is no file while there is nothing to write. Confined to the writer thread.
 */
final class FileRollWriter {
  private static final Logger log = LoggerFactory.getLogger(FileRollWriter.class);

  /** Names tried for one file before the turn fails; others may own the ones that are taken. */
  private static final int MAX_NAMES = 100_000;

  /** What {@link #nanosToRoll} says when no file is due to be closed. */
  static final long NEVER_NANOS = Long.MAX_VALUE;

  private final String name;
  private final Path directory;
  private final RollDisk disk;
  private final PathManagerOptions.FileNames names;
  private final EventSerializer.Factory serializers;
  private final boolean isSynced;
  private final Duration rollInterval;
  private final LongSupplier nanoClock;
  private final Retention retention;
  private final long rollBytes;
  private final Metrics.Counter opened;
  private final Metrics.Counter closed;
  private final Metrics.Counter failed;
  private final Metrics.Counter bytes;

  private OpenFile file;
  private long openedNanos;

  FileRollWriter(
      String name,
      FileRollSinkOptions options,
      RollDisk disk,
      Metrics metrics,
      LongSupplier nanoClock,
      Retention retention) {
    this.retention = retention;
    this.rollBytes = options.retention().rollBytes();
    this.name = name;
    this.directory = options.directory().toAbsolutePath();
    this.disk = disk;
    this.names = options.pathManager().build();
    this.serializers = options.serializer().build();
    this.isSynced = options.isSynced();
    this.rollInterval = options.rollInterval();
    this.nanoClock = nanoClock;
    // Flume counts files as connections; its dashboards find them here.
    opened = metrics.counter("ConnectionCreatedCount");
    closed = metrics.counter("ConnectionClosedCount");
    failed = metrics.counter("ConnectionFailedCount");
    bytes = metrics.counter("BytesCommittedCount");
  }

  /**
   * Finds out which files are there, before anything else.
   *
   * @throws TransientException when the disk does not say
   */
  void open() {
    try {
      retention.open();
    } catch (IOException e) {
      throw new TransientException(
          "Sink "
              + name
              + ": its list of files in "
              + directory
              + " cannot be read: "
              + e
              + ". The sink tries again by itself",
          e);
    }
  }

  /**
   * Writes the batches and commits them together.
   *
   * @throws TransientException when none of them counts as written
   */
  void write(List<EventBatch> batches) {
    retention.keepWithin(currentBytes());
    retention.requireFreeSpace();
    try {
      if (file == null) {
        file = create();
        openedNanos = nanoClock.getAsLong();
        opened.increment();
      }
      long before = file.committedBytes();
      for (EventBatch batch : batches) {
        file.write(batch);
      }
      file.commit();
      bytes.add(file.committedBytes() - before);
      retention.wrote(file.committedBytes() - before);
    } catch (IOException e) {
      throw new TransientException(
          "Sink " + name + ": " + abandon(e) + ". The events are written again to a new file", e);
    } catch (RuntimeException e) {
      abandon(e);
      throw e;
    }
    if (file.committedBytes() >= rollBytes) {
      close();
    }
  }

  private long currentBytes() {
    return file == null ? 0 : file.committedBytes();
  }

  /** Closes the file if it has been open for the roll interval; removes files that are too old. */
  void doWhatIsDue() {
    if (nanosToRoll() <= 0) {
      close();
    }
    retention.keepWithin(currentBytes());
  }

  /** Time until {@link #doWhatIsDue} has something to do; {@link #NEVER_NANOS} when never. */
  long nanosToDue() {
    return Math.min(nanosToRoll(), retention.nanosToLook());
  }

  /** Time until the open file is due to be closed; {@link #NEVER_NANOS} when none is. */
  long nanosToRoll() {
    if (file == null || rollInterval.isZero() || rollInterval.isNegative()) {
      return NEVER_NANOS;
    }
    return openedNanos + rollInterval.toNanos() - nanoClock.getAsLong();
  }

  /** Closes the open file, if any. All its events are committed: a failure loses none. */
  void close() {
    if (file == null) {
      return;
    }
    Path path = file.path();
    try {
      file.close();
      retention.finished(path, file.committedBytes());
      file = null;
      closed.increment();
    } catch (IOException | RuntimeException e) {
      log.warn(
          "Sink {}: {} could not be closed well: {}. Its events are complete; what a serializer"
              + " puts at the end may be missing",
          name,
          path,
          e.toString());
      abandon(e);
    }
  }

  private OpenFile create() throws IOException {
    String last = "";
    for (int i = 0; i < MAX_NAMES; i++) {
      last = names.next();
      // Below the directory even when the name begins with a slash, as Flume has it.
      Path path = Path.of(directory.toString(), last).normalize();
      if (!path.startsWith(directory.normalize())) {
        throw new IOException(
            "file name " + last + " leads outside of " + directory + "; correct the prefix");
      }
      try {
        OpenFile created = OpenFile.create(disk, path, isSynced, serializers);
        retention.created(path);
        return created;
      } catch (FileAlreadyExistsException e) {
        log.debug("Sink {}: {} exists; the next name is tried", name, path);
      }
    }
    throw new IOException(MAX_NAMES + " file names in a row are taken, the last one " + last);
  }

  /** Gives up the open file, if there is one; says what happened. */
  private String abandon(Exception failure) {
    failed.increment();
    if (file == null) {
      return "no file could be made in " + directory + ": " + failure;
    }
    OpenFile abandoned = file;
    file = null;
    abandoned.abandon(failure);
    if (abandoned.committedBytes() > 0) {
      retention.finished(abandoned.path(), abandoned.committedBytes());
    }
    return abandoned.path()
        + " failed behind "
        + abandoned.committedBytes()
        + " good bytes and was given up: "
        + failure;
  }
}
