/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import io.millrace.journal.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/**
 * Which data directories have a second copy, and where, as a configuration or the state files say.
 * Immutable; looks only.
 *
 * @param lanes by data directory; those without a second copy are not in it
 * @param orphans second copies of lanes whose data directory was not named
 * @param isInOrder each second copy is in the next of the directories, as the journal wants it
 */
public record CopySurvey(Map<Path, StoredCopies> lanes, List<Path> orphans, boolean isInOrder) {

  /**
   * @param copies as configured; empty asks the state files
   */
  public static CopySurvey of(
      Disk disk, List<Path> checkpointDirectories, List<Path> dataDirectories, OptionalInt copies) {
    if (copies.isPresent() && copies.getAsInt() == 1) {
      return new CopySurvey(Map.of(), List.of(), true);
    }
    Map<Path, UUID> own = new LinkedHashMap<>();
    Map<Path, UUID> held = new LinkedHashMap<>();
    for (Path directory : dataDirectories) {
      read(disk, directory, directory, own);
      read(disk, MirrorDisk.copyDirectory(directory), directory, held);
    }
    if (copies.isEmpty() && own.isEmpty() && held.isEmpty()) {
      return new CopySurvey(Map.of(), List.of(), true);
    }
    Map<Path, Path> holders =
        copies.isPresent() ? inOrder(dataDirectories) : matched(dataDirectories, own, held);
    List<Path> orphans = new ArrayList<>();
    held.forEach(
        (holder, pair) -> {
          if (copies.isEmpty() && !holders.containsValue(holder)) {
            orphans.add(MirrorDisk.copyDirectory(holder));
          }
        });
    Map<Path, StoredCopies> lanes = new LinkedHashMap<>();
    holders.forEach(
        (directory, holder) -> {
          Set<UUID> foreign = new HashSet<>();
          own.forEach(
              (other, pair) -> {
                if (!other.equals(directory)) {
                  foreign.add(pair);
                }
              });
          List<Path> both = List.of(directory, MirrorDisk.copyDirectory(holder));
          lanes.put(directory, StoredCopies.of(disk, checkpointDirectories, both, foreign));
        });
    return new CopySurvey(lanes, orphans, holders.equals(inOrder(dataDirectories)));
  }

  private static void read(Disk disk, Path directory, Path key, Map<Path, UUID> pairs) {
    try {
      CopyState state = new CopyStateFile(disk, directory, CopyStateFile.NAME).read();
      if (state != null) {
        pairs.put(key, state.pairId());
      }
    } catch (IOException e) {
      // It claims nothing that it can't be asked for; who reads it is told.
    }
  }

  private static Map<Path, Path> inOrder(List<Path> directories) {
    Map<Path, Path> holders = new LinkedHashMap<>();
    for (int i = 0; i < directories.size() && directories.size() > 1; i++) {
      holders.put(directories.get(i), directories.get((i + 1) % directories.size()));
    }
    return holders;
  }

  /** By what the states say; of two directories, each can only be the other's. */
  private static Map<Path, Path> matched(
      List<Path> directories, Map<Path, UUID> own, Map<Path, UUID> held) {
    Map<UUID, Path> holderOf = new HashMap<>();
    held.forEach((holder, pair) -> holderOf.put(pair, holder));
    Map<Path, Path> holders = new LinkedHashMap<>();
    for (Path directory : directories) {
      UUID pair = own.get(directory);
      Path holder = pair == null ? null : holderOf.get(pair);
      boolean isFound = holder != null && !holder.equals(directory);
      if (isFound) {
        holders.put(directory, holder);
      } else if (directories.size() == Membership.MEMBERS) {
        holders.put(directory, inOrder(directories).get(directory));
      }
    }
    return holders;
  }
}
