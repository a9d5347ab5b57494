/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import io.millrace.api.Backoff;
import io.millrace.api.Metrics;
import io.millrace.components.spooldir.SpooledFile.Reason;
import io.millrace.components.spooldir.SpooledFile.SetAside;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/**
 * Marks files of which all that was read is delivered, and has what failed tried again. Confined to
 * the source's thread.
 */
final class FileMarker {
  static final Backoff RETRY = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));

  private final SpoolDirOptions options;
  private final Marks marks;
  private final WorkList work;
  private final Positions positions;
  private final SpoolTroubles troubles;
  private final Random random;
  private final Metrics.Counter filesFinished;

  FileMarker(
      SpoolDirOptions options,
      Marks marks,
      WorkList work,
      Positions positions,
      SpoolTroubles troubles,
      Metrics metrics,
      Random random) {
    this.options = options;
    this.marks = marks;
    this.work = work;
    this.positions = positions;
    this.troubles = troubles;
    this.random = random;
    this.filesFinished = metrics.counter("FilesFinished");
  }

  static SetAside changed(FileFacts before, FileFacts now) {
    return new SetAside(
        Reason.CHANGED,
        "it was written to while it was read ("
            + before.sizeBytes()
            + " bytes when reading began, "
            + now.sizeBytes()
            + " now; expected: files that are complete)");
  }

  /** Something about a file failed that may be better later. */
  void failed(SpooledFile file, IOException reason, long now) {
    troubles.unreadable(file.path(), reason);
    file.failures++;
    file.retryAtNanos = now + RETRY.pause(file.failures, random).toNanos();
    boolean isUntouched =
        file.confirmedMark == 0 && file.confirmedEvents == 0 && file.batchesInFlight == 0;
    if (isUntouched && !file.isExhausted) {
      work.remove(file);
      work.postpone(file.path(), file.retryAtNanos);
    }
  }

  void markFiles(long now) {
    for (SpooledFile file : work.copyOfBegun()) {
      boolean isDue = file.failures == 0 || now - file.retryAtNanos >= 0;
      if (file.isExhausted && file.batchesInFlight == 0 && isDue && positions.hasRoom()) {
        markFile(file, now);
      }
    }
  }

  /** Marks a file of which nothing more is to be read; all that was is delivered. */
  void markFile(SpooledFile file, long now) {
    try {
      FileFacts facts = FileFacts.of(file.path());
      if (facts == null) {
        troubles.warn("{} is gone; all that was read of it is delivered.", file.path());
      } else if (file.setAside == null && !facts.isUnchanged(file.facts())) {
        file.setAside = changed(file.facts(), facts);
      }
      if (facts != null && file.setAside == null) {
        finish(file);
      }
      if (facts != null && file.setAside != null) {
        setAsideNow(file, facts);
      }
      work.remove(file);
      positions.marked(file.position(true), marks.directoryOfMark(file.path()));
    } catch (IOException e) {
      failed(file, e, now);
    }
  }

  private void finish(SpooledFile file) throws IOException {
    try {
      marks.finish(file.path(), file.facts());
      filesFinished.increment();
      if (!options.writesSpoolDir()) {
        work.finished(file.path(), file.facts());
      }
    } catch (FileAlreadyExistsException e) {
      file.setAside =
          new SetAside(
              Reason.NAME_USED_TWICE,
              "all of it was delivered, but another file was finished under this name meanwhile");
    }
  }

  private void setAsideNow(SpooledFile file, FileFacts facts) throws IOException {
    Path mark = marks.setAside(file.path(), file.setAside.detail());
    troubles.setAside(file, mark);
    work.finished(file.path(), facts);
  }
}
