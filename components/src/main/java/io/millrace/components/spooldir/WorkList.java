/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Files that were begun and are not marked yet, and what is known of others. Confined to the
 * source's thread.
 */
final class WorkList {
  /** Most files that are begun and not marked: those in flight, and those that fail half-way. */
  static final int MAX_BEGUN = 200;

  /** Most bytes of their positions, before one more that is long. */
  static final int MAX_BEGUN_BYTES = 500_000;

  /** Most files that are left alone for a while after a failure. */
  private static final int MAX_POSTPONED = 100_000;

  /** Most finished files that are remembered where their names don't tell. */
  private static final int MAX_FINISHED = 200_000;

  private final Map<Path, SpooledFile> begun = new LinkedHashMap<>();
  private int begunBytes;
  private final Map<Path, Long> postponed = new HashMap<>();
  private final Map<Path, FileFacts> finished =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, FileFacts> eldest) {
          return size() > MAX_FINISHED;
        }
      };

  void begin(SpooledFile file) {
    SpooledFile before = begun.put(file.path(), file);
    if (before == null) {
      begunBytes += SavedPosition.maxEncodedBytes(file.name());
    }
  }

  void remove(SpooledFile file) {
    if (begun.remove(file.path(), file)) {
      begunBytes -= SavedPosition.maxEncodedBytes(file.name());
    }
  }

  Collection<SpooledFile> begun() {
    return begun.values();
  }

  /** As {@link #begun}, for a loop that removes some. */
  List<SpooledFile> copyOfBegun() {
    return new ArrayList<>(begun.values());
  }

  boolean hasRoom() {
    return begun.size() < MAX_BEGUN && begunBytes < MAX_BEGUN_BYTES;
  }

  /** Leaves a file alone until then. */
  void postpone(Path path, long untilNanos) {
    if (postponed.size() < MAX_POSTPONED) {
      postponed.put(path, untilNanos);
    }
  }

  /** Remembers that this file, as it is, is not to be read. */
  void finished(Path path, FileFacts facts) {
    finished.put(path, facts);
  }

  /** Forgets what is due again. */
  void refresh(long nowNanos) {
    postponed.values().removeIf(until -> nowNanos - until >= 0);
  }

  boolean isKnown(SpoolListing.Found found) {
    if (begun.containsKey(found.path()) || postponed.containsKey(found.path())) {
      return true;
    }
    FileFacts before = finished.get(found.path());
    return before != null && before.isUnchanged(found.facts());
  }
}
