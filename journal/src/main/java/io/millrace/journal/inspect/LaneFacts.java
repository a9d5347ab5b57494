/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.format.AckBlock;
import io.millrace.journal.format.AckBlockLayout;
import io.millrace.journal.format.Checkpoint;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.NewerFormatException;
import io.millrace.journal.format.SegmentFeatures;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.recovery.SegmentFacts;
import io.millrace.journal.segment.CheckpointStore;
import io.millrace.journal.segment.CopyRepair;
import io.millrace.journal.segment.LaneFiles;
import io.millrace.journal.segment.SegmentFile;
import io.millrace.journal.segment.SegmentReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * What the files of a lane say, read as recovery reads them but for what recovery changes. Confined
 * to one thread.
 */
final class LaneFacts {
  private final ReadOnlyDisk disk;
  private final Path directory;
  private final UUID journalId;
  private final int laneIndex;

  final Map<String, SegmentFile> segmentFiles = new HashMap<>();
  final Map<String, FileReport> fileReports = new HashMap<>();
  final List<SegmentFacts> used = new ArrayList<>();

  /** Segment files that are not in use. */
  final List<SegmentReport> others = new ArrayList<>();

  final List<FileReport> ackFiles = new ArrayList<>();
  final List<FileReport> quarantined = new ArrayList<>();
  final List<FileReport> unfinished = new ArrayList<>();
  final List<CheckpointReport> checkpoints = new ArrayList<>();
  final List<Damage> damages = new ArrayList<>();
  final SequenceSet acks = SequenceSet.below(0);

  /** The newest that is whole and ours, or null. */
  Checkpoint checkpoint;

  /**
   * @param journalId null if nothing tells
   */
  LaneFacts(ReadOnlyDisk disk, Path directory, UUID journalId, int laneIndex) {
    this.disk = disk;
    this.directory = directory;
    this.journalId = journalId;
    this.laneIndex = laneIndex;
  }

  /**
   * @throws AccessDeniedException if this user may not read a file: that says nothing of what the
   *     agent's user would find
   */
  void read(List<Path> checkpointDirectories) throws IOException, NewerFormatException {
    for (String name : disk.list(directory)) {
      try {
        read(name);
      } catch (NoSuchFileException | FileNotFoundException e) {
        // Gone since it was listed: the journal is in use, and freed it.
      }
    }
    for (Path checkpointDirectory : checkpointDirectories) {
      readCheckpoint(checkpointDirectory);
    }
  }

  private void read(String name) throws IOException, NewerFormatException {
    if (name.endsWith(LaneFiles.NEW_SUFFIX)) {
      unfinished.add(report(name));
    } else if (LaneFiles.numberOf(name) >= 0) {
      if (name.endsWith(LaneFiles.SEGMENT_SUFFIX)) {
        readSegment(name);
      } else if (name.endsWith(LaneFiles.ACK_SUFFIX)) {
        readAcks(name);
      } else if (name.endsWith(LaneFiles.BAD_SUFFIX)) {
        quarantined.add(report(name));
      }
    }
  }

  private FileReport report(String name) throws IOException {
    return report(disk, directory.resolve(name));
  }

  private static FileReport report(ReadOnlyDisk disk, Path path) throws IOException {
    return new FileReport(disk.placeOf(path), disk.fileBytes(path), disk.modified(path));
  }

  private void readSegment(String name) throws IOException, NewerFormatException {
    Path path = directory.resolve(name);
    try (DiskFile file = disk.open(path)) {
      FileReport found = report(name);
      fileReports.put(name, found);
      SegmentFile segmentFile = new SegmentFile(disk, path, found.bytes());
      CopyRepair.header(segmentFile, (position, endPosition, error) -> {});
      segmentFile.close();
      ByteBuffer start = ByteBuffer.allocate(SegmentHeaderLayout.HEADER_BYTES);
      file.read(start, 0);
      SegmentHeader header = SegmentHeader.decode(start.flip());
      if (header == null) {
        salvage(segmentFile);
      } else if (journalId != null && !header.journalId().equals(journalId)
          || header.laneIndex() != laneIndex) {
        other(
            name,
            SegmentReport.Kind.FOREIGN,
            "belongs to lane " + header.laneIndex() + " of journal " + header.journalId());
      } else if (header.isSpare()) {
        other(name, SegmentReport.Kind.SPARE, "");
      } else {
        acks.add(0, header.lowWater());
        segmentFiles.put(name, segmentFile);
        used.add(
            new SegmentFacts(name, header.use(), header.features(), header.firstSequence(), false));
      }
    } catch (AccessDeniedException | NoSuchFileException | FileNotFoundException e) {
      throw e;
    } catch (IOException e) {
      fileReports.putIfAbsent(name, new FileReport(path, 0, Optional.empty()));
      other(name, SegmentReport.Kind.UNREADABLE, String.valueOf(e.getMessage()));
      damage(Damage.Kind.UNREADABLE, name, 0, 0);
    }
  }

  private void other(String name, SegmentReport.Kind kind, String remark) {
    others.add(
        new SegmentReport(
            fileReports.get(name), kind, 0, 0, 0, 0, false, Optional.empty(), remark));
  }

  /** The header is damaged: the latest use among the frames is what the file is. */
  private void salvage(SegmentFile file) throws IOException {
    SegmentReader reader = new SegmentReader(file, null);
    FrameHeader found = null;
    FrameHeader header = reader.findHeader(SegmentHeaderLayout.BLOCK_BYTES);
    while (header != null) {
      if (found == null || header.use().ordinal() > found.use().ordinal()) {
        found = header;
      }
      header = reader.findHeader(header.endPosition());
    }
    file.close();
    if (found == null) {
      other(file.name(), SegmentReport.Kind.SPARE, "");
      return;
    }
    int features =
        (found.codec() == 0 ? 0 : SegmentFeatures.PACKED)
            | (found.keyId() == 0 ? 0 : SegmentFeatures.SEALED);
    segmentFiles.put(file.name(), file);
    used.add(new SegmentFacts(file.name(), found.use(), features, found.firstSequence(), true));
    damage(Damage.Kind.SEGMENT_HEADER, file.name(), 0, SegmentHeaderLayout.HEADER_BYTES);
  }

  private void readAcks(String name) throws IOException {
    try (DiskFile file = disk.open(directory.resolve(name))) {
      ackFiles.add(report(name));
      ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(file.sizeBytes()));
      file.read(content, 0);
      Set<Integer> damaged = readAcks(content.flip());
      for (int copy = 0; file.copies() > 1 && copy < file.copies(); copy++) {
        // All that any copy says is true.
        file.readCopy(copy, content.clear(), 0);
        damaged.retainAll(readAcks(content.flip()));
      }
      for (int offset : damaged) {
        damage(Damage.Kind.ACKNOWLEDGEMENTS, name, offset, offset + AckBlockLayout.ALIGNMENT_BYTES);
      }
    } catch (AccessDeniedException | NoSuchFileException | FileNotFoundException e) {
      throw e;
    } catch (IOException e) {
      damage(Damage.Kind.UNREADABLE, name, 0, 0);
    }
  }

  /** Offsets of damaged blocks. */
  private Set<Integer> readAcks(ByteBuffer content) {
    Set<Integer> damaged = new TreeSet<>();
    long laneKey = journalId == null ? 0 : AckBlock.laneKey(journalId, laneIndex);
    int offset = 0;
    while (offset <= content.limit() - AckBlockLayout.ALIGNMENT_BYTES) {
      AckBlock block = AckBlock.decode(content, offset, laneKey);
      if (block != null) {
        acks.addAll(block.lowWater(), block.ranges());
        offset += (int) block.blockBytes();
      } else {
        // Zeros were never written. What else stands at a block's place was one, unless it is the
        // rest of a long block of an earlier generation: those do not begin with the magic.
        boolean isFirst = offset == 0 && !isZero(content, AckBlockLayout.ALIGNMENT_BYTES);
        if (AckBlock.beginsAt(content, offset) || isFirst) {
          damaged.add(offset);
        }
        offset += AckBlockLayout.ALIGNMENT_BYTES;
      }
    }
    return damaged;
  }

  private static boolean isZero(ByteBuffer content, int bytes) {
    for (int i = 0; i < bytes; i++) {
      if (content.get(i) != 0) {
        return false;
      }
    }
    return true;
  }

  private void damage(Damage.Kind kind, String file, long position, long endPosition) {
    damages.add(new Damage(laneIndex, kind, file, position, endPosition, List.of()));
  }

  private void readCheckpoint(Path checkpointDirectory) throws IOException {
    Path file = checkpointFile(checkpointDirectory, laneIndex);
    CheckpointReport report;
    try {
      if (!disk.exists(file)) {
        return;
      }
      Checkpoint found = new CheckpointStore(disk, checkpointDirectory, laneIndex, false).read();
      report = report(disk, file, found, journalId, laneIndex);
      if (report.state() == CheckpointReport.State.VALID) {
        acks.addAll(found.lowWater(), found.ranges());
        if (checkpoint == null || found.nextSequence() > checkpoint.nextSequence()) {
          checkpoint = found;
        }
      }
    } catch (AccessDeniedException e) {
      throw e;
    } catch (IOException e) {
      report =
          new CheckpointReport(
              new FileReport(file, 0, Optional.empty()), CheckpointReport.State.DAMAGED, 0);
    }
    checkpoints.add(report);
    if (report.state() == CheckpointReport.State.DAMAGED) {
      damage(Damage.Kind.CHECKPOINT, report.file().name(), 0, report.file().bytes());
    }
  }

  static Path checkpointFile(Path checkpointDirectory, int laneIndex) {
    return checkpointDirectory.resolve(
        String.format(Locale.ROOT, "lane-%05d.checkpoint", laneIndex));
  }

  /**
   * @param found null if the file is damaged
   * @param journalId null if nothing tells
   */
  static CheckpointReport report(
      ReadOnlyDisk disk, Path file, Checkpoint found, UUID journalId, int laneIndex)
      throws IOException {
    CheckpointReport.State state = CheckpointReport.State.VALID;
    long waiting = 0;
    if (found == null) {
      state = CheckpointReport.State.DAMAGED;
    } else if (journalId != null && !found.journalId().equals(journalId)
        || found.laneIndex() != laneIndex) {
      state = CheckpointReport.State.FOREIGN;
    } else {
      SequenceSet acked = SequenceSet.below(found.lowWater());
      acked.addAll(0, found.ranges());
      waiting = acked.missingCount(0, found.nextSequence());
    }
    return new CheckpointReport(report(disk, file), state, waiting);
  }
}
