/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.rpc.frame.FrameDecoder;
import io.millrace.rpc.frame.FrameLimits;

/** A protocol as a client speaks it: makes what each connection needs. Safe for many threads. */
public interface ClientDialect {
  /** What errors call the peer, such as "Avro server". */
  String serverKind();

  FrameDecoder newDecoder(FrameLimits limits);

  /**
   * @param ordered whether calls must be carried out in their order, whatever the server
   */
  ClientExchange newExchange(CallOutlet outlet, boolean ordered);
}
