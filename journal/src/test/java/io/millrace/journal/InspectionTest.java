/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.format.SequenceRange;
import io.millrace.journal.inspect.Damage;
import io.millrace.journal.inspect.InspectionTarget;
import io.millrace.journal.inspect.JournalInspection;
import io.millrace.journal.inspect.JournalReport;
import io.millrace.journal.inspect.LaneInspection;
import io.millrace.journal.inspect.LaneReport;
import io.millrace.journal.inspect.ReadOnlyDisk;
import io.millrace.journal.sim.SimDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What an inspection says of a journal is what a start of it then does. */
class InspectionTest {
  private static final int RUNS = Integer.getInteger("millrace.inspection.runs", 400);
  private static final long FIRST_SEED = Long.getLong("millrace.inspection.seed", 1);
  private static final int LANES = 2;

  /** The result of an inspection, in one place. */
  private record Predicted(Map<Integer, List<SequenceRange>> lost, long waiting) {}

  @Test
  void whatDamageCostsIsWhatAStartThenLoses() throws Exception {
    assertThat(runs(1)).as("runs with losses").isGreaterThan(RUNS / 10);
  }

  @Test
  void withTwoCopiesOnlyWhatBothHaveLostIsLost() throws Exception {
    assertThat(runs(2)).as("runs with losses").isBetween(1, RUNS / 5);
  }

  /** The number of runs in which something was lost. */
  private static int runs(int copies) throws Exception {
    int withLosses = 0;
    for (long seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed++) {
      Random random = new Random(seed);
      SimDisk disk = new SimDisk(new Random(seed));
      disk.createDirectories(copyIn(0));
      disk.createDirectories(copyIn(1));
      live(disk, random, copies);
      for (int i = random.nextInt(4); i > 0; i--) {
        damage(disk, random, copies);
      }
      if (copies == 2 && random.nextInt(4) == 0) {
        empty(disk, SimJournal.lane(random.nextInt(LANES)));
      }
      long callsBefore = disk.callCount();
      Predicted predicted = inspect(disk, copies);
      assertThat(disk.callCount()).as("seed %d: writes", seed).isEqualTo(callsBefore);

      SimJournal sim = open(disk, random, copies);
      long waiting = sim.journal.recordCount();
      long drained = drain(sim);

      assertThat(lost(sim)).as("seed %d: lost", seed).isEqualTo(predicted.lost());
      assertThat(waiting).as("seed %d: waiting", seed).isEqualTo(predicted.waiting());
      assertThat(drained).as("seed %d: delivered", seed).isLessThanOrEqualTo(waiting);
      withLosses += predicted.lost().isEmpty() ? 0 : 1;
    }
    return withLosses;
  }

  private static SimJournal open(SimDisk disk, Random random, int copies) {
    return SimJournal.open(
        disk,
        SimJournal.options(LANES)
            .copies(copies)
            .tailCacheBytes(0)
            .noteDigest(new SimNotes(0, new HashSet<>()))
            .build(),
        new Random(random.nextLong()),
        new long[1]);
  }

  /** Some appends, takes and restarts; ends closed, killed or without power. */
  private static void live(SimDisk disk, Random random, int copies) {
    for (int life = random.nextInt(3); life >= 0; life--) {
      // A life with one copy leaves the other one stale.
      boolean isAlone = copies == 2 && random.nextInt(4) == 0;
      SimJournal sim = open(disk, random, isAlone ? 1 : copies);
      for (int i = 5 + random.nextInt(25); i > 0; i--) {
        int records = 1 + random.nextInt(5);
        byte[] payload = new byte[records * 16 + random.nextInt(6_000)];
        random.nextBytes(payload);
        byte[] note = SimNotes.noteOf(i, random.nextInt(random.nextInt(6_000) + 1));
        sim.journal.append(payload, 0, payload.length, records, note);
        if (random.nextInt(3) > 0) {
          sim.settle();
        }
        if (random.nextInt(4) == 0) {
          sim.settle();
          take(sim, random);
        }
        if (random.nextInt(20) == 0) {
          sim.advance(java.time.Duration.ofSeconds(2));
        }
      }
      switch (random.nextInt(3)) {
        case 0 -> sim.journal.close();
        case 1 -> disk.kill();
        default -> disk.crash();
      }
    }
  }

  private static void take(SimJournal sim, Random random) {
    Lease lease = sim.journal.poll(1 + random.nextInt(20), 1 << 20);
    if (lease != null) {
      int from = random.nextInt(lease.recordCount());
      lease.acknowledge(from, from + 1 + random.nextInt(lease.recordCount() - from));
      lease.release();
      sim.settle();
    }
  }

  private static void damage(SimDisk disk, Random random, int copies) throws Exception {
    List<Path> files = new ArrayList<>();
    List<Path> directories =
        new ArrayList<>(List.of(SimJournal.lane(0), SimJournal.lane(1), SimJournal.CHECKPOINTS));
    if (copies == 2) {
      directories.addAll(List.of(copyIn(0), copyIn(1)));
    }
    for (Path directory : directories) {
      disk.list(directory).stream()
          .filter(name -> !name.endsWith(".lock"))
          .forEach(name -> files.add(directory.resolve(name)));
    }
    Path file = files.get(random.nextInt(files.size()));
    byte[] content = disk.content(file);
    switch (random.nextInt(5)) {
      case 0 -> disk.lose(file);
      case 1 -> {
        int from = random.nextInt(content.length + 1);
        int to = Math.min(content.length, from + random.nextInt(8_192));
        Arrays.fill(content, from, to, (byte) 0);
        disk.overwrite(file, content);
      }
      default -> {
        if (content.length > 0) {
          int limit = random.nextBoolean() ? content.length : Math.min(content.length, 12_000);
          content[random.nextInt(limit)] ^= (byte) (1 << random.nextInt(8));
          disk.overwrite(file, content);
        }
      }
    }
  }

  private static Path copyIn(int laneIndex) {
    return SimJournal.lane(laneIndex).resolve("copy");
  }

  /** What a new disk in the place of a lost one looks like. */
  private static void empty(SimDisk disk, Path directory) throws Exception {
    for (Path each : List.of(directory, directory.resolve("copy"))) {
      for (String name : disk.list(each)) {
        disk.lose(each.resolve(name));
      }
    }
  }

  private static InspectionTarget target(OptionalInt copies) {
    return new InspectionTarget(
        List.of(SimJournal.CHECKPOINTS),
        List.of(SimJournal.lane(0), SimJournal.lane(1)),
        PayloadCodec.plain(),
        copies);
  }

  private static Predicted inspect(SimDisk disk, int copies) throws Exception {
    JournalInspection inspection =
        JournalInspection.of(ReadOnlyDisk.over(disk), target(OptionalInt.of(copies)));
    Map<Integer, SequenceSet> lost = new TreeMap<>();
    for (LaneInspection lane : inspection.lanes()) {
      for (Damage damage : lane.walk().run(frame -> true).damages()) {
        for (SequenceRange range : damage.lost()) {
          lost.computeIfAbsent(lane.report().laneIndex(), index -> SequenceSet.below(0))
              .add(range.first(), range.end());
        }
      }
    }
    assertThat(inspection.report().obstacles()).isEmpty();
    return new Predicted(ranges(lost), inspection.report().waitingRecords());
  }

  private static Map<Integer, List<SequenceRange>> ranges(Map<Integer, SequenceSet> sets) {
    Map<Integer, List<SequenceRange>> ranges = new TreeMap<>();
    sets.forEach(
        (lane, set) -> {
          List<SequenceRange> all = new ArrayList<>(set.ranges());
          if (set.lowWater() > 0) {
            all.add(0, new SequenceRange(0, set.lowWater()));
          }
          ranges.put(lane, all);
        });
    return ranges;
  }

  private static long drain(SimJournal sim) {
    sim.settle();
    long count = 0;
    for (Lease lease = sim.journal.poll(100, 1 << 20);
        lease != null;
        lease = sim.journal.poll(100, 1 << 20)) {
      count += lease.recordCount();
      lease.acknowledge();
    }
    sim.settle();
    return count;
  }

  private static Map<Integer, List<SequenceRange>> lost(SimJournal sim) {
    Map<Integer, SequenceSet> lost = new TreeMap<>();
    for (JournalEvent event : sim.events) {
      if (event instanceof JournalEvent.RecordsLost loss) {
        lost.computeIfAbsent(loss.laneIndex(), index -> SequenceSet.below(0))
            .add(loss.firstSequence(), loss.endSequence());
      }
    }
    return ranges(lost);
  }

  @Test
  void aDirectoryThatIsNotThereIsToldAndSoIsTheLaneThatIsMissed() throws Exception {
    SimDisk disk = new SimDisk(new Random(3));
    live(disk, new Random(3), 1);
    open(disk, new Random(3), 1).journal.close();
    JournalReport report =
        JournalInspection.of(
                ReadOnlyDisk.over(disk),
                new InspectionTarget(
                    List.of(SimJournal.CHECKPOINTS),
                    List.of(SimJournal.lane(0)),
                    PayloadCodec.plain(),
                    OptionalInt.empty()))
            .report();

    assertThat(report.lanes()).hasSize(1);
    assertThat(report.lanes().get(0).state()).isEqualTo(LaneReport.State.USABLE);
    assertThat(report.absentLanes()).hasSize(1);
    assertThat(report.absentLanes().get(0).laneIndex()).isEqualTo(1);
  }

  @Test
  void aJournalThatIsOpenIsSaidToBeInUse() throws Exception {
    SimDisk disk = new SimDisk(new Random(3));
    SimJournal sim = open(disk, new Random(3), 1);

    assertThat(
            JournalInspection.of(ReadOnlyDisk.over(disk), target(OptionalInt.empty()))
                .report()
                .isInUse())
        .isTrue();
    sim.journal.close();
    assertThat(
            JournalInspection.of(ReadOnlyDisk.over(disk), target(OptionalInt.empty()))
                .report()
                .isInUse())
        .isFalse();
  }
}
