/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.logger;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs events: what operators see is {@link EventLine}'s. Confined to the delivering thread. */
final class LoggerSink implements Sink {
  private static final Logger LOG = LoggerFactory.getLogger(LoggerSink.class);

  private final EventLine line;

  LoggerSink(EventLine line) {
    this.line = line;
  }

  @Override
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
    if (LOG.isInfoEnabled()) {
      for (EventView event : batch) {
        // As an argument: nothing in it is taken for a format.
        LOG.info("{}", line.of(event));
      }
    }
    return CompletableFuture.completedFuture(Outcome.delivered());
  }
}
