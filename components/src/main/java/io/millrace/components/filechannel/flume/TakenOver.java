/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files that Flume left, and what we keep beside them. Confined to the backlog's lock. */
final class TakenOver implements Closeable {
  /** What becomes of a folder with damaged files when all else is delivered. */
  static final String DAMAGED_FOLDER = "flume-files-damaged";

  private static final Logger log = LoggerFactory.getLogger(TakenOver.class);

  private final String channel;
  private final Disk disk;

  /** The checkpoint directory is the last one: it has our own files. */
  private final List<FlumeDirectory> directories;

  private final FlumeLocks locks;
  private final PointerList pointers;
  private final ProgressLog progress;
  private final EventReader events;
  private final DamageReport damage;
  private boolean isRemoved;

  TakenOver(
      String channel,
      Disk disk,
      List<FlumeDirectory> directories,
      FlumeLocks locks,
      PointerList pointers,
      ProgressLog progress,
      EventReader events,
      DamageReport damage) {
    this.channel = channel;
    this.disk = disk;
    this.directories = List.copyOf(directories);
    this.locks = locks;
    this.pointers = pointers;
    this.progress = progress;
    this.events = events;
    this.damage = damage;
  }

  PointerList pointers() {
    return pointers;
  }

  ProgressLog progress() {
    return progress;
  }

  EventReader events() {
    return events;
  }

  void report(Damage found) {
    try {
      damage.add(found);
    } catch (IOException e) {
      log.warn("Channel {}: {} cannot be written: {}", channel, DamageReport.NAME, e.toString());
    }
  }

  /**
   * Deletes Flume's files; those that are damaged are kept, with the report. May be stopped
   * anywhere and called again after the next start.
   */
  void remove() throws IOException {
    progress.force();
    damage.force();
    events.close();
    List<Path> kept = new ArrayList<>();
    for (FlumeDirectory directory : directories) {
      for (String name : directory.moved(disk)) {
        if (!damage.names(name)) {
          directory.delete(disk, name);
        }
      }
      if (isHome(directory)) {
        // In this order: a queue without its progress would be delivered anew.
        disk.delete(directory.folder().resolve(QueueFile.NAME));
        disk.forceDirectory(directory.folder());
        progress.close();
        disk.delete(directory.folder().resolve(ProgressLog.NAME));
        // Before the last folder goes, which is what a next start would go on with.
        locks.deleteFiles();
      }
      removeFolder(directory, kept);
    }
    locks.close();
    isRemoved = true;
    log.atInfo().log(
        "Channel {}: everything that Apache Flume left is delivered; its files are deleted{}",
        channel,
        kept.isEmpty() ? "" : ", but for damaged ones, which are kept in " + kept);
  }

  private boolean isHome(FlumeDirectory directory) {
    return directory == directories.get(directories.size() - 1);
  }

  private void removeFolder(FlumeDirectory directory, List<Path> kept) throws IOException {
    if (!directory.hasFolder()) {
      return;
    }
    boolean isEmpty;
    try (Stream<Path> files = Files.list(directory.folder())) {
      isEmpty = files.findAny().isEmpty();
    }
    if (isEmpty) {
      disk.delete(directory.folder());
    } else {
      Path target = directory.path().resolve(DAMAGED_FOLDER);
      for (int i = 2; Files.exists(target); i++) {
        target = directory.path().resolve(DAMAGED_FOLDER + "-" + i);
      }
      disk.rename(directory.folder(), target);
      kept.add(target);
    }
    disk.forceDirectory(directory.path());
  }

  @Override
  public void close() throws IOException {
    if (isRemoved) {
      return;
    }
    try {
      events.close();
      progress.force();
    } finally {
      progress.close();
      locks.close();
    }
  }
}
