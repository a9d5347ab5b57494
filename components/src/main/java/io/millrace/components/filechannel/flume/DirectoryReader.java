/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads the records of one data directory, file after file in the order of their ids; one file is
 * open at a time. Confined to one thread.
 */
final class DirectoryReader implements Closeable {
  private final Iterator<LogFile> files;
  private final Disk disk;
  private final ReplayProgress progress;
  private final Consumer<Damage> damages;
  private final LogRecord record = new LogRecord();
  private LogFile file;
  private LogScan scan;
  private int damageCount;
  private long recordPosition;

  DirectoryReader(
      List<LogFile> files, Disk disk, ReplayProgress progress, Consumer<Damage> damages) {
    this.files = files.iterator();
    this.disk = disk;
    this.progress = progress;
    this.damages = damages;
  }

  LogRecord record() {
    return record;
  }

  /** How often something had to be passed over so far. */
  int damageCount() {
    return damageCount;
  }

  /** Moves on to the next record; false at the end of the last file. */
  boolean next() throws IOException {
    while (true) {
      if (scan != null) {
        long before = scan.position();
        recordPosition = before;
        if (nextInFile()) {
          progress.read(scan.position() - before);
          return true;
        }
        close();
      }
      if (!files.hasNext()) {
        return false;
      }
      file = files.next();
      scan = LogScan.open(file, disk, this::damaged);
    }
  }

  private boolean nextInFile() throws IOException {
    try {
      return scan.next(record);
    } catch (IOException e) {
      // A sector that cannot be read costs the rest of its file; a disk that is gone, nothing yet.
      FileWindow.open(disk, file.path()).close();
      scan.skipRest("it cannot be read: " + e);
      return false;
    }
  }

  /** Says that something is wrong with the last record. */
  void reportRecord(String what) {
    damaged(new Damage(file.path(), recordPosition, scan.position() - recordPosition, what));
  }

  private void damaged(Damage damage) {
    damageCount++;
    damages.accept(damage);
  }

  @Override
  public void close() throws IOException {
    if (scan != null) {
      scan.close();
      scan = null;
    }
  }
}
