/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.JournalException;
import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.codec.Compression;
import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.codec.UndecodableException;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.NewerFormatException;
import io.millrace.journal.format.SegmentFeatures;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.format.SequenceRange;
import io.millrace.journal.mirror.StoredCopies;
import io.millrace.journal.recovery.RecoveryPlan;
import io.millrace.journal.recovery.Repair;
import io.millrace.journal.recovery.ScanFacts;
import io.millrace.journal.recovery.SegmentChain;
import io.millrace.journal.recovery.SegmentFacts;
import io.millrace.journal.segment.CopyRepair;
import io.millrace.journal.segment.SegmentFile;
import io.millrace.journal.segment.SegmentReader;
import io.millrace.journal.segment.SegmentScan;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** A lane that was read, and the plan that a start would make for it. Confined to one thread. */
public final class LaneInspection {
  private final Path directory;
  private final int laneIndex;
  private final PayloadCodec codec;
  private final ReadOnlyDisk disk;
  private final LaneFacts facts;
  private final SegmentChain chain;
  private final Map<String, ScanFacts> scans = new HashMap<>();
  private final RecoveryPlan plan;
  private final List<Obstacle> obstacles = new ArrayList<>();
  private final LaneReport report;

  private LaneInspection(
      ReadOnlyDisk disk,
      Path directory,
      int laneIndex,
      PayloadCodec codec,
      LaneFacts facts,
      LaneReport.State state,
      Optional<StoredCopies> copies)
      throws IOException {
    this.disk = disk;
    this.directory = directory;
    this.laneIndex = laneIndex;
    this.codec = codec;
    this.facts = facts;
    chain = SegmentChain.of(facts.used, facts.acks);
    scan();
    long hinted = facts.checkpoint == null ? 0 : facts.checkpoint.nextSequence();
    plan = RecoveryPlan.of(chain, scans, facts.acks, hinted, segment -> false);
    report = makeReport(state, copies);
  }

  static LaneInspection of(
      ReadOnlyDisk disk,
      Path directory,
      int laneIndex,
      UUID journalId,
      InspectionTarget target,
      LaneReport.State state,
      Optional<StoredCopies> copies)
      throws IOException, NewerFormatException {
    LaneFacts facts = new LaneFacts(disk, directory, journalId, laneIndex);
    facts.read(target.checkpointDirectories());
    return new LaneInspection(disk, directory, laneIndex, target.codec(), facts, state, copies);
  }

  public LaneReport report() {
    return report;
  }

  List<Obstacle> obstacles() {
    return obstacles;
  }

  LaneFacts facts() {
    return facts;
  }

  int laneIndex() {
    return laneIndex;
  }

  PayloadCodec codec() {
    return codec;
  }

  SegmentChain chain() {
    return chain;
  }

  RecoveryPlan plan() {
    return plan;
  }

  /** A walk over the frames on the disk. */
  public LaneWalk walk() {
    return new LaneWalk(this);
  }

  private void scan() throws IOException {
    for (SegmentChain.Link link : chain.live()) {
      if (link.isTail() || link.isFollowedByGap()) {
        SegmentFacts segment = link.segment();
        SegmentReader reader = reader(segment);
        boolean isHinted =
            link.isTail()
                && facts.checkpoint != null
                && facts.checkpoint.tail().equals(segment.use());
        long position =
            isHinted ? facts.checkpoint.tailPosition() : SegmentHeaderLayout.BLOCK_BYTES;
        takeFromCopies(segment, position, facts.segmentFiles.get(segment.name()).fileBytes());
        scans.put(
            segment.name(),
            SegmentScan.run(
                    reader,
                    position,
                    isHinted ? facts.checkpoint.tailSequence() : segment.firstSequence(),
                    vouchedSequence(link),
                    false)
                .facts());
        facts.segmentFiles.get(segment.name()).close();
      }
    }
  }

  private long vouchedSequence(SegmentChain.Link link) {
    boolean isVouched = link.isTail() && facts.checkpoint != null;
    return link.isTail() ? (isVouched ? facts.checkpoint.nextSequence() : 0) : link.endSequence();
  }

  /** As a start does it, but in memory; whether anything was found in another copy. */
  boolean takeFromCopies(SegmentFacts segment, long from, long to) {
    return CopyRepair.frames(
        facts.segmentFiles.get(segment.name()),
        segment.use(),
        from,
        to,
        (position, endPosition, error) -> {});
  }

  /** Nothing more is read of the segment for now. */
  void leave(SegmentFacts segment) throws IOException {
    facts.segmentFiles.get(segment.name()).close();
    disk.forgetRepairs(directory.resolve(segment.name()));
  }

  SegmentReader reader(SegmentFacts segment) {
    return new SegmentReader(facts.segmentFiles.get(segment.name()), segment.use());
  }

  /** Behind the last sequence that the segment answers for. */
  long endOf(SegmentChain.Link link) {
    ScanFacts scan = scans.get(link.segment().name());
    return scan == null
        ? link.endSequence()
        : Math.max(link.firstSequence(), Math.min(scan.endSequence(), link.endSequence()));
  }

  /** Where reading may stop. */
  long endPositionOf(SegmentFacts segment) {
    ScanFacts scan = scans.get(segment.name());
    return scan == null ? facts.segmentFiles.get(segment.name()).fileBytes() : scan.endPosition();
  }

  /** What the next start says is lost, without reading every frame. */
  List<Repair.ReportLoss> plannedLosses() {
    return plan.repairs().stream()
        .filter(Repair.ReportLoss.class::isInstance)
        .map(Repair.ReportLoss.class::cast)
        .toList();
  }

  private LaneReport makeReport(LaneReport.State state, Optional<StoredCopies> copies)
      throws IOException {
    SequenceSet done = SequenceSet.below(facts.acks.lowWater());
    done.addAll(0, facts.acks.ranges());
    plannedLosses().forEach(loss -> done.add(loss.firstSequence(), loss.endSequence()));
    List<Damage> damages = new ArrayList<>(facts.damages);
    damages.addAll(plannedDamages());
    return new LaneReport(
        directory,
        laneIndex,
        state,
        "",
        facts.acks.lowWater(),
        plan.nextSequence(),
        done.missingCount(0, plan.nextSequence()),
        segments(done),
        facts.ackFiles,
        facts.checkpoints,
        facts.quarantined,
        facts.unfinished,
        usableBytes(),
        plan.repairs(),
        unfinishedRecords(),
        damages,
        copies);
  }

  private long usableBytes() {
    try {
      return disk.usableSpaceBytes(directory);
    } catch (IOException e) {
      return -1;
    }
  }

  private List<SegmentReport> segments(SequenceSet done) throws IOException {
    Set<String> live = new HashSet<>();
    plan.live().forEach(link -> live.add(link.segment().name()));
    List<SegmentReport> segments = new ArrayList<>();
    for (SegmentFacts free : chain.free()) {
      segments.add(
          segment(free, SegmentReport.Kind.FREE, free.firstSequence(), 0, Optional.empty()));
    }
    for (SegmentChain.Link link : chain.live()) {
      SegmentFacts segment = link.segment();
      boolean isLive = live.contains(segment.name());
      Optional<SegmentReport.Sample> sample = isLive ? sample(segment) : Optional.empty();
      long end = endOf(link);
      segments.add(
          segment(
              segment,
              isLive ? SegmentReport.Kind.LIVE : SegmentReport.Kind.FREE,
              end,
              done.missingCount(link.firstSequence(), end),
              sample));
    }
    segments.addAll(facts.others);
    return segments;
  }

  private SegmentReport segment(
      SegmentFacts segment,
      SegmentReport.Kind kind,
      long endSequence,
      long waiting,
      Optional<SegmentReport.Sample> sample) {
    return new SegmentReport(
        facts.fileReports.get(segment.name()),
        kind,
        segment.use().ordinal(),
        segment.firstSequence(),
        endSequence,
        waiting,
        segment.isSalvaged(),
        sample,
        "");
  }

  /** Looks at the first whole frame: at the first sealed one if the segment is sealed. */
  private Optional<SegmentReport.Sample> sample(SegmentFacts segment) throws IOException {
    boolean isSealed = (segment.features() & SegmentFeatures.SEALED) != 0;
    SegmentFile file = facts.segmentFiles.get(segment.name());
    try {
      SegmentReader reader = reader(segment);
      FrameHeader header = reader.findHeader(SegmentHeaderLayout.BLOCK_BYTES);
      while (header != null) {
        byte[] stored = reader.payload(header);
        if (stored != null && (!isSealed || header.keyId() != 0)) {
          return Optional.of(sample(segment, header, stored));
        }
        header = reader.findHeader(header.endPosition());
      }
      return Optional.empty();
    } finally {
      file.close();
    }
  }

  private SegmentReport.Sample sample(SegmentFacts segment, FrameHeader header, byte[] stored) {
    long plainBytes = -1;
    if (header.keyId() == 0) {
      boolean isPacked = header.codec() != Compression.NONE && stored.length >= Integer.BYTES;
      plainBytes = isPacked ? ByteBuffer.wrap(stored).getInt() : stored.length;
    } else {
      try {
        plainBytes =
            codec.decode(header.codec(), header.keyId(), stored, header.recordCount()).length;
      } catch (UndecodableException e) {
        obstacles.add(refusal(segment, e));
      }
    }
    return new SegmentReport.Sample(
        header.codec(), PayloadCodec.keyAlias(header.keyId(), stored), stored.length, plainBytes);
  }

  private Obstacle refusal(SegmentFacts segment, UndecodableException e) {
    JournalException.Code code =
        switch (e.reason()) {
          case KEY_MISSING -> JournalException.Code.KEY_MISSING;
          case KEY_WRONG -> JournalException.Code.KEY_WRONG;
          case MALFORMED -> JournalException.Code.FORMAT_NEWER;
        };
    return new Obstacle(code, directory.resolve(segment.name()) + ": " + e.getMessage());
  }

  /** Records of frames whose payload is torn behind the last valid frame. */
  private long unfinishedRecords() throws IOException {
    long count = 0;
    for (Repair repair : plan.repairs()) {
      if (repair instanceof Repair.TruncateTail torn) {
        SegmentFacts segment = chain.live().get(chain.live().size() - 1).segment();
        SegmentReader reader = reader(segment);
        FrameHeader header = reader.findHeader(torn.position());
        while (header != null) {
          count += header.firstSequence() >= torn.endSequence() ? header.recordCount() : 0;
          header = reader.findHeader(header.endPosition());
        }
        facts.segmentFiles.get(segment.name()).close();
      }
    }
    return count;
  }

  /** A quarantine comes before the losses that it explains. */
  private List<Damage> plannedDamages() {
    List<Damage> planned = new ArrayList<>();
    Repair.Quarantine where = null;
    for (Repair repair : plan.repairs()) {
      if (repair instanceof Repair.Quarantine bad) {
        where = bad;
      } else if (repair instanceof Repair.ReportLoss loss) {
        boolean isNowhere = loss.cause() == Repair.LossCause.MISSING_SEGMENT || where == null;
        planned.add(
            new Damage(
                laneIndex,
                kind(loss.cause()),
                isNowhere ? "" : where.segment(),
                isNowhere ? 0 : where.position(),
                isNowhere ? 0 : where.endPosition(),
                List.of(new SequenceRange(loss.firstSequence(), loss.endSequence()))));
      }
    }
    return planned;
  }

  static Damage.Kind kind(Repair.LossCause cause) {
    return switch (cause) {
      case DAMAGED_FRAMES -> Damage.Kind.DAMAGED_FRAMES;
      case UNFINISHED_WRITE -> Damage.Kind.UNFINISHED_WRITE;
      case MISSING_SEGMENT -> Damage.Kind.MISSING_SEGMENT;
    };
  }
}
