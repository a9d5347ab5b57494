/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import java.net.InetAddress;

/** Says who may connect. Safe for many threads. */
@FunctionalInterface
public interface PeerFilter {
  PeerFilter ACCEPT_ALL = peer -> true;

  boolean accepts(InetAddress peer);

  /** Whether {@link #accepts} may wait for a name server; it is then kept off the event loops. */
  default boolean mayBlock() {
    return false;
  }
}
