/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.EventBatch;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.RpcClient;
import io.millrace.rpc.transport.RpcConnection;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;

/** Connects over Avro RPC. Confined to the sender's thread; its links are safe for many. */
final class AvroDialer implements Dialer {
  private final RpcClient client;

  AvroDialer(ClientSettings settings, ThreadFactory threads) {
    client = new RpcClient(settings, threads);
  }

  @Override
  public Link dial() {
    return new AvroLink(client.connect());
  }

  @Override
  public void close() {
    client.close();
  }

  private record AvroLink(RpcConnection connection) implements Link {
    @Override
    public CompletableFuture<Answer> appendBatch(EventBatch batch) {
      return connection.appendBatch(batch, Map.of());
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
