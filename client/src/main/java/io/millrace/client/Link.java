/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.EventBatch;
import io.millrace.rpc.session.Answer;
import java.util.concurrent.CompletableFuture;

/** One connection, from connecting to its end; after any failure it is of no more use. */
interface Link {
  /**
   * Sends a batch, once the connection stands. The future fails with a {@link
   * io.millrace.api.TransientException} that names the server and the reason, or with a {@link
   * io.millrace.api.RejectedException} when an event can never be sent to it; then none was.
   */
  CompletableFuture<Answer> appendBatch(EventBatch batch);

  /** Completes when the connection stands; fails when it could not be made. */
  CompletableFuture<Void> established();

  boolean isEnded();

  /** Closes the connection; open calls fail. Idempotent. */
  void close();
}
