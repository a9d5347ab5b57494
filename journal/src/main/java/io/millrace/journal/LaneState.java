/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * What a lane is able to do.
 *
 * @since 0.1
 */
public enum LaneState {
  /** Takes appends and hands out records. */
  SERVING,
  /** Refuses appends for want of space, hands out records, and resumes when space returns. */
  FULL,
  /** Refuses appends since writing failed, hands out records, and resumes when a probe succeeds. */
  FAILED,
  /** A defect of ours stopped it: nothing until the next start. */
  STOPPED
}
