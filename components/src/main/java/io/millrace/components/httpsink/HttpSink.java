/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.httpsink;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.TransientException;
import java.util.concurrent.CompletableFuture;

/**
 * Sends events over HTTP. Deliveries come from one thread; responses from those of the client.
 * Start and stop are called by one thread at a time.
 */
final class HttpSink implements Sink {
  private final HttpSinkOptions options;
  private final SinkContext context;
  private volatile Requests requests;

  HttpSink(HttpSinkOptions options, SinkContext context) {
    this.options = options;
    this.context = context;
  }

  @Override
  public void start() {
    requests = Requests.open(options, context);
  }

  /** Where a request is one event, all that may be under way are of one batch. */
  @Override
  public int maxInFlight() {
    return options.format() == EventFormat.BODY ? 1 : options.maxInFlight();
  }

  @Override
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
    Requests open = requests;
    if (open == null) {
      return CompletableFuture.failedFuture(
          new TransientException("HTTP sink " + context.name() + " is stopped"));
    }
    return options.format() == EventFormat.BODY
        ? BodyDelivery.begin(batch, open, options.maxInFlight())
        : JsonDelivery.begin(batch, open, options.format());
  }

  @Override
  public void stop() {
    Requests open = requests;
    requests = null;
    if (open != null) {
      open.close();
    }
  }
}
