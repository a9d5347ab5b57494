/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The copies of a lane as they lie on the disk, and which of them a start would read. Immutable.
 *
 * @param isLeftOut the one to be read was left out by one that is not there: what was appended
 *     since is missing
 * @param bytesToCopy what a start brings to the copy that is empty or stale
 */
public record StoredCopies(List<StoredCopy> copies, boolean isLeftOut, long bytesToCopy) {

  public StoredCopies {
    copies = List.copyOf(copies);
  }

  /** Those that a start reads, the preferred one first; none if no directory can be reached. */
  public List<Path> readDirectories() {
    return copies.stream()
        .filter(copy -> copy.state() == StoredCopy.State.IN_SYNC)
        .map(StoredCopy::directory)
        .toList();
  }

  /**
   * Reads the states, and nothing else.
   *
   * @param directories the data directory and the second copy's
   * @param foreign pairs that other lanes' data directories belong to
   */
  static StoredCopies of(
      Disk disk, List<Path> checkpointDirectories, List<Path> directories, Set<UUID> foreign) {
    MemberFacts[] facts = new MemberFacts[Membership.MEMBERS];
    String[] troubles = new String[Membership.MEMBERS];
    for (int member = 0; member < Membership.MEMBERS; member++) {
      troubles[member] = "";
      try {
        facts[member] = new MemberStore(disk, directories.get(member), member).facts(foreign);
      } catch (NoSuchFileException | FileNotFoundException e) {
        // A start makes the directory.
        facts[member] = new MemberFacts(true, null, false, false, false);
      } catch (IOException e) {
        facts[member] = MemberFacts.UNREACHABLE;
        troubles[member] = String.valueOf(e);
      }
    }
    CopyPlan plan = plan(disk, checkpointDirectories, facts);
    List<StoredCopy> copies = new ArrayList<>();
    for (int member = 0; member < Membership.MEMBERS; member++) {
      copies.add(
          new StoredCopy(
              directories.get(member), state(plan, facts[member], member), troubles[member]));
    }
    boolean isBehind =
        copies.stream()
            .map(StoredCopy::state)
            .anyMatch(each -> each == StoredCopy.State.EMPTY || each == StoredCopy.State.STALE);
    StoredCopies found = new StoredCopies(copies, plan.isStale(), 0);
    return isBehind && !found.readDirectories().isEmpty()
        ? new StoredCopies(copies, plan.isStale(), laneBytes(disk, found.readDirectories().get(0)))
        : found;
  }

  private static CopyPlan plan(Disk disk, List<Path> checkpointDirectories, MemberFacts[] facts) {
    CopyPlan plan = CopyPlan.of(facts[0], facts[1], null);
    CopyState known = facts[(plan.inSync() & CopyState.bit(0)) == 0 ? 1 : 0].state();
    return known == null || checkpointDirectories.isEmpty()
        ? plan
        : CopyPlan.of(
            facts[0],
            facts[1],
            CopyContext.readWitness(disk, checkpointDirectories.get(0), known.pairId()));
  }

  private static StoredCopy.State state(CopyPlan plan, MemberFacts facts, int member) {
    if (!facts.isReachable()) {
      return StoredCopy.State.UNREACHABLE;
    }
    if ((plan.inSync() & CopyState.bit(member)) != 0) {
      return StoredCopy.State.IN_SYNC;
    }
    if (plan.diverged() == member) {
      return StoredCopy.State.DIVERGED;
    }
    return facts.hasContent() ? StoredCopy.State.STALE : StoredCopy.State.EMPTY;
  }

  private static long laneBytes(Disk disk, Path directory) {
    long bytes = 0;
    try {
      for (String name : new MemberStore(disk, directory, 0).laneFiles()) {
        try (DiskFile file = disk.open(directory.resolve(name))) {
          bytes += file.sizeBytes();
        } catch (NoSuchFileException | FileNotFoundException e) {
          // Freed meanwhile by an agent that runs.
          continue;
        }
      }
    } catch (IOException e) {
      // Only a figure; who reads the lane is told.
      return bytes;
    }
    return bytes;
  }
}
