/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Positions of files that are not followed now: those of the position file until their file is
 * seen, and those of files that went away and may come back. Confined to the source's thread.
 */
final class Remembered {
  /** Most files that went away; the oldest are forgotten first. */
  static final int MAX_LEFT = 1000;

  /**
   * Most positions of files that were not found when all was looked at, compressed files included;
   * the oldest are forgotten first. A file that was deleted while nobody looked cannot be told from
   * one whose volume is not mounted yet.
   */
  static final int MAX_LOADED = 10_000;

  /** By inode, oldest first; files of several devices may share one. */
  private final Map<Long, List<Position>> loaded = new LinkedHashMap<>();

  private final Map<FileId, Position> left =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<FileId, Position> eldest) {
          return size() > MAX_LEFT;
        }
      };

  /** Ends of contents that were truncated, newest last; their copies may come compressed. */
  private final ArrayDeque<Position> ended = new ArrayDeque<>();

  void ended(Position position) {
    ended.add(position);
    if (ended.size() > MAX_LEFT) {
      ended.remove();
    }
  }

  /** Every position known of what is not followed now. */
  List<Position> all() {
    List<Position> all = loaded();
    all.addAll(left.values());
    all.addAll(ended);
    return all;
  }

  void load(List<Position> positions) {
    for (Position position : positions) {
      loaded.computeIfAbsent(position.inode(), inode -> new ArrayList<>()).add(position);
    }
  }

  void left(TailedFile file) {
    left.remove(file.id());
    left.put(file.id(), file.position());
  }

  /** The position known for the file, which is forgotten here; null when there is none. */
  Position take(FileId id, Path path) {
    Position position = left.remove(id);
    if (position != null) {
      return position;
    }
    List<Position> sameInode = loaded.get(id.inode());
    if (sameInode == null) {
      return null;
    }
    Position best = sameInode.get(sameInode.size() - 1);
    for (Position candidate : sameInode) {
      if (candidate.path().equals(path)) {
        best = candidate;
      }
    }
    sameInode.remove(best);
    if (sameInode.isEmpty()) {
      loaded.remove(id.inode());
    }
    return best;
  }

  /** Loaded positions that no file was found for, oldest first. */
  List<Position> loaded() {
    List<Position> found = new ArrayList<>();
    loaded.values().forEach(found::addAll);
    return found;
  }

  /** Forgets the oldest loaded positions beyond {@link #MAX_LOADED}; how many that were. */
  int forgetOldest() {
    int excess = -MAX_LOADED;
    for (List<Position> sameInode : loaded.values()) {
      excess += sameInode.size();
    }
    int forgotten = 0;
    Iterator<List<Position>> oldest = loaded.values().iterator();
    while (forgotten < excess) {
      forgotten += oldest.next().size();
      oldest.remove();
    }
    return forgotten;
  }

  /** Those of {@link #loaded} in the directory, by inode. */
  Map<Long, List<Position>> loadedIn(Path directory) {
    Map<Long, List<Position>> found = new LinkedHashMap<>();
    loaded.forEach(
        (inode, sameInode) -> {
          for (Position position : sameInode) {
            if (directory.equals(position.path().getParent())) {
              found.computeIfAbsent(inode, key -> new ArrayList<>()).add(position);
            }
          }
        });
    return found;
  }
}
