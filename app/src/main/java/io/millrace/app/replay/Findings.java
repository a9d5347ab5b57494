/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** What was left out of a replay, and why. Bounded; confined to one thread. */
final class Findings {
  /** Those that are kept with their text; the others are counted. */
  static final int MAX_KEPT = 10_000;

  private final List<Finding> kept = new ArrayList<>();
  private final Map<Finding.Kind, Long> counts = new EnumMap<>(Finding.Kind.class);
  private long lostEvents;

  void add(Finding finding) {
    if (kept.size() < MAX_KEPT) {
      kept.add(finding);
    }
    counts.merge(finding.kind(), 1L, Long::sum);
    lostEvents += Math.max(0, finding.events());
  }

  FileFindings of(int fileIndex, StoredFile file) {
    return new FileFindings(this, fileIndex, file);
  }

  /** Those of files before this one, as far as they were kept. */
  List<Finding> before(int fileIndex) {
    return kept.stream().filter(finding -> finding.fileIndex() < fileIndex).toList();
  }

  List<Finding> kept() {
    return List.copyOf(kept);
  }

  long count() {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /** Events known to have been in what was left out. */
  long lostEvents() {
    return lostEvents;
  }

  boolean hasProblems() {
    return counts.keySet().stream().anyMatch(kind -> kind != Finding.Kind.STILL_WRITTEN);
  }
}
