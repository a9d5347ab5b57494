/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.format.Identity;
import io.millrace.journal.format.NewerFormatException;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.segment.CheckpointStore;
import io.millrace.journal.segment.LaneFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Locks the directories of a journal and settles which journal and which lanes they are. Confined
 * to the thread that opens the journal.
 */
final class JournalDirectories {
  private static final String JOURNAL_LOCK = "journal.lock";
  private static final String JOURNAL_ID = "journal.id";
  private static final String LANE_ID = "lane.id";
  private static final long SANE_ID_BYTES = 4096;

  private final JournalOptions options;
  private final Disk disk;
  private final JournalListener listener;
  private final List<AutoCloseable> locks = new ArrayList<>();
  private final Map<Path, Identity> found = new LinkedHashMap<>();
  private final Map<Path, IOException> unusable = new LinkedHashMap<>();

  /** Lane index of each usable data directory. */
  private final Map<Path, Integer> lanes = new LinkedHashMap<>();

  private UUID journalId;

  private JournalDirectories(JournalOptions options, Disk disk, JournalListener listener) {
    this.options = options;
    this.disk = disk;
    this.listener = listener;
  }

  /** On failure nothing stays locked. */
  static JournalDirectories open(
      JournalOptions options, Disk disk, JournalListener listener, Supplier<UUID> newId) {
    JournalDirectories directories = new JournalDirectories(options, disk, listener);
    try {
      directories.lockAndRead();
      directories.settle(newId);
      return directories;
    } catch (RuntimeException e) {
      directories.close();
      throw e;
    }
  }

  UUID journalId() {
    return journalId;
  }

  Map<Path, Integer> lanes() {
    return lanes;
  }

  int unusableCount() {
    return unusable.size();
  }

  private void lockAndRead() {
    try {
      lockAndRead(options.checkpointDirectory(), JOURNAL_LOCK, JOURNAL_ID);
    } catch (IOException e) {
      throw unusable(options.checkpointDirectory(), e);
    }
    options.backupCheckpointDirectory().ifPresent(this::lockBackup);
    for (Path directory : options.dataDirectories()) {
      try {
        lockAndRead(directory, "lane.lock", LANE_ID);
      } catch (IOException e) {
        // One bad disk does not stop the others.
        unusable.put(directory, e);
        listener.onEvent(
            new JournalEvent.DiskTrouble(
                Identity.NO_LANE, "data directory " + directory + " is set aside", e));
      }
    }
    if (unusable.size() == options.dataDirectories().size()) {
      Map.Entry<Path, IOException> first = unusable.entrySet().iterator().next();
      throw unusable(first.getKey(), first.getValue());
    }
  }

  /** A backup that can't be had is done without. */
  private void lockBackup(Path directory) {
    try {
      lock(directory, JOURNAL_LOCK);
    } catch (IOException e) {
      listener.onEvent(
          new JournalEvent.DiskTrouble(
              Identity.NO_LANE, "backup checkpoint directory " + directory + " is not used", e));
    }
  }

  private static JournalException unusable(Path directory, IOException e) {
    return new JournalException(
        JournalException.Code.STORAGE_UNUSABLE,
        "Directory "
            + directory
            + " can't be used: "
            + e
            + " (expected: readable and writable). The journal is not opened.",
        e);
  }

  private void lock(Path directory, String lockName) throws IOException {
    disk.createDirectories(directory);
    AutoCloseable lock = disk.tryLock(directory.resolve(lockName));
    if (lock == null) {
      throw new JournalException(
          JournalException.Code.LOCKED,
          "Directory "
              + directory
              + " is in use by another journal, in this process or another. The journal is not"
              + " opened.");
    }
    locks.add(lock);
  }

  private void lockAndRead(Path directory, String lockName, String idName) throws IOException {
    lock(directory, lockName);
    try {
      Identity identity = readIdentity(directory.resolve(idName));
      if (identity == null && idName.equals(LANE_ID)) {
        identity = identityFromSegments(directory);
      }
      if (identity != null) {
        found.put(directory, identity);
      }
    } catch (NewerFormatException e) {
      throw newer(directory, e);
    }
  }

  static JournalException newer(Path directory, NewerFormatException e) {
    return new JournalException(
        JournalException.Code.FORMAT_NEWER,
        "Directory "
            + directory
            + " was written by a later version of Millrace: "
            + e.getMessage()
            + ". Nothing was touched, the journal is not opened.",
        e);
  }

  private Identity readIdentity(Path file) throws IOException, NewerFormatException {
    if (!disk.exists(file)) {
      return null;
    }
    try (DiskFile source = disk.open(file)) {
      ByteBuffer content = ByteBuffer.allocate((int) Math.min(SANE_ID_BYTES, source.sizeBytes()));
      source.read(content, 0);
      return Identity.decode(content.flip());
    }
  }

  private Identity identityFromSegments(Path directory) throws IOException, NewerFormatException {
    for (String name : disk.list(directory)) {
      if (name.endsWith(LaneFiles.SEGMENT_SUFFIX)) {
        try (DiskFile source = disk.open(directory.resolve(name))) {
          ByteBuffer start = ByteBuffer.allocate(SegmentHeaderLayout.HEADER_BYTES);
          source.read(start, 0);
          SegmentHeader header = SegmentHeader.decode(start.flip());
          if (header != null) {
            return new Identity(header.journalId(), header.laneIndex());
          }
        }
      }
    }
    return null;
  }

  private void settle(Supplier<UUID> newId) {
    journalId = found.values().stream().map(Identity::journalId).findFirst().orElseGet(newId);
    TreeSet<Integer> taken = new TreeSet<>(knownLanes());
    found.forEach(
        (directory, identity) -> {
          if (!identity.journalId().equals(journalId)) {
            throw foreign(directory, identity);
          }
          if (identity.laneIndex() != Identity.NO_LANE) {
            taken.add(identity.laneIndex());
            if (lanes.containsValue(identity.laneIndex())) {
              throw foreign(directory, identity);
            }
            lanes.put(directory, identity.laneIndex());
          }
        });
    for (Path directory : options.dataDirectories()) {
      if (!lanes.containsKey(directory) && !unusable.containsKey(directory)) {
        int laneIndex = taken.isEmpty() ? 0 : taken.last() + 1;
        taken.add(laneIndex);
        lanes.put(directory, laneIndex);
      }
    }
  }

  private JournalException foreign(Path directory, Identity identity) {
    return new JournalException(
        JournalException.Code.FOREIGN_DIRECTORY,
        "Directory "
            + directory
            + " is lane "
            + identity.laneIndex()
            + " of journal "
            + identity.journalId()
            + " (expected: a lane of journal "
            + journalId
            + " that no other directory is). Nothing was touched, the journal is not opened.");
  }

  /** Lanes that left a checkpoint, so that a new directory does not get the index of a lost one. */
  private List<Integer> knownLanes() {
    try {
      return disk.list(options.checkpointDirectory()).stream()
          .map(CheckpointStore::laneIndexOf)
          .filter(laneIndex -> laneIndex >= 0)
          .toList();
    } catch (IOException e) {
      throw unusable(options.checkpointDirectory(), e);
    }
  }

  /** Lanes that left a checkpoint and have no directory now. */
  List<Integer> absentLanes() {
    return knownLanes().stream().filter(index -> !lanes.containsValue(index)).toList();
  }

  /** Writes what is missing; called when all directories could be recovered. */
  void writeIdentities() throws IOException {
    writeIdentity(options.checkpointDirectory(), JOURNAL_ID, Identity.NO_LANE);
    for (Map.Entry<Path, Integer> lane : lanes.entrySet()) {
      writeIdentity(lane.getKey(), LANE_ID, lane.getValue());
    }
  }

  private void writeIdentity(Path directory, String name, int laneIndex) throws IOException {
    Path file = directory.resolve(name);
    try {
      if (readIdentity(file) != null) {
        return;
      }
    } catch (NewerFormatException e) {
      throw newer(directory, e);
    }
    Path unfinished = directory.resolve(name + LaneFiles.NEW_SUFFIX);
    disk.delete(unfinished);
    try (DiskFile target = disk.create(unfinished)) {
      target.write(new Identity(journalId, laneIndex).encode(), 0);
      target.force();
    }
    disk.rename(unfinished, file);
    disk.forceDirectory(directory);
  }

  void close() {
    for (AutoCloseable lock : locks) {
      try {
        lock.close();
      } catch (Exception e) {
        listener.onEvent(
            new JournalEvent.DiskTrouble(Identity.NO_LANE, "a lock can't be released", e));
      }
    }
    locks.clear();
  }
}
