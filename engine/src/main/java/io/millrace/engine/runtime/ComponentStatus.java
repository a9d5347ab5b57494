/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

/**
 * Where a component stands. Immutable.
 *
 * @param component its key, such as {@code SOURCE.r1}
 * @param detail why it is not running as it should, or what it waits for; else empty
 */
public record ComponentStatus(String component, State state, String detail) {
  /**
   * The states of a component's life. The gauge {@code ComponentState} shows them counted from 0.
   */
  public enum State {
    /** Not tried yet, or what it needs is not running. */
    WAITING,
    RUNNING,
    /** Its last start failed, or it did while it ran; the next try comes after a pause. */
    RETRYING,
    STOPPED,
    /** It failed while it ran and is being stopped, or must go on as it can. */
    FAILED,
    /**
     * It runs, but something of it has been under way for too long: a call, its start, its stop.
     */
    STUCK
  }
}
