/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import io.millrace.rpc.frame.FrameDecoder;
import io.millrace.rpc.frame.FrameLimits;
import io.millrace.rpc.session.ServerDialect;
import io.millrace.rpc.session.ServerExchange;

/**
 * Facebook's Scribe as a server speaks it: frames of Thrift's binary protocol, with or without the
 * version in front.
 *
 * <pre>
 *   struct LogEntry { 1: string category, 2: string message }
 *   enum ResultCode { OK = 0, TRY_LATER = 1 }
 *   ResultCode Log(1: list&lt;LogEntry&gt; messages)
 * </pre>
 *
 * Immutable.
 */
public record ScribeDialect() implements ServerDialect {
  @Override
  public FrameDecoder newDecoder(FrameLimits limits) {
    return FrameDecoder.ofSingleBuffers(limits);
  }

  @Override
  public ServerExchange newExchange() {
    return new ThriftServerExchange(ThriftProtocol.BINARY, ThriftService.SCRIBE);
  }

  /** Thrift's clients take the next answer for that of their next call. */
  @Override
  public boolean answersInOrder() {
    return true;
  }
}
