/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.api.EventBatch;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A call that a client makes, and its answer to come. The answer is completed by the thread that
 * reads the connection.
 */
public final class Call {
  private final EventBatch batch;
  private final Map<String, byte[]> metadata;
  private final CompletableFuture<Answer> answer = new CompletableFuture<>();

  public Call(EventBatch batch, Map<String, byte[]> metadata) {
    this.batch = batch;
    this.metadata = Map.copyOf(metadata);
  }

  public EventBatch batch() {
    return batch;
  }

  public CompletableFuture<Answer> answer() {
    return answer;
  }

  Map<String, byte[]> metadata() {
    return metadata;
  }
}
