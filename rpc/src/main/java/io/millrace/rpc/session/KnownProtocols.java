/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import java.util.LinkedHashSet;
import java.util.Set;

/**
 * Hashes of protocols that clients have named by text, so that their next connections need no
 * second round trip. Nothing else hangs on them: every call is checked as it comes. Shared by the
 * connections of a server; guarded by {@code this}.
 */
public final class KnownProtocols {
  /** Most hashes kept; the oldest goes first. */
  static final int MAX_HASHES = 256;

  private final Set<ProtocolHash> learnt = new LinkedHashSet<>();

  synchronized void learn(ProtocolHash hash) {
    if (learnt.add(hash) && learnt.size() > MAX_HASHES) {
      learnt.remove(learnt.iterator().next());
    }
  }

  synchronized boolean contains(ProtocolHash hash) {
    return EventProtocol.isOurs(hash) || learnt.contains(hash);
  }

  synchronized int learntCount() {
    return learnt.size();
  }
}
