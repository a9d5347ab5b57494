/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.api.TransientException;
import io.millrace.journal.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The locks that Flume's file channel takes on its directories: while we have them, no agent of
 * Flume starts on them. Confined to the backlog's lock.
 */
final class FlumeLocks implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FlumeLocks.class);

  private final Disk disk;
  private final Map<Path, AutoCloseable> held = new LinkedHashMap<>();

  private FlumeLocks(Disk disk) {
    this.disk = disk;
  }

  /**
   * @throws TransientException if one of them is held; then we hold none
   */
  static FlumeLocks take(Disk disk, String channel, List<FlumeDirectory> directories)
      throws IOException {
    FlumeLocks locks = new FlumeLocks(disk);
    boolean isComplete = false;
    try {
      for (FlumeDirectory directory : directories) {
        Path file = directory.path().resolve(FlumeDirectory.LOCK);
        AutoCloseable lock = disk.tryLock(file);
        if (lock == null) {
          throw new TransientException(
              "Channel "
                  + channel
                  + ": "
                  + file
                  + " is locked: the directory holds a file channel of Apache Flume, and its agent"
                  + " still runs (or another one took it over). Nothing was touched. Stop that"
                  + " agent; the start is tried again");
        }
        locks.held.put(file, lock);
      }
      isComplete = true;
      return locks;
    } finally {
      if (!isComplete) {
        locks.close();
      }
    }
  }

  /** Deletes the lock files, as an orderly stop of Flume does. */
  void deleteFiles() throws IOException {
    for (Path file : held.keySet()) {
      disk.delete(file);
    }
  }

  @Override
  public void close() {
    for (AutoCloseable lock : held.values()) {
      try {
        lock.close();
      } catch (Exception e) {
        // Closing the file is all there is to it; the end of the process gives it back as well.
        log.warn("A lock of Flume's could not be given back: {}", e.toString());
      }
    }
    held.clear();
  }
}
