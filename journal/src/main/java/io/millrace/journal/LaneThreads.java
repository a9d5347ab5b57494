/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/** Who advances the lanes: threads of their own, or a simulator. Confined to open and close. */
interface LaneThreads {
  /** Advances one more lane. Never called during or after {@link #close}. */
  void add(Lane lane);

  /** Has every lane do its last turns, waiting at most that long for appends to be answered. */
  void close(long timeoutNanos);
}
