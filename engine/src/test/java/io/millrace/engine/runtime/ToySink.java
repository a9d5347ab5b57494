/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A sink that does with each batch what the test says, and keeps what was delivered. */
final class ToySink implements Sink {
  final List<String> delivered = java.util.Collections.synchronizedList(new ArrayList<>());
  final List<CompletableFuture<Outcome>> open =
      java.util.Collections.synchronizedList(new ArrayList<>());
  private final int maxInFlight;
  volatile Function<EventBatch, CompletableFuture<Outcome>> answer = this::deliverAll;
  volatile RuntimeException startFailure;
  volatile Runnable onStart = () -> {};
  volatile Runnable onStop = () -> {};
  volatile boolean stopped;
  volatile int starts;

  ToySink(int maxInFlight) {
    this.maxInFlight = maxInFlight;
  }

  record Options(ToySink sink, int batchSize) implements SinkOptions {
    @Override
    public Sink build(SinkContext context) {
      return sink;
    }
  }

  CompletableFuture<Outcome> deliverAll(EventBatch batch) {
    for (EventView event : batch) {
      delivered.add(event.bodyText());
    }
    return CompletableFuture.completedFuture(Outcome.delivered());
  }

  CompletableFuture<Outcome> keepOpen(EventBatch batch) {
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    open.add(outcome);
    return outcome;
  }

  @Override
  public void start() {
    starts++;
    onStart.run();
    if (startFailure != null) {
      throw startFailure;
    }
  }

  @Override
  public void stop() {
    onStop.run();
    stopped = true;
  }

  @Override
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
    return answer.apply(batch);
  }

  @Override
  public int maxInFlight() {
    return maxInFlight;
  }
}
