/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

/**
 * A copy of a lane's checkpoint. Immutable.
 *
 * @param waitingRecords not acknowledged when it was written; 0 unless it is valid
 */
public record CheckpointReport(FileReport file, State state, long waitingRecords) {
  /** Whether recovery can use it. */
  public enum State {
    VALID,
    /** Its checksum does not match: it is done without, and costs nothing. */
    DAMAGED,
    /** Of another journal or lane. */
    FOREIGN
  }
}
