/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.rpc.frame.FrameDecoder;
import io.millrace.rpc.frame.FrameLimits;

/**
 * Avro RPC. One for a server, whose connections share what clients have told of their protocols.
 * Safe for many threads.
 */
public final class AvroDialect implements ServerDialect, ClientDialect {
  private final KnownProtocols protocols = new KnownProtocols();

  @Override
  public String serverKind() {
    return "Avro server";
  }

  @Override
  public FrameDecoder newDecoder(FrameLimits limits) {
    return new FrameDecoder(limits);
  }

  @Override
  public ServerExchange newExchange() {
    return new ServerSession(protocols);
  }

  /** Answers carry the serial of their call. */
  @Override
  public boolean answersInOrder() {
    return false;
  }

  @Override
  public ClientExchange newExchange(CallOutlet outlet, boolean ordered) {
    return new ClientSession(outlet, ordered);
  }
}
