/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.sim.SimTasks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** A journal without threads on a simulated disk: the test is the owner of its lanes. */
final class SimJournal {
  static final Path CHECKPOINTS = Path.of("/checkpoint");

  final SimTasks tasks = new SimTasks();
  final List<JournalEvent> events = new ArrayList<>();
  final Journal journal;
  private final long[] clock;

  private SimJournal(Disk disk, JournalOptions options, Random random, long[] clock) {
    this.clock = clock;
    this.journal =
        JournalOpener.open(
            options,
            disk,
            events::add,
            () -> clock[0],
            random::nextLong,
            laneIndex -> tasks,
            lanes -> new Turns(),
            (opened, directories, context) -> {});
  }

  /** The test calls {@link #step}. */
  private final class Turns implements LaneThreads {
    @Override
    public void add(Lane lane) {
      throw new UnsupportedOperationException("no directory is tried again here");
    }

    @Override
    public void close(long timeoutNanos) {
      finish(journal.lanes());
    }
  }

  /**
   * @param clock its only element is the time in nanoseconds
   */
  static SimJournal open(Disk disk, JournalOptions options, Random random, long[] clock) {
    return new SimJournal(disk, options, random, clock);
  }

  static Path lane(int index) {
    return Path.of("/lane" + index);
  }

  static JournalOptions.Builder options(int laneCount) {
    List<Path> lanes = new ArrayList<>();
    for (int i = 0; i < laneCount; i++) {
      lanes.add(lane(i));
    }
    return JournalOptions.in(CHECKPOINTS, lanes)
        .segmentBytes(32 * 1024)
        .reserveBytes(0)
        .checkpointInterval(Duration.ofSeconds(1));
  }

  void step() {
    journal.lanes().forEach(Lane::step);
  }

  /** Turns and background work until nothing is left to do. */
  void settle() {
    for (int i = 0; i < 50; i++) {
      step();
      while (tasks.runOne()) {
        step();
      }
    }
  }

  /** Whether each lane has two copies that hold everything. */
  boolean isInSync() {
    return journal.statistics().lanes().stream().allMatch(lane -> lane.copiesInSync() == 2);
  }

  void advance(Duration time) {
    clock[0] += time.toNanos();
  }

  private void finish(List<Lane> lanes) {
    for (Lane lane : lanes) {
      for (int i = 0; i < 50 && lane.hasUnfinishedAppends(); i++) {
        lane.step();
        while (tasks.runOne()) {
          lane.step();
        }
      }
      lane.finish();
    }
    while (tasks.runOne()) {
      // What is still to be deleted.
    }
  }
}
