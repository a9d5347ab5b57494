/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import java.util.concurrent.CompletableFuture;

/** A batch that waits for its transaction. The verdicts are safe for many threads. */
record Parcel(
    EventBatch batch, Origin origin, Verdicts verdicts, CompletableFuture<Outcome> future) {
  Parcel(EventBatch batch, Origin origin) {
    this(batch, origin, new Verdicts(), new CompletableFuture<>());
  }
}
