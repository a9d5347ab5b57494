/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.api.ConfigurationException;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.components.filechannel.flume.FlumeDirectory.Role;
import io.millrace.journal.codec.KeySource;
import io.millrace.journal.disk.Disk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the directories of a file channel of Apache Flume 1.x, at the start of a channel that
 * is pointed at them. The steps, each of which may be stopped anywhere and is gone on with at the
 * next start:
 *
 * <ol>
 *   <li>lock the directories as Flume does, and check that every file can be read;
 *   <li>move Flume's files to a folder of their own in each directory;
 *   <li>replay them and write the queue of what is to be delivered: from then on, the queue holds;
 *   <li>deliver; then remove the folders.
 * </ol>
 *
 * <p>Confined to one thread; single use.
 */
public final class FlumeTakeover {
  private static final Logger log = LoggerFactory.getLogger(FlumeTakeover.class);

  private final Directories channel;
  private final KeySource keys;
  private final Disk disk;
  private final FlumeBacklog.Listener listener;

  /** What is to be taken over; the checkpoint directory is the last one. */
  private final List<FlumeDirectory> directories = new ArrayList<>();

  /**
   * The directories of a channel, as it is configured.
   *
   * @param channel its name
   */
  public record Directories(
      String channel, List<Path> data, Path checkpoint, Optional<Path> backupCheckpoint) {
    public Directories {
      data = List.copyOf(data);
    }
  }

  private FlumeTakeover(
      Directories channel, KeySource keys, Disk disk, FlumeBacklog.Listener listener) {
    this.channel = channel;
    this.keys = keys;
    this.disk = disk;
    this.listener = listener;
    for (Path path : channel.data()) {
      directories.add(new FlumeDirectory(path, Role.DATA));
    }
    channel
        .backupCheckpoint()
        .filter(path -> !path.equals(channel.checkpoint()) && !channel.data().contains(path))
        .ifPresent(path -> directories.add(new FlumeDirectory(path, Role.CHECKPOINT)));
    directories.removeIf(directory -> !Files.isDirectory(directory.path()));
    directories.add(home());
  }

  private FlumeDirectory home() {
    return new FlumeDirectory(channel.checkpoint(), Role.CHECKPOINT);
  }

  /**
   * What Flume left in these directories and is not delivered yet.
   *
   * @throws ConfigurationException if they cannot be taken over as they are; no event was touched
   * @throws TransientException if Flume's agent still runs
   * @throws StorageException if the disk fails; nothing is lost, and the next start goes on
   */
  public static FlumeBacklog open(
      Directories channel, KeySource keys, Disk disk, FlumeBacklog.Listener listener) {
    FlumeTakeover takeover = new FlumeTakeover(channel, keys, disk, listener);
    try {
      return takeover.open();
    } catch (IOException e) {
      throw new StorageException(
          "Channel "
              + channel.channel()
              + ": its directories hold a file channel of Apache Flume, which cannot be taken over"
              + " now: "
              + e
              + ". The start is tried again",
          e);
    }
  }

  private FlumeBacklog open() throws IOException {
    boolean holdsFlume = false;
    for (FlumeDirectory directory : directories) {
      holdsFlume |= directory.hasFolder() || !directory.unmoved(disk).isEmpty();
    }
    if (!holdsFlume) {
      return FlumeBacklog.none();
    }
    disk.createDirectories(channel.checkpoint());
    FlumeLocks locks = FlumeLocks.take(disk, channel.channel(), directories);
    boolean isOpen = false;
    try {
      FlumeBacklog backlog = open(locks);
      isOpen = true;
      return backlog;
    } finally {
      if (!isOpen) {
        locks.close();
      }
    }
  }

  private FlumeBacklog open(FlumeLocks locks) throws IOException {
    boolean hasQueue = disk.exists(home().folder().resolve(QueueFile.NAME));
    boolean hasLogs = hasLogs();
    refuseWhatCannotBeTold(hasQueue, hasLogs);
    try (FlumeQueue queue = new FlumeQueue(channel.channel(), disk, home().folder())) {
      // Without a queue and without data files, only the end of the removal is missing.
      boolean isDelivered = hasQueue ? queue.load() && queue.isDelivered() : !hasLogs;
      if (!isDelivered) {
        LogCatalog.check(disk, directories, keys);
      }
      for (FlumeDirectory directory : directories) {
        directory.move(disk);
      }
      disk.createDirectories(home().folder());
      DamageReport damage = DamageReport.open(disk, home().folder());
      LogCatalog catalog = isDelivered ? LogCatalog.NONE : LogCatalog.of(disk, directories, keys);
      if (isDelivered && !hasQueue) {
        queue.makeEmpty();
      } else if (!queue.isLoaded()) {
        ActiveLogs.warnOfMissing(channel.channel(), disk, home().folder(), catalog);
        queue.replay(catalog, damage);
      }
      TakenOver files =
          new TakenOver(
              channel.channel(),
              disk,
              directories,
              locks,
              queue.pointers(),
              queue.progress(),
              new EventReader(catalog, disk),
              damage);
      FlumeBacklog backlog = new FlumeBacklog(channel.channel(), files, listener);
      say(backlog, queue.pointers().size());
      backlog.endIfDelivered();
      queue.handOver();
      return backlog;
    }
  }

  private boolean hasLogs() throws IOException {
    for (FlumeDirectory directory : directories) {
      if (directory.role() == Role.DATA
          && !(directory.unmoved(disk).isEmpty() && directory.moved(disk).isEmpty())) {
        return true;
      }
    }
    return false;
  }

  private void refuseWhatCannotBeTold(boolean hasQueue, boolean hasLogs) throws IOException {
    for (FlumeDirectory directory : directories) {
      List<String> unmoved = directory.unmoved(disk);
      List<String> twice = new ArrayList<>(unmoved);
      twice.retainAll(directory.moved(disk));
      if (!unmoved.isEmpty() && (hasQueue || !twice.isEmpty())) {
        throw refusal(
            directory,
            "holds new files of a file channel of Apache Flume ("
                + unmoved.get(0)
                + ") beside those that were taken over before, in "
                + directory.folder()
                + ": an agent of Flume was started on it in between. Nothing was touched. Let that"
                + " agent drain its channel, or move the new files away and take them over as"
                + " another channel");
      }
      if (!unmoved.isEmpty() && !hasLogs) {
        throw refusal(
            directory,
            "holds the checkpoint of a file channel of Apache Flume ("
                + unmoved.get(0)
                + "), but none of dataDirs its data files. Nothing was touched. Name the"
                + " directories that the channel had in Flume, or move these files away");
      }
    }
  }

  private ConfigurationException refusal(FlumeDirectory directory, String what) {
    return new ConfigurationException(
        directory.role() == Role.DATA ? "dataDirs" : "checkpointDir",
        "Channel " + channel.channel() + ": " + directory.path() + " " + what);
  }

  private void say(FlumeBacklog backlog, long queued) {
    if (backlog.eventCount() > 0) {
      log.info(
          "Channel {}: {} of {} events that Apache Flume left are to be delivered, before newer"
              + " ones. Until then Flume's files stay in the folders {} of the channel's"
              + " directories",
          channel.channel(),
          backlog.eventCount(),
          queued,
          FlumeDirectory.FOLDER);
    }
  }
}
