/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.JournalException;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.format.Checkpoint;
import io.millrace.journal.format.Identity;
import io.millrace.journal.format.NewerFormatException;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.format.SequenceRange;
import io.millrace.journal.mirror.CopySurvey;
import io.millrace.journal.mirror.StoredCopies;
import io.millrace.journal.segment.CheckpointStore;
import io.millrace.journal.segment.LaneFiles;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.UUID;

/**
 * A journal as it lies on the disk, read without a lock: somebody may have it open meanwhile.
 * Confined to one thread.
 */
public final class JournalInspection {
  private static final String JOURNAL_ID = "journal.id";
  private static final String LANE_ID = "lane.id";
  private static final long SANE_ID_BYTES = 4096;

  /** As it was given, for a second look. */
  private final ReadOnlyDisk plainDisk;

  private final InspectionTarget given;

  /** Reads each lane from the copies that a start would read. */
  private final ReadOnlyDisk disk;

  private final InspectionTarget target;
  private final CopySurvey copies;
  private final Map<Path, Identity> identities = new LinkedHashMap<>();
  private final Map<Path, LaneReport> unusable = new LinkedHashMap<>();
  private final Map<Path, Integer> indexes = new LinkedHashMap<>();
  private final TreeSet<Integer> knownLanes = new TreeSet<>();
  private final List<Obstacle> obstacles = new ArrayList<>();
  private final List<Damage> damages = new ArrayList<>();
  private final List<LaneInspection> lanes = new ArrayList<>();
  private final List<AbsentLane> absent = new ArrayList<>();
  private boolean isInUse;
  private boolean isCheckpointKnown;
  private UUID journalId;

  private JournalInspection(ReadOnlyDisk plainDisk, InspectionTarget given) {
    this.plainDisk = plainDisk;
    this.given = given;
    copies =
        CopySurvey.of(
            plainDisk, given.checkpointDirectories(), given.dataDirectories(), given.copies());
    Map<Path, List<Path>> read = new LinkedHashMap<>();
    copies
        .lanes()
        .forEach(
            (directory, lane) -> {
              if (!lane.readDirectories().isEmpty()) {
                read.put(directory, lane.readDirectories());
              }
            });
    disk = plainDisk.reading(read);
    List<Path> directories = new ArrayList<>(given.dataDirectories());
    copies.orphans().stream().filter(each -> !directories.contains(each)).forEach(directories::add);
    target =
        new InspectionTarget(
            given.checkpointDirectories(), directories, given.codec(), given.copies());
  }

  /**
   * Reads what a start would read, and a frame of each segment.
   *
   * @throws AccessDeniedException if this user may not read a file
   */
  public static JournalInspection of(ReadOnlyDisk disk, InspectionTarget target)
      throws IOException {
    JournalInspection inspection = new JournalInspection(disk, target);
    inspection.read();
    return inspection;
  }

  public JournalReport report() {
    List<LaneReport> reports = new ArrayList<>();
    for (Path directory : target.dataDirectories()) {
      LaneReport bad = unusable.get(directory);
      if (bad != null) {
        reports.add(bad);
      }
      lanes.stream()
          .map(LaneInspection::report)
          .filter(lane -> lane.directory().equals(directory))
          .forEach(reports::add);
    }
    List<Obstacle> all = new ArrayList<>(obstacles);
    lanes.forEach(lane -> all.addAll(lane.obstacles()));
    return new JournalReport(
        Optional.ofNullable(journalId),
        isInUse,
        isCheckpointKnown,
        reports,
        absent,
        all,
        damages,
        copying());
  }

  private JournalReport.Copying copying() {
    if (copies.lanes().isEmpty() && copies.orphans().isEmpty()) {
      return JournalReport.Copying.SINGLE;
    }
    return copies.isInOrder() && copies.orphans().isEmpty()
        ? JournalReport.Copying.PAIRED
        : JournalReport.Copying.UNCLEAR;
  }

  /** Those that can be read. */
  public List<LaneInspection> lanes() {
    return List.copyOf(lanes);
  }

  private void read() throws IOException {
    for (Path directory : target.checkpointDirectories()) {
      readCheckpointDirectory(directory);
    }
    for (Path directory : target.dataDirectories()) {
      readIdentity(directory);
    }
    settle();
    for (Map.Entry<Path, Integer> lane : indexes.entrySet()) {
      readLane(lane.getKey(), lane.getValue());
    }
    for (int laneIndex : knownLanes) {
      if (!indexes.containsValue(laneIndex)) {
        readAbsent(laneIndex);
      }
    }
  }

  private void readCheckpointDirectory(Path directory) throws IOException {
    try {
      List<String> names = disk.list(directory);
      isInUse |= isLocked(directory.resolve("journal.lock"));
      names.stream()
          .map(CheckpointStore::laneIndexOf)
          .filter(laneIndex -> laneIndex >= 0)
          .forEach(knownLanes::add);
      // A backup directory has none.
      if (names.contains(JOURNAL_ID)) {
        readIdentity(directory, JOURNAL_ID).ifPresent(id -> identities.put(directory, id));
      }
      isCheckpointKnown = true;
    } catch (NewerFormatException e) {
      obstacles.add(newer(directory, e));
    } catch (AccessDeniedException e) {
      throw e;
    } catch (IOException e) {
      damages.add(
          new Damage(
              Identity.NO_LANE, Damage.Kind.UNREADABLE, directory.toString(), 0, 0, List.of()));
    }
  }

  private void readIdentity(Path directory) throws IOException {
    try {
      List<String> names = disk.list(directory);
      for (Path place : placesOf(directory)) {
        isInUse |= isLocked(place.resolve("lane.lock"));
      }
      Optional<Identity> identity =
          names.contains(LANE_ID) ? readIdentity(directory, LANE_ID) : Optional.empty();
      if (identity.isEmpty()) {
        identity = identityFromSegments(directory, names);
      }
      identity.ifPresent(id -> identities.put(directory, id));
    } catch (NewerFormatException e) {
      unusable.put(
          directory, LaneReport.unusable(directory, LaneReport.State.NEWER, e.getMessage()));
      obstacles.add(newer(directory, e));
    } catch (AccessDeniedException e) {
      throw e;
    } catch (NoSuchFileException | FileNotFoundException e) {
      unusable.put(
          directory,
          LaneReport.unusable(directory, LaneReport.State.MISSING, "the directory is not there"));
    } catch (IOException e) {
      unusable.put(
          directory,
          LaneReport.unusable(directory, LaneReport.State.UNREADABLE, String.valueOf(e)));
    }
  }

  private List<Path> placesOf(Path directory) {
    StoredCopies lane = copies.lanes().get(directory);
    return lane == null || lane.readDirectories().isEmpty()
        ? List.of(directory)
        : lane.readDirectories();
  }

  private boolean isLocked(Path file) throws IOException {
    try {
      return disk.isLocked(file);
    } catch (AccessDeniedException e) {
      // Then nothing else of it can be read either, and that is said.
      return false;
    }
  }

  private Optional<Identity> readIdentity(Path directory, String name)
      throws IOException, NewerFormatException {
    try (DiskFile source = disk.open(directory.resolve(name))) {
      ByteBuffer content = ByteBuffer.allocate((int) Math.min(SANE_ID_BYTES, source.sizeBytes()));
      source.read(content, 0);
      Identity identity = Identity.decode(content.flip());
      if (identity == null) {
        damages.add(
            new Damage(
                Identity.NO_LANE,
                Damage.Kind.IDENTITY,
                directory.resolve(name).toString(),
                0,
                source.sizeBytes(),
                List.of()));
      }
      return Optional.ofNullable(identity);
    }
  }

  private Optional<Identity> identityFromSegments(Path directory, List<String> names)
      throws NewerFormatException {
    for (String name : names) {
      if (name.endsWith(LaneFiles.SEGMENT_SUFFIX)) {
        try (DiskFile source = disk.open(directory.resolve(name))) {
          ByteBuffer start = ByteBuffer.allocate(SegmentHeaderLayout.HEADER_BYTES);
          source.read(start, 0);
          SegmentHeader header = SegmentHeader.decode(start.flip());
          if (header != null) {
            return Optional.of(new Identity(header.journalId(), header.laneIndex()));
          }
        } catch (IOException e) {
          // Told when the lane is read.
        }
      }
    }
    return Optional.empty();
  }

  private static Obstacle newer(Path directory, NewerFormatException e) {
    return new Obstacle(JournalException.Code.FORMAT_NEWER, directory + ": " + e.getMessage());
  }

  /** Gives each directory its lane, as a start does. */
  private void settle() {
    journalId = identities.values().stream().map(Identity::journalId).findFirst().orElse(null);
    TreeSet<Integer> taken = new TreeSet<>(knownLanes);
    identities.forEach(
        (directory, identity) -> {
          boolean isLane = identity.laneIndex() != Identity.NO_LANE;
          if (!identity.journalId().equals(journalId)
              || isLane && indexes.containsValue(identity.laneIndex())) {
            foreign(directory, identity);
          } else if (isLane) {
            taken.add(identity.laneIndex());
            indexes.put(directory, identity.laneIndex());
          }
        });
    for (Path directory : target.dataDirectories()) {
      if (!indexes.containsKey(directory) && !unusable.containsKey(directory)) {
        int laneIndex = taken.isEmpty() ? 0 : taken.last() + 1;
        taken.add(laneIndex);
        indexes.put(directory, laneIndex);
      }
    }
  }

  private void foreign(Path directory, Identity identity) {
    String what =
        identity.laneIndex() == Identity.NO_LANE
            ? "the checkpoint directory of journal " + identity.journalId()
            : "lane " + identity.laneIndex() + " of journal " + identity.journalId();
    String message =
        "it is " + what + " (expected: of journal " + journalId + ", and each lane once)";
    obstacles.add(
        new Obstacle(JournalException.Code.FOREIGN_DIRECTORY, directory + ": " + message));
    if (target.dataDirectories().contains(directory)) {
      unusable.put(directory, LaneReport.unusable(directory, LaneReport.State.FOREIGN, message));
    }
  }

  private void readLane(Path directory, int laneIndex) throws IOException {
    LaneReport.State state =
        identities.containsKey(directory) ? LaneReport.State.USABLE : LaneReport.State.NEW;
    try {
      LaneInspection lane =
          LaneInspection.of(
              disk,
              directory,
              laneIndex,
              journalId,
              target,
              state,
              Optional.ofNullable(copies.lanes().get(directory)));
      lanes.add(lane);
      boolean hasIdentity = disk.exists(directory.resolve(LANE_ID));
      if (!hasIdentity && state == LaneReport.State.USABLE) {
        damages.add(
            new Damage(
                laneIndex,
                Damage.Kind.IDENTITY,
                directory.resolve(LANE_ID).toString(),
                0,
                0,
                List.of()));
      }
    } catch (NewerFormatException e) {
      unusable.put(
          directory, LaneReport.unusable(directory, LaneReport.State.NEWER, e.getMessage()));
      obstacles.add(newer(directory, e));
    } catch (AccessDeniedException e) {
      throw e;
    } catch (IOException e) {
      unusable.put(
          directory,
          LaneReport.unusable(directory, LaneReport.State.UNREADABLE, String.valueOf(e)));
    }
  }

  private void readAbsent(int laneIndex) throws IOException {
    for (Path directory : target.checkpointDirectories()) {
      Path file = LaneFacts.checkpointFile(directory, laneIndex);
      if (disk.exists(file)) {
        Checkpoint found = new CheckpointStore(disk, directory, laneIndex, false).read();
        absent.add(
            new AbsentLane(laneIndex, LaneFacts.report(disk, file, found, journalId, laneIndex)));
        return;
      }
    }
  }

  /**
   * Those damages that a second look still finds. A journal in use frees and writes files while
   * they are read, which looks like damage.
   */
  public List<Damage> confirm(List<Damage> seen) throws IOException {
    JournalInspection now = of(plainDisk, given);
    List<Damage> confirmed = new ArrayList<>();
    for (Damage damage : seen) {
      Optional<LaneInspection> lane =
          now.lanes.stream().filter(each -> each.laneIndex() == damage.laneIndex()).findFirst();
      if (lane.isEmpty()) {
        confirmed.add(damage);
      } else if (!damage.lost().isEmpty()) {
        List<SequenceRange> lost = new ArrayList<>();
        for (SequenceRange range : damage.lost()) {
          lost.addAll(lane.get().facts().acks.missing(range.first(), range.end()));
        }
        if (!lost.isEmpty()) {
          confirmed.add(
              new Damage(
                  damage.laneIndex(),
                  damage.kind(),
                  damage.file(),
                  damage.position(),
                  damage.endPosition(),
                  lost));
        }
      } else if (lane.get().report().damages().contains(damage)) {
        confirmed.add(damage);
      }
    }
    return confirmed;
  }
}
