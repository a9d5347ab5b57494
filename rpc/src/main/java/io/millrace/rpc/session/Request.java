/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.api.EventBatch;
import java.util.Map;

/**
 * A call that a server received. The batch stands over the very array that the frame was received
 * into. Immutable.
 *
 * @param metadata the call's metadata; empty from a Flume peer
 * @param peer who sent it
 */
public record Request(Method method, EventBatch batch, Map<String, byte[]> metadata, Peer peer) {
  /** A call of an unknown peer. */
  public Request(Method method, EventBatch batch, Map<String, byte[]> metadata) {
    this(method, batch, metadata, Peer.UNKNOWN);
  }

  /** The same call, of that peer. */
  public Request from(Peer sender) {
    return new Request(method, batch, metadata, sender);
  }

  /** The same call with other events, as many. */
  public Request with(EventBatch events) {
    return new Request(method, events, metadata, peer);
  }
}
