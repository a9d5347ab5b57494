/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.format.AckBlock;
import io.millrace.journal.format.AckBlockLayout;
import io.millrace.journal.format.Checkpoint;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.NewerFormatException;
import io.millrace.journal.format.SegmentFeatures;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.format.SegmentUse;
import io.millrace.journal.recovery.RecoveryPlan;
import io.millrace.journal.recovery.Repair;
import io.millrace.journal.recovery.ScanFacts;
import io.millrace.journal.recovery.SegmentChain;
import io.millrace.journal.recovery.SegmentFacts;
import io.millrace.journal.segment.AckLog;
import io.millrace.journal.segment.CheckpointStore;
import io.millrace.journal.segment.CopyRepair;
import io.millrace.journal.segment.LaneFiles;
import io.millrace.journal.segment.Segment;
import io.millrace.journal.segment.SegmentFile;
import io.millrace.journal.segment.SegmentReader;
import io.millrace.journal.segment.SegmentScan;
import io.millrace.journal.segment.TailCopy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Collects the facts about one data directory, has the plan made, and does what it says. Confined
 * to the thread that opens the journal. Rules: docs/formats/journal-v1.md#recovery
 */
final class LaneRecovery {
  private static final long MIN_ACK_FILE_BYTES = 4 << 10;
  private static final long MAX_ACK_FILE_BYTES = 1 << 20;

  private final LaneContext context;
  private final int laneIndex;
  private final Path directory;
  private final Disk disk;
  private final List<CheckpointStore> checkpoints;

  private final Map<String, SegmentFile> segmentFiles = new HashMap<>();
  private final List<SegmentFacts> used = new ArrayList<>();
  private final List<SegmentFile> spares = new ArrayList<>();
  private final TreeMap<Long, SegmentFile> ackFiles = new TreeMap<>();
  private final SequenceSet acks = SequenceSet.below(0);
  private long lastOrdinal;
  private long lastNumber;
  private long lastGeneration;
  private long lostRecords;
  private long quarantinedFrames;
  private NoteRecovery notes;
  private Segment digestHolder;

  private LaneRecovery(
      LaneContext context, int laneIndex, Path directory, List<CheckpointStore> checkpoints) {
    this.context = context;
    this.laneIndex = laneIndex;
    this.directory = directory;
    this.disk = context.disk();
    this.checkpoints = checkpoints;
  }

  static LaneStart run(
      LaneContext context, int laneIndex, Path directory, List<CheckpointStore> checkpoints)
      throws IOException, NewerFormatException {
    return new LaneRecovery(context, laneIndex, directory, checkpoints).run();
  }

  private LaneStart run() throws IOException, NewerFormatException {
    long startNanos = System.nanoTime();
    readFiles();
    Checkpoint checkpoint = readCheckpoint();
    SegmentChain chain = SegmentChain.of(used, acks);
    new SealCheck(context.options().codec(), directory, segmentFiles).run(chain);
    Map<String, ScanFacts> scans = scan(chain, checkpoint);
    RecoveryPlan plan =
        RecoveryPlan.of(chain, scans, acks, nextSequenceOf(checkpoint), notes::isNeeded);
    LaneFiles files = new LaneFiles(disk, directory, context.options().reserveBytes(), lastNumber);
    plan.repairs().forEach(repair -> apply(repair, files));
    List<Segment> live = new ArrayList<>();
    plan.live().forEach(link -> live.add(segment(link.segment())));
    LaneStart.Tail tail = secureTail(live, chain, scans, checkpoint, files);
    plan.kept().forEach(kept -> live.add(segment(kept)));
    digestHolder = digestHolder == null ? notes.holderAmong(live) : digestHolder;
    long recordCount = acks.missingCount(0, plan.nextSequence());
    long nanos = System.nanoTime() - startNanos;
    event(
        new JournalEvent.LaneRecovered(
            laneIndex, directory.toString(), recordCount, plan.nextSequence(), live.size(), nanos));
    return new LaneStart(
        laneIndex,
        files,
        live,
        spares,
        acks,
        ackLog(files),
        plan.nextSequence(),
        lastOrdinal,
        tail,
        digestHolder,
        recordCount,
        lostRecords,
        quarantinedFrames,
        notes.damagedNotes(),
        nanos);
  }

  private Segment segment(SegmentFacts facts) {
    return new Segment(segmentFiles.get(facts.name()), facts.use(), facts.firstSequence());
  }

  private void readFiles() throws IOException, NewerFormatException {
    for (String name : disk.list(directory)) {
      lastNumber = Math.max(lastNumber, LaneFiles.numberOf(name));
      if (name.endsWith(LaneFiles.NEW_SUFFIX)) {
        disk.delete(directory.resolve(name));
      } else if (LaneFiles.numberOf(name) >= 0 && name.endsWith(LaneFiles.SEGMENT_SUFFIX)) {
        readSegmentFile(name);
      } else if (LaneFiles.numberOf(name) >= 0 && name.endsWith(LaneFiles.ACK_SUFFIX)) {
        readAckFile(name);
      }
    }
  }

  private void readSegmentFile(String name) throws NewerFormatException {
    Path path = directory.resolve(name);
    try (DiskFile file = disk.open(path)) {
      SegmentFile segmentFile = new SegmentFile(disk, path, file.sizeBytes());
      CopyRepair.header(segmentFile, repairs(name));
      segmentFile.close();
      ByteBuffer start = ByteBuffer.allocate(SegmentHeaderLayout.HEADER_BYTES);
      file.read(start, 0);
      SegmentHeader header = SegmentHeader.decode(start.flip());
      if (header == null) {
        salvage(segmentFile);
      } else if (!header.journalId().equals(context.journalId())
          || header.laneIndex() != laneIndex) {
        event(
            new JournalEvent.DiskTrouble(
                laneIndex,
                name + " is left alone",
                new IOException(
                    "it belongs to lane " + header.laneIndex() + " of " + header.journalId())));
      } else if (header.isSpare()) {
        spares.add(segmentFile);
      } else {
        acks.add(0, header.lowWater());
        use(
            segmentFile,
            new SegmentFacts(name, header.use(), header.features(), header.firstSequence(), false));
      }
    } catch (IOException e) {
      event(new JournalEvent.DiskTrouble(laneIndex, name + " can't be read, is left alone", e));
    }
  }

  private void use(SegmentFile file, SegmentFacts facts) {
    segmentFiles.put(facts.name(), file);
    used.add(facts);
    lastOrdinal = Math.max(lastOrdinal, facts.use().ordinal());
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
    if (found == null) {
      // A file whose first use a crash cut short; should it have held more, the ordinals tell.
      spares.add(file);
    } else {
      use(
          file,
          new SegmentFacts(
              file.name(), found.use(), featuresOf(found), found.firstSequence(), true));
    }
    file.close();
  }

  private static int featuresOf(FrameHeader frame) {
    return (frame.codec() == 0 ? 0 : SegmentFeatures.PACKED)
        | (frame.keyId() == 0 ? 0 : SegmentFeatures.SEALED);
  }

  private void readAckFile(String name) {
    Path path = directory.resolve(name);
    try (DiskFile file = disk.open(path)) {
      long fileBytes = file.sizeBytes();
      ByteBuffer content = ByteBuffer.allocate(Math.toIntExact(fileBytes));
      file.read(content, 0);
      long generation = addAcks(content.flip());
      for (int copy = 0; file.copies() > 1 && copy < file.copies(); copy++) {
        // All that any copy says is true.
        file.readCopy(copy, content.clear(), 0);
        generation = Math.max(generation, addAcks(content.flip()));
      }
      lastGeneration = Math.max(lastGeneration, generation);
      SegmentFile clash = ackFiles.put(generation, new SegmentFile(disk, path, fileBytes));
      if (clash != null) {
        // Two files without a valid block: one of them is enough.
        clash.discard();
      }
    } catch (IOException e) {
      event(new JournalEvent.DiskTrouble(laneIndex, name + " can't be read, is left alone", e));
    }
  }

  /** The highest generation among the blocks. */
  private long addAcks(ByteBuffer content) {
    long laneKey = AckBlock.laneKey(context.journalId(), laneIndex);
    long generation = 0;
    int offset = 0;
    while (offset <= content.limit() - AckBlockLayout.ALIGNMENT_BYTES) {
      AckBlock block = AckBlock.decode(content, offset, laneKey);
      if (block == null) {
        offset += AckBlockLayout.ALIGNMENT_BYTES;
      } else {
        acks.addAll(block.lowWater(), block.ranges());
        generation = Math.max(generation, block.generation());
        offset += (int) block.blockBytes();
      }
    }
    return generation;
  }

  private CopyRepair.Report repairs(String name) {
    return (position, endPosition, error) ->
        event(new JournalEvent.CopyRepaired(laneIndex, name, position, endPosition, error));
  }

  private AckLog ackLog(LaneFiles files) {
    long ackFileBytes =
        Math.max(
            MIN_ACK_FILE_BYTES,
            Math.min(MAX_ACK_FILE_BYTES, context.options().segmentBytes() / 64));
    return AckLog.over(
        files,
        AckBlock.laneKey(context.journalId(), laneIndex),
        ackFileBytes,
        lastGeneration,
        new ArrayList<>(ackFiles.values()));
  }

  /** The newest of the checkpoints that are whole and ours, or null. */
  private Checkpoint readCheckpoint() {
    Checkpoint newest = null;
    for (CheckpointStore store : checkpoints) {
      Checkpoint checkpoint = readCheckpoint(store);
      if (checkpoint != null) {
        acks.addAll(checkpoint.lowWater(), checkpoint.ranges());
        lastOrdinal = Math.max(lastOrdinal, checkpoint.tail().ordinal());
        if (newest == null || checkpoint.nextSequence() > newest.nextSequence()) {
          newest = checkpoint;
        }
      }
    }
    return newest;
  }

  private Checkpoint readCheckpoint(CheckpointStore store) {
    String which = store.isBackup() ? "backup of the checkpoint" : "checkpoint";
    try {
      Checkpoint checkpoint = store.read();
      if (checkpoint == null && store.exists()) {
        event(
            new JournalEvent.DiskTrouble(
                laneIndex, which + " is damaged and not needed", new IOException("bad checksum")));
      }
      boolean isOurs =
          checkpoint != null
              && checkpoint.journalId().equals(context.journalId())
              && checkpoint.laneIndex() == laneIndex;
      return isOurs ? checkpoint : null;
    } catch (IOException e) {
      event(new JournalEvent.DiskTrouble(laneIndex, which + " can't be read, not needed", e));
      return null;
    }
  }

  private Map<String, ScanFacts> scan(SegmentChain chain, Checkpoint checkpoint)
      throws IOException {
    Map<String, ScanFacts> scans = new HashMap<>();
    SegmentScan tail = null;
    boolean keepsNotes = context.options().noteDigest().isPresent();
    for (SegmentChain.Link link : chain.live()) {
      if (link.isTail() || link.isFollowedByGap()) {
        SegmentFacts facts = link.segment();
        SegmentFile file = segmentFiles.get(facts.name());
        SegmentReader reader = new SegmentReader(file, facts.use());
        boolean isHinted =
            link.isTail() && checkpoint != null && checkpoint.tail().equals(facts.use());
        long position = isHinted ? checkpoint.tailPosition() : SegmentHeaderLayout.BLOCK_BYTES;
        long sequence = isHinted ? checkpoint.tailSequence() : facts.firstSequence();
        CopyRepair.frames(file, facts.use(), position, file.fileBytes(), repairs(facts.name()));
        long vouched = link.isTail() ? nextSequenceOf(checkpoint) : link.endSequence();
        SegmentScan scan = SegmentScan.run(reader, position, sequence, vouched, keepsNotes);
        scans.put(facts.name(), scan.facts());
        tail = link.isTail() ? scan : tail;
        file.close();
      }
    }
    notes = NoteRecovery.run(context, laneIndex, used, segmentFiles, tail, checkpoint);
    return scans;
  }

  private static long nextSequenceOf(Checkpoint checkpoint) {
    return checkpoint == null ? 0 : checkpoint.nextSequence();
  }

  /** Makes sure that all of the last segment is on the disk before any of it is handed out. */
  private LaneStart.Tail secureTail(
      List<Segment> live,
      SegmentChain chain,
      Map<String, ScanFacts> scans,
      Checkpoint checkpoint,
      LaneFiles files)
      throws IOException {
    if (chain.live().isEmpty()) {
      return LaneStart.Tail.NONE;
    }
    SegmentFacts facts = chain.live().get(chain.live().size() - 1).segment();
    ScanFacts scan = scans.get(facts.name());
    LaneStart.Tail found = new LaneStart.Tail(facts.use(), scan.endPosition(), scan.endSequence());
    long hinted = Math.min(nextSequenceOf(checkpoint), scan.endSequence());
    long proven = Math.max(scan.provenSequence(), hinted);
    boolean isWanted = !live.isEmpty() && live.get(live.size() - 1).use().equals(facts.use());
    notes.commitBelow(proven);
    if (!isWanted || proven >= scan.endSequence()) {
      if (proven < scan.endSequence() && notes.isNeeded(facts)) {
        segmentFiles.get(facts.name()).file().force();
        segmentFiles.get(facts.name()).close();
      }
      notes.commitFrom(proven);
      return found;
    }
    Segment last = live.get(live.size() - 1);
    long from = notes.copiedFrom(facts, proven);
    byte[] digest = notes.digestFor(facts);
    SegmentReader reader = new SegmentReader(last.file(), last.use());
    SegmentUse use = new SegmentUse(++lastOrdinal, context.random().getAsLong());
    SegmentHeader header =
        new SegmentHeader(
            context.journalId(), laneIndex, facts.features(), use, from, acks.lowWater());
    Segment copy;
    try {
      copy =
          TailCopy.of(reader, SegmentHeaderLayout.BLOCK_BYTES, scan.endPosition(), from, proven)
              .write(files, header, digest);
    } catch (IOException e) {
      event(
          new JournalEvent.DiskTrouble(
              laneIndex, last.name() + " ends with frames that can't be written again", e));
      last.file().file().force();
      notes.commitFrom(proven);
      return found;
    }
    notes.commitFrom(proven);
    last.file().close();
    if (from <= last.firstSequence()) {
      live.remove(last);
      last.file().discard();
    }
    live.add(copy);
    digestHolder = digest == null ? null : copy;
    return new LaneStart.Tail(use, copy.file().fileBytes(), scan.endSequence());
  }

  private void apply(Repair repair, LaneFiles files) {
    if (repair instanceof Repair.TruncateTail torn) {
      event(
          new JournalEvent.TailTruncated(
              laneIndex, torn.segment(), torn.position(), torn.endSequence()));
    } else if (repair instanceof Repair.Quarantine bad) {
      quarantinedFrames++;
      quarantine(bad, files);
    } else if (repair instanceof Repair.ReportLoss loss) {
      acks.add(loss.firstSequence(), loss.endSequence());
      lostRecords += loss.endSequence() - loss.firstSequence();
      event(
          new JournalEvent.RecordsLost(
              laneIndex,
              directory.toString(),
              loss.firstSequence(),
              loss.endSequence(),
              JournalEvent.LossCause.valueOf(loss.cause().name())));
    } else if (repair instanceof Repair.Recycle recycle) {
      spares.add(segmentFiles.get(recycle.segment()));
    }
  }

  private void quarantine(Repair.Quarantine bad, LaneFiles files) {
    SegmentFile file = segmentFiles.get(bad.segment());
    IOException error = null;
    try {
      files.quarantine(file, bad.position(), bad.endPosition());
    } catch (IOException e) {
      error = e;
    }
    event(
        new JournalEvent.BytesQuarantined(
            laneIndex, bad.segment(), bad.position(), bad.endPosition(), error));
  }

  private void event(JournalEvent event) {
    context.listener().onEvent(event);
  }
}
