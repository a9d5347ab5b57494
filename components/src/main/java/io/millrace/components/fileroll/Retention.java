/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import io.millrace.api.DataSize;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.SinkContext;
import io.millrace.api.TransientException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the files of a sink within their limits: the oldest finished ones are removed. A file that
 * the sink did not list as its own is never touched, nor is the one that is being written. Without
 * limits it does nothing at all. Confined to the writer thread, but for the gauges.
 */
final class Retention {
  private static final Logger log = LoggerFactory.getLogger(Retention.class);

  /** Time and bytes between two looks at the disk. */
  private static final long LOOK_NANOS = Duration.ofSeconds(5).toNanos();

  private static final long LOOK_BYTES = 8 << 20;

  /** A finished file of the sink. */
  record Kept(Path path, long bytes, Instant modified) {}

  private final String name;
  private final Path directory;
  private final RetentionOptions limits;
  private final RollDisk disk;
  private final LongSupplier nanoClock;
  private final InstantSource clock;
  private final FileList list;
  private final Metrics.Counter removed;
  private final Metrics.Counter removedBytes;
  private final Metrics.Counter failures;
  private final Metrics.Counter shortages;
  private final LogLimit removedLog;
  private final LogLimit failedLog;

  /** Oldest first. */
  private final List<Kept> kept = new ArrayList<>();

  /** The file that is being written, or null. */
  private Path current;

  private volatile long keptBytes;
  private volatile int keptFiles;
  private long bytesSinceLook = LOOK_BYTES;
  private long lastLookNanos;
  private long freeBytes = Long.MAX_VALUE;

  Retention(
      SinkContext context,
      FileRollSinkOptions options,
      RollDisk disk,
      LongSupplier nanoClock,
      InstantSource clock) {
    this.name = context.name();
    this.directory = options.directory().toAbsolutePath();
    this.limits = options.retention();
    this.disk = disk;
    this.nanoClock = nanoClock;
    this.clock = clock;
    this.list = new FileList(disk, directory, context.agent(), name);
    this.removedLog = new LogLimit(Duration.ofSeconds(10), nanoClock);
    this.failedLog = new LogLimit(Duration.ofSeconds(10), nanoClock);
    Metrics metrics = context.metrics();
    removed = metrics.counter("FileRemovedCount");
    removedBytes = metrics.counter("FileRemovedBytes");
    failures = metrics.counter("FileRemoveFailCount");
    shortages = metrics.counter("FreeSpaceShortCount");
    metrics.gauge("FinishedFiles", () -> keptFiles);
    metrics.gauge("FinishedFileBytes", () -> keptBytes);
  }

  /** Takes stock of the files that the list names. */
  void open() throws IOException {
    if (!limits.isAnySet()) {
      return;
    }
    kept.clear();
    for (Path path : list.read()) {
      RollDisk.FileFacts facts = disk.facts(path);
      if (facts != null) {
        kept.add(new Kept(path, facts.bytes(), facts.modified()));
      }
    }
    count();
    if (!kept.isEmpty()) {
      log.info(
          "Sink {}: {} finished files of its own in {}, {} bytes, are kept within its limits",
          name,
          kept.size(),
          directory,
          keptBytes);
    }
  }

  /** Lists a file that was made just now; one that cannot be listed is never removed. */
  void created(Path path) {
    if (!limits.isAnySet()) {
      return;
    }
    current = path;
    try {
      list.add(path);
    } catch (IOException e) {
      failed(path, "could not be listed, and so is not removed after a restart", e);
    }
  }

  void wrote(long bytes) {
    bytesSinceLook += bytes;
  }

  /** A file that is written to no more. */
  void finished(Path path, long bytes) {
    if (limits.isAnySet()) {
      current = null;
      kept.add(new Kept(path, bytes, clock.instant()));
      count();
      bytesSinceLook = LOOK_BYTES;
    }
  }

  /** Time until old files have to be looked at. */
  long nanosToLook() {
    if (!limits.isAnySet() || kept.isEmpty()) {
      return FileRollWriter.NEVER_NANOS;
    }
    return lastLookNanos + LOOK_NANOS - nanoClock.getAsLong();
  }

  /**
   * Removes what is beyond the limits, now and then.
   *
   * @param currentBytes of the file that is being written
   */
  void keepWithin(long currentBytes) {
    long now = nanoClock.getAsLong();
    boolean isDue =
        bytesSinceLook >= LOOK_BYTES
            || now - lastLookNanos >= LOOK_NANOS
            || freeBytes < limits.minFreeSpace().bytes();
    if (!limits.isAnySet() || !isDue) {
      return;
    }
    bytesSinceLook = 0;
    lastLookNanos = now;
    freeBytes = free();
    List<Kept> surplus = surplus(limits, kept, currentBytes, freeBytes, clock.instant());
    if (!surplus.isEmpty()) {
      remove(surplus);
      freeBytes = free();
    }
  }

  /** Files to be removed, oldest first: as many as it takes, and no more. */
  static List<Kept> surplus(
      RetentionOptions limits, List<Kept> kept, long currentBytes, long freeBytes, Instant now) {
    long total = currentBytes + kept.stream().mapToLong(Kept::bytes).sum();
    long free = freeBytes;
    List<Kept> surplus = new ArrayList<>();
    for (Kept file : kept) {
      boolean isOver = limits.maxTotalSize().bytes() > 0 && total > limits.maxTotalSize().bytes();
      boolean isOld =
          !limits.maxAge().isZero()
              && Duration.between(file.modified(), now).compareTo(limits.maxAge()) > 0;
      boolean isShort = free < limits.minFreeSpace().bytes();
      if (isOver || isOld || isShort) {
        surplus.add(file);
        total -= file.bytes();
        free += file.bytes();
      }
    }
    return surplus;
  }

  /** What the disk has left; as good as unlimited where nobody asked, or the disk does not say. */
  private long free() {
    if (limits.minFreeSpace().bytes() == 0) {
      return Long.MAX_VALUE / 2;
    }
    try {
      return disk.freeBytes(directory);
    } catch (IOException e) {
      failed(directory, "does not say how much space it has", e);
      return Long.MAX_VALUE / 2;
    }
  }

  private void remove(List<Kept> surplus) {
    int files = 0;
    long bytes = 0;
    for (Kept file : surplus) {
      try {
        if (disk.facts(file.path()) != null) {
          disk.delete(file.path());
          files++;
          bytes += file.bytes();
        }
        kept.remove(file);
      } catch (IOException e) {
        failed(file.path(), "could not be removed; it is tried again", e);
      }
    }
    count();
    removed.add(files);
    removedBytes.add(bytes);
    if (files > 0 && removedLog.allows()) {
      log.info(
          "Sink {}: {} files of {} bytes, from {} on, were removed from {} to keep within its limits;"
              + " {} files of {} bytes are left, {} files so far were removed",
          name,
          files,
          bytes,
          surplus.get(0).path().getFileName(),
          directory,
          keptFiles,
          keptBytes,
          removed.value());
    }
    try {
      list.compact(listed());
    } catch (IOException e) {
      failed(directory, "did not take a shorter list of the sink's files", e);
    }
  }

  /** What the list has to name. */
  private List<Path> listed() {
    List<Path> paths = new ArrayList<>(kept.stream().map(Kept::path).toList());
    if (current != null) {
      paths.add(current);
    }
    return paths;
  }

  private void count() {
    keptFiles = kept.size();
    keptBytes = kept.stream().mapToLong(Kept::bytes).sum();
  }

  private void failed(Path path, String what, IOException e) {
    failures.increment();
    if (failedLog.allows()) {
      log.warn("Sink {}: {} {}: {}", name, path, what, e.toString());
    }
  }

  /**
   * @throws TransientException when the disk has less than others are to have
   */
  void requireFreeSpace() {
    if (freeBytes >= limits.minFreeSpace().bytes()) {
      return;
    }
    shortages.increment();
    throw new TransientException(
        "Sink "
            + name
            + ": the disk of "
            + directory
            + " has "
            + freeBytes
            + " bytes left (expected: at least millrace.min-free-space, "
            + new DataSize(limits.minFreeSpace().bytes())
            + "), and "
            + (kept.isEmpty()
                ? "no finished file of this sink is left to remove"
                : "removing files did not help yet")
            + ". Nothing is written until there is space; the events stay in the channel");
  }
}
