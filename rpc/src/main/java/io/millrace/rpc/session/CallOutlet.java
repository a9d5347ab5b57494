/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

/** Where a client's calls go. */
@FunctionalInterface
public interface CallOutlet {
  /** Sends {@code head}, then the call's payload; both together are one frame. */
  void send(byte[] head, Call call);
}
