/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.EventBatch;
import io.millrace.api.RejectedException;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Call;
import io.millrace.rpc.thrift.ThriftDialect;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.RpcClient;
import io.millrace.rpc.transport.RpcConnection;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;

/** Connects over Thrift RPC. Confined to the sender's thread; its links are safe for many. */
final class ThriftDialer implements Dialer {
  private final ThriftDialect dialect;
  private final int maxFrameBytes;
  private final ClientSettings settings;
  private final RpcClient client;

  ThriftDialer(ThriftOptions options, ClientSettings settings, ThreadFactory threads) {
    this.dialect = new ThriftDialect(options.protocol());
    this.maxFrameBytes = (int) options.maxFrameSize().bytes();
    this.settings = settings;
    this.client = new RpcClient(dialect, settings, threads);
  }

  @Override
  public Link dial() {
    return new ThriftLink(client.connect());
  }

  @Override
  public void close() {
    client.close();
  }

  /** Calls that carry the batch in its order, as few as halving makes; each within the frame. */
  private Deque<Call> calls(EventBatch batch) {
    Deque<Call> calls = new ArrayDeque<>();
    Deque<EventBatch> uncut = new ArrayDeque<>();
    uncut.add(batch);
    while (!uncut.isEmpty()) {
      EventBatch piece = uncut.poll();
      Optional<Call> call = dialect.appendBatch(piece, maxFrameBytes);
      if (call.isPresent()) {
        calls.add(call.get());
      } else if (piece.eventCount() == 1) {
        throw new RejectedException(
            "Thrift server "
                + settings.target()
                + ": an event of "
                + piece.encodedBytes()
                + " bytes takes a longer frame than the server does (maxFrameSize: "
                + maxFrameBytes
                + " bytes); nothing was sent");
      } else {
        int middle = piece.eventCount() / 2;
        uncut.addFirst(piece.slice(middle, piece.eventCount()));
        uncut.addFirst(piece.slice(0, middle));
      }
    }
    return calls;
  }

  private final class ThriftLink implements Link {
    private final RpcConnection connection;

    ThriftLink(RpcConnection connection) {
      this.connection = connection;
    }

    @Override
    public CompletableFuture<Answer> appendBatch(EventBatch batch) {
      try {
        return send(calls(batch));
      } catch (RejectedException e) {
        return CompletableFuture.failedFuture(e);
      }
    }

    /** Each after the one before is taken, so that a failure leaves what comes after it unsent. */
    private CompletableFuture<Answer> send(Deque<Call> calls) {
      CompletableFuture<Answer> answered = connection.call(calls.poll());
      return calls.isEmpty()
          ? answered
          : answered.thenCompose(
              answer ->
                  answer == Answer.Status.OK
                      ? send(calls)
                      : CompletableFuture.completedFuture(answer));
    }

    @Override
    public CompletableFuture<Void> established() {
      return connection.established();
    }

    @Override
    public boolean isEnded() {
      return connection.isEnded();
    }

    @Override
    public void close() {
      connection.close();
    }
  }
}
