/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is to be delivered and what of it was: loaded from what an earlier start wrote, or found by
 * a replay. Confined to the thread that opens the backlog.
 */
final class FlumeQueue implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FlumeQueue.class);

  /** Damages that are named in the log; the report has all. */
  private static final int MAX_DAMAGE_LINES = 20;

  private final String channel;
  private final Disk disk;
  private final Path folder;

  /** Null until known. */
  private PointerList pointers;

  /** Null until known. Without pointers: of a queue that is damaged. */
  private ProgressLog progress;

  private boolean isHandedOver;

  FlumeQueue(String channel, Disk disk, Path folder) {
    this.channel = channel;
    this.disk = disk;
    this.folder = folder;
  }

  boolean isLoaded() {
    return pointers != null;
  }

  PointerList pointers() {
    return pointers;
  }

  ProgressLog progress() {
    return progress;
  }

  boolean isDelivered() {
    return progress.acknowledged().lowWater() >= pointers.size();
  }

  /** Reads what an earlier start wrote; false if the queue is damaged and has to be found again. */
  boolean load() throws IOException {
    Optional<QueueFile.Content> content = QueueFile.read(disk, folder);
    progress = ProgressLog.open(disk, folder).orElse(null);
    if (content.isEmpty()) {
      log.warn(
          "Channel {}: {} is damaged; the files of Apache Flume are replayed again",
          channel,
          folder.resolve(QueueFile.NAME));
      return false;
    }
    pointers = content.get().pointers();
    UUID id = content.get().id();
    if (!isProgressOf(id, pointers.size())) {
      warnOfLostProgress();
      startProgress(id);
    }
    return true;
  }

  private boolean isProgressOf(UUID id, long eventCount) {
    return progress != null && progress.id().equals(id) && progress.eventCount() == eventCount;
  }

  private void warnOfLostProgress() {
    log.warn(
        "Channel {}: {} is lost or damaged: every event that Apache Flume left is delivered again",
        channel,
        folder.resolve(ProgressLog.NAME));
  }

  private void startProgress(UUID id) throws IOException {
    close();
    progress = ProgressLog.create(disk, folder, id, pointers.size());
  }

  /** There is nothing to deliver. */
  void makeEmpty() throws IOException {
    pointers = new PointerList();
    startProgress(UUID.randomUUID());
  }

  /** Finds what is to be delivered and writes it down. */
  void replay(LogCatalog catalog, DamageReport report) throws IOException {
    long totalBytes = 0;
    for (LogFile file : catalog.files()) {
      totalBytes += Files.size(file.path());
    }
    List<Damage> damages = new ArrayList<>();
    Replay.Result result =
        Replay.of(catalog, disk, new ReplayProgress(channel, totalBytes), damages::add);
    for (int i = 0; i < damages.size(); i++) {
      report.add(damages.get(i));
      if (i < MAX_DAMAGE_LINES) {
        log.error("Channel {}: damage in {}", channel, damages.get(i).message());
      }
    }
    if (!damages.isEmpty()) {
      report.force();
      log.error(
          "Channel {}: the files of Apache Flume are damaged in {} places, all of them named in {}."
              + " What is whole is delivered, {} events for which it is not certain that Flume had"
              + " accepted them included; the damaged files are kept",
          channel,
          damages.size(),
          folder.resolve(DamageReport.NAME),
          result.keptInDoubt());
    }
    // A damaged queue found again is the same one, as far as can be told.
    boolean wasQueued = progress != null;
    pointers = result.pointers();
    if (!wasQueued || progress.eventCount() != pointers.size()) {
      if (wasQueued) {
        warnOfLostProgress();
      }
      startProgress(UUID.randomUUID());
    }
    QueueFile.write(disk, folder, new QueueFile.Content(progress.id(), pointers));
  }

  /** The progress is another's to close from now on. */
  void handOver() {
    isHandedOver = true;
  }

  @Override
  public void close() throws IOException {
    if (progress != null && !isHandedOver) {
      progress.close();
      progress = null;
    }
  }
}
