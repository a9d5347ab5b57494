/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import io.millrace.api.EventBatch;
import io.millrace.rpc.frame.FrameDecoder;
import io.millrace.rpc.frame.FrameLimits;
import io.millrace.rpc.session.Call;
import io.millrace.rpc.session.CallOutlet;
import io.millrace.rpc.session.ClientDialect;
import io.millrace.rpc.session.ClientExchange;
import io.millrace.rpc.session.ServerDialect;
import io.millrace.rpc.session.ServerExchange;
import java.util.Optional;

/** Thrift RPC in one of its encodings. Immutable. */
public record ThriftDialect(ThriftProtocol protocol) implements ServerDialect, ClientDialect {
  /** Head of a call, at most. */
  private static final int MAX_HEAD_BYTES = 32;

  /**
   * The call that hands the batch on; empty when its frame would be longer than {@code
   * maxFrameBytes}.
   */
  public Optional<Call> appendBatch(EventBatch batch, int maxFrameBytes) {
    if (batch.encodedBytes() / 2 > maxFrameBytes) {
      // Far too long in any encoding: not worth the memory.
      return Optional.empty();
    }
    ThriftWriter arguments = BatchWriter.write(protocol, batch);
    return arguments.at > maxFrameBytes - MAX_HEAD_BYTES
        ? Optional.empty()
        : Optional.of(new Call(arguments.array, arguments.at));
  }

  @Override
  public String serverKind() {
    return "Thrift server";
  }

  @Override
  public FrameDecoder newDecoder(FrameLimits limits) {
    return FrameDecoder.ofSingleBuffers(limits);
  }

  @Override
  public ServerExchange newExchange() {
    return new ThriftServerExchange(protocol);
  }

  /** Thrift's clients take the next answer for that of their next call. */
  @Override
  public boolean answersInOrder() {
    return true;
  }

  /** A Thrift server keeps the order in any case. */
  @Override
  public ClientExchange newExchange(CallOutlet outlet, boolean ordered) {
    return new ThriftClientExchange(protocol, outlet);
  }
}
