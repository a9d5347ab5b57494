/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a look at the directories means for the followed files. Pure: facts in, steps out, each file
 * in at most one step; files that were there before those that are new, so that what was written
 * before a rotation is read before what was written after it. Immutable.
 */
record ScanPlan(List<Step> steps) {

  /** A path that a group follows, and what is there. */
  record Seen(FileGroup group, Path path, FileFacts facts) {}

  /** What the plan needs to know of a followed file. */
  record Known(FileId id, Path path, boolean isGone, long sizeBytes, long modifiedNanos) {
    static Known of(TailedFile file) {
      return new Known(file.id(), file.path(), file.isGone, file.sizeBytes, file.modifiedNanos);
    }
  }

  sealed interface Step permits Follow, Move, Refresh, Leave {}

  /** A file that is not followed yet; steps of this kind are sorted, oldest file first. */
  record Follow(Seen seen) implements Step {}

  /** A followed file under another name, or back under a followed name. */
  record Move(Seen seen) implements Step {}

  /** A followed file where it was; it may have grown, shrunk, or changed at the same size. */
  record Refresh(Seen seen, boolean isChanged) implements Step {}

  /** A followed file to which no followed path leads any more. */
  record Leave(FileId id) implements Step {}

  /**
   * @param seen in the order of the groups: the first group that has a file keeps it
   * @param unknowable paths that are there but can't be looked at: their files stay as they are
   */
  static ScanPlan of(List<Known> known, List<Seen> seen, Set<Path> unknowable) {
    Map<FileId, Known> knownById = new HashMap<>();
    for (Known file : known) {
      knownById.put(file.id(), file);
    }
    Map<FileId, Seen> chosen = chooseOnePathPerFile(knownById, seen);
    List<Step> steps = new ArrayList<>();
    List<Seen> unfollowed = new ArrayList<>();
    Set<FileId> present = new HashSet<>();
    for (Seen sighting : chosen.values()) {
      Known file = knownById.get(sighting.facts().id());
      if (file == null) {
        unfollowed.add(sighting);
        continue;
      }
      present.add(file.id());
      if (file.isGone() || !file.path().equals(sighting.path())) {
        steps.add(new Move(sighting));
      } else {
        boolean isChanged =
            file.sizeBytes() != sighting.facts().sizeBytes()
                || file.modifiedNanos() != sighting.facts().modifiedNanos();
        steps.add(new Refresh(sighting, isChanged));
      }
    }
    for (Known file : known) {
      if (!file.isGone() && !present.contains(file.id()) && !unknowable.contains(file.path())) {
        steps.add(new Leave(file.id()));
      }
    }
    unfollowed.sort(
        Comparator.comparingLong((Seen sighting) -> sighting.facts().modifiedNanos())
            .thenComparing(Seen::path));
    for (Seen sighting : unfollowed) {
      steps.add(new Follow(sighting));
    }
    return new ScanPlan(List.copyOf(steps));
  }

  /** Of several links to a file the known path stays, else the first seen. */
  private static Map<FileId, Seen> chooseOnePathPerFile(
      Map<FileId, Known> knownById, List<Seen> seen) {
    Map<FileId, Seen> chosen = new java.util.LinkedHashMap<>();
    for (Seen sighting : seen) {
      FileId id = sighting.facts().id();
      Known file = knownById.get(id);
      if (file != null && file.path().equals(sighting.path())) {
        chosen.put(id, sighting);
      } else {
        chosen.putIfAbsent(id, sighting);
      }
    }
    return chosen;
  }
}
