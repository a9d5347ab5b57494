/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

/**
 * Where a component stands. Immutable.
 *
 * @param component its key, such as {@code SOURCE.r1}
 * @param detail why it is not running, or empty
 */
public record ComponentStatus(String component, State state, String detail) {
  /** The states of a component's life. */
  public enum State {
    /** Not tried yet, or what it needs is not running. */
    WAITING,
    RUNNING,
    /** Its last start failed; the next try comes after a pause. */
    RETRYING,
    STOPPED
  }
}
