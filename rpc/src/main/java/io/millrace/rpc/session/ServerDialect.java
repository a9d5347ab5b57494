/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.rpc.frame.FrameDecoder;
import io.millrace.rpc.frame.FrameLimits;

/** A protocol as a server speaks it: makes what each connection needs. Safe for many threads. */
public interface ServerDialect {
  FrameDecoder newDecoder(FrameLimits limits);

  ServerExchange newExchange();

  /** Whether answers go out in the order of the calls; else each as soon as it is there. */
  boolean answersInOrder();
}
