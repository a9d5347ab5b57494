/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import java.util.List;
import java.util.UUID;

/**
 * How far a job is. Immutable.
 *
 * @param journal the job's, so that no progress is taken for that of another
 * @param acknowledgedEnd number behind the last event of which this and all before are acknowledged
 * @param acknowledgedEvents how many that are, over all runs
 * @param findings in files that are done
 */
record ReplayProgress(
    UUID journal,
    long acknowledgedEnd,
    long acknowledgedEvents,
    boolean isComplete,
    List<Finding> findings) {
  ReplayProgress {
    findings = List.copyOf(findings);
  }

  static ReplayProgress none(UUID journal) {
    return new ReplayProgress(journal, 0, 0, false, List.of());
  }
}
