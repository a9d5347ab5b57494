/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.format.Checkpoint;
import io.millrace.journal.format.Identity;
import io.millrace.journal.format.NewerFormatException;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.mirror.MirrorDisk;
import io.millrace.journal.segment.CheckpointStore;
import io.millrace.journal.segment.LaneFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Locks the directories of a journal and settles which journal and which lanes they are. Confined
 * to the thread that opens the journal, later to the one that tries what was set aside again; the
 * counts and {@link #close} are for every thread.
 */
final class JournalDirectories {
  private static final String JOURNAL_ID = "journal.id";
  private static final String JOURNAL_LOCK = "journal.lock";
  private static final String LANE_LOCK = "lane.lock";

  /** Stays, empty, where a channel of Apache Flume was taken over. */
  private static final String FLUME_LOCK = "in_use.lock";

  private static final Set<String> OUR_FILES =
      Set.of(JOURNAL_ID, LaneFiles.LANE_ID, JOURNAL_LOCK, LANE_LOCK, FLUME_LOCK);
  private static final long SANE_ID_BYTES = 4096;

  private final JournalOptions options;
  private final Disk disk;
  private final JournalListener listener;
  private final Map<Path, AutoCloseable> locks = new ConcurrentHashMap<>();
  private final Map<Path, Identity> found = new LinkedHashMap<>();

  /** Data directories that are set aside, and why. */
  private final Map<Path, IOException> unusable =
      Collections.synchronizedMap(new LinkedHashMap<>());

  /** Lane index of each usable data directory. */
  private final Map<Path, Integer> lanes = new LinkedHashMap<>();

  private final Supplier<UUID> random;
  private UUID journalId;
  private volatile long absentRecords;

  private JournalDirectories(
      JournalOptions options, Disk disk, JournalListener listener, Supplier<UUID> random) {
    this.random = random;
    this.options = options;
    this.disk = disk;
    this.listener = listener;
  }

  /** On failure nothing stays locked. */
  static JournalDirectories open(
      JournalOptions options, Disk disk, JournalListener listener, Supplier<UUID> random) {
    JournalDirectories directories = new JournalDirectories(options, disk, listener, random);
    try {
      directories.lockAndRead();
      directories.settle();
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

  /** Why a directory can't be used, if any can't. */
  IOException anyFailure() {
    return unusable.values().stream().findFirst().orElse(null);
  }

  int unusableCount() {
    return unusable.size();
  }

  /** The data directories that are set aside now. */
  List<Path> unusable() {
    synchronized (unusable) {
      return List.copyOf(unusable.keySet());
    }
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
        lockAndRead(directory, LANE_LOCK, LaneFiles.LANE_ID);
      } catch (IOException e) {
        setAside(directory, e);
      }
    }
    failIfAllAreSetAside();
  }

  /** One bad disk does not stop the others: it is done without, and tried again later. */
  void setAside(Path directory, IOException e) {
    giveBack(directory);
    unusable.put(directory, e);
    listener.onEvent(
        new JournalEvent.DiskTrouble(
            Identity.NO_LANE,
            "data directory " + directory + " is set aside, and is tried again",
            e));
  }

  private void failIfAllAreSetAside() {
    if (unusable.size() == options.dataDirectories().size()) {
      Map.Entry<Path, IOException> first = unusable.entrySet().iterator().next();
      throw unusable(first.getKey(), first.getValue());
    }
  }

  /**
   * Tries a directory that was set aside. On success it is locked and a lane of this journal.
   *
   * @return the index of the lane
   */
  int tryAgain(Path directory) throws IOException {
    try {
      lockAndRead(directory, LANE_LOCK, LaneFiles.LANE_ID);
      settle(journalId);
      int laneIndex = lanes.get(directory);
      writeIdentity(directory, LaneFiles.LANE_ID, laneIndex);
      return laneIndex;
    } catch (IOException | RuntimeException e) {
      giveBack(directory);
      throw e;
    }
  }

  /** The directory that {@link #tryAgain} has opened is in use. */
  void use(Path directory) {
    unusable.remove(directory);
  }

  /** The directory cannot be used after all. */
  void giveBack(Path directory) {
    lanes.remove(directory);
    found.remove(directory);
    release(directory);
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
    refuseForeignFiles(directory);
    AutoCloseable lock = disk.tryLock(directory.resolve(lockName));
    if (lock == null) {
      throw new JournalException(
          JournalException.Code.LOCKED,
          "Directory "
              + directory
              + " is in use by another journal, in this process or another. The journal is not"
              + " opened.");
    }
    locks.put(directory, lock);
  }

  private void lockAndRead(Path directory, String lockName, String idName) throws IOException {
    lock(directory, lockName);
    try {
      Identity identity = readIdentity(directory.resolve(idName));
      if (identity == null && idName.equals(LaneFiles.LANE_ID)) {
        identity = identityFromSegments(directory);
      }
      if (identity != null) {
        found.put(directory, identity);
      }
    } catch (NewerFormatException e) {
      throw newer(directory, e);
    }
  }

  /** A directory that is none of ours yet must hold nothing that somebody else may want. */
  private void refuseForeignFiles(Path directory) throws IOException {
    List<String> names = disk.list(directory);
    if (names.contains(JOURNAL_ID) || names.contains(LaneFiles.LANE_ID)) {
      return;
    }
    for (String name : names) {
      if (!isOurs(name) && !name.startsWith(".")) {
        throw new JournalException(
            JournalException.Code.FOREIGN_DIRECTORY,
            "Directory "
                + directory
                + " holds files that are not of a journal, such as "
                + name
                + " (expected: an empty directory, or one of this journal). Nothing was touched,"
                + " the journal is not opened.");
      }
    }
  }

  private static boolean isOurs(String name) {
    String base =
        name.endsWith(LaneFiles.NEW_SUFFIX)
            ? name.substring(0, name.length() - LaneFiles.NEW_SUFFIX.length())
            : name;
    return OUR_FILES.contains(base)
        || MirrorDisk.isOurs(base)
        || CheckpointStore.laneIndexOf(base) >= 0
        || LaneFiles.numberOf(base) >= 0
            && LaneFiles.SUFFIXES.stream().anyMatch(suffix -> base.endsWith(suffix));
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

  private void settle() {
    settle(found.values().stream().map(Identity::journalId).findFirst().orElseGet(random));
  }

  private void settle(UUID settledId) {
    journalId = settledId;
    TreeSet<Integer> taken = new TreeSet<>(knownLanes());
    boolean isNew = taken.isEmpty() && found.isEmpty();
    found.forEach(
        (directory, identity) -> {
          if (!identity.journalId().equals(journalId)) {
            throw foreign(directory, identity);
          }
          if (identity.laneIndex() != Identity.NO_LANE) {
            taken.add(identity.laneIndex());
            if (lanes.containsValue(identity.laneIndex()) && !lanes.containsKey(directory)) {
              throw foreign(directory, identity);
            }
            lanes.put(directory, identity.laneIndex());
          }
        });
    for (Path directory : options.dataDirectories()) {
      if (!lanes.containsKey(directory) && locks.containsKey(directory)) {
        int laneIndex = isNew ? taken.size() : LaneNumbers.added(taken, random);
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

  /** Says which lanes left a checkpoint and have no directory now, and how much is missing. */
  void settleAbsentLanes() {
    long records = 0;
    for (int laneIndex : knownLanes()) {
      if (!lanes.containsValue(laneIndex)) {
        long lastKnown = recordsAtLastCheckpoint(laneIndex);
        records += Math.max(0, lastKnown);
        listener.onEvent(new JournalEvent.LaneAbsent(laneIndex, lastKnown));
      }
    }
    absentRecords = records;
  }

  /**
   * Records of lanes without a directory, as their last checkpoints have it. None of them counts as
   * lost: they are delivered when their directory is back.
   */
  long absentRecords() {
    return absentRecords;
  }

  /** -1 if the checkpoint cannot be read. */
  private long recordsAtLastCheckpoint(int laneIndex) {
    try {
      Checkpoint checkpoint =
          new CheckpointStore(disk, options.checkpointDirectory(), laneIndex, false).read();
      if (checkpoint == null || !checkpoint.journalId().equals(journalId)) {
        return -1;
      }
      SequenceSet acks = SequenceSet.below(checkpoint.lowWater());
      acks.addAll(checkpoint.lowWater(), checkpoint.ranges());
      return acks.missingCount(0, checkpoint.nextSequence());
    } catch (IOException e) {
      return -1;
    }
  }

  /** Writes what is missing; called when all directories are known to be of one journal. */
  void writeIdentities() {
    try {
      writeIdentity(options.checkpointDirectory(), JOURNAL_ID, Identity.NO_LANE);
    } catch (IOException e) {
      throw unusable(options.checkpointDirectory(), e);
    }
    for (Map.Entry<Path, Integer> lane : Map.copyOf(lanes).entrySet()) {
      try {
        writeIdentity(lane.getKey(), LaneFiles.LANE_ID, lane.getValue());
      } catch (IOException e) {
        setAside(lane.getKey(), e);
      }
    }
    failIfAllAreSetAside();
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
    locks.keySet().forEach(this::release);
  }

  private void release(Path directory) {
    AutoCloseable lock = locks.remove(directory);
    if (lock == null) {
      return;
    }
    try {
      lock.close();
    } catch (Exception e) {
      listener.onEvent(
          new JournalEvent.DiskTrouble(Identity.NO_LANE, "a lock can't be released", e));
    }
  }
}
