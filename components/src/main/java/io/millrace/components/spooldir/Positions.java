/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import io.millrace.kit.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Keeps the position file in step with the files: written whenever positions have moved, synced
 * every {@link #SYNC_NANOS}. A file that is marked keeps its position until its mark is on the
 * disk. Confined to the source's thread.
 */
final class Positions {
  static final long SYNC_NANOS = 1_000_000_000;

  /** Most marks that are not synced. */
  static final int MAX_UNSYNCED_MARKS = 500;

  /**
   * Most bytes of these, before one more that is long. With {@link WorkList#MAX_BEGUN_BYTES} all
   * positions fit a slot.
   */
  private static final int MAX_UNSYNCED_BYTES = 400_000;

  private final PositionSlots slots;
  private final Path file;
  private final Path trackerDirectory;
  private final SpoolTroubles troubles;
  private final List<SavedPosition> marked = new ArrayList<>();
  private int markedBytes;
  private final Set<Path> markDirectories = new LinkedHashSet<>();
  private boolean isMoved;
  private boolean isFlumesKept = true;
  private long syncDueNanos;

  Positions(PositionSlots slots, Path file, SpoolTroubles troubles, long nowNanos) {
    this.slots = slots;
    this.file = file;
    this.trackerDirectory = file.getParent();
    this.troubles = troubles;
    this.syncDueNanos = nowNanos + SYNC_NANOS;
  }

  void moved() {
    isMoved = true;
  }

  /** A file was marked, by an entry in the directory. */
  void marked(SavedPosition position, Path directory) {
    marked.add(position);
    markedBytes += SavedPosition.maxEncodedBytes(position.path());
    markDirectories.add(directory);
    isMoved = true;
  }

  /** Whether a mark more can wait for its sync. */
  boolean hasRoom() {
    return marked.size() < MAX_UNSYNCED_MARKS && markedBytes < MAX_UNSYNCED_BYTES;
  }

  /** Time until the next sync; {@link Long#MAX_VALUE} when nothing waits for it. */
  long nanosUntilSync(long nowNanos) {
    return isMoved || slots.isUnsynced() ? Math.max(0, syncDueNanos - nowNanos) : Long.MAX_VALUE;
  }

  /** Writes what has moved; syncs when that is due. */
  void save(Collection<SpooledFile> begun, long nowNanos) {
    boolean isSyncDue = nowNanos - syncDueNanos >= 0 || !hasRoom();
    try {
      if (isSyncDue) {
        sync(begun);
      } else if (isMoved) {
        write(begun);
      }
    } catch (IOException e) {
      troubles.notSaved(file, e);
    }
    if (isSyncDue) {
      syncDueNanos = nowNanos + SYNC_NANOS;
    }
  }

  /** Writes and syncs. */
  void sync(Collection<SpooledFile> begun) throws IOException {
    if (!isMoved && !slots.isUnsynced()) {
      return;
    }
    for (Path directory : markDirectories) {
      if (Files.isDirectory(directory)) {
        WholeFile.syncDirectory(directory);
      }
    }
    markDirectories.clear();
    marked.clear();
    markedBytes = 0;
    write(begun);
    slots.sync();
    if (isFlumesKept) {
      FlumeProgress.setAside(trackerDirectory);
      isFlumesKept = false;
    }
  }

  private void write(Collection<SpooledFile> begun) throws IOException {
    List<SavedPosition> positions = new ArrayList<>(begun.size() + marked.size());
    for (SpooledFile begunFile : begun) {
      positions.add(begunFile.position(false));
    }
    positions.addAll(marked);
    slots.write(positions);
    isMoved = false;
  }
}
