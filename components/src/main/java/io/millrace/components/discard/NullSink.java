/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.discard;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Drops events and says how many. Confined to the thread that delivers. */
final class NullSink implements Sink {
  private static final Logger LOG = LoggerFactory.getLogger(NullSink.class);

  private final String name;
  private final int logEveryNEvents;
  private long dropped;

  NullSink(String name, int logEveryNEvents) {
    this.name = name;
    this.logEveryNEvents = logEveryNEvents;
  }

  @Override
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
    long before = dropped;
    dropped += batch.eventCount();
    // One line a batch at most, however many multiples it steps over.
    if (logEveryNEvents > 0 && dropped / logEveryNEvents > before / logEveryNEvents) {
      LOG.info("Null sink {}: {} events dropped so far", name, dropped);
    }
    return CompletableFuture.completedFuture(Outcome.delivered());
  }
}
