/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

/** A call that waits for its answer. Immutable. */
public interface PendingCall {
  /** The frame that answers the call; empty when the caller wants none. */
  byte[] answer(Answer answer);
}
