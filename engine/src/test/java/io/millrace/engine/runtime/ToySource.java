/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.EventBatch;
import io.millrace.api.Output;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.api.TransientException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A source that the test emits through. */
final class ToySource implements Source {
  volatile Output output;
  volatile boolean started;
  volatile boolean stopped;
  volatile int starts;
  volatile Runnable onStart = () -> {};
  volatile Runnable onStop = () -> {};

  record Options(ToySource source) implements SourceOptions {
    @Override
    public Source build(SourceContext context) {
      source.output = context.output();
      return source;
    }
  }

  @Override
  public void start() {
    starts++;
    onStart.run();
    started = true;
  }

  @Override
  public void stop() {
    stopped = true;
    onStop.run();
  }

  /** Refused before the source is built. */
  CompletableFuture<Void> emit(int from, int to) {
    return output == null
        ? CompletableFuture.failedFuture(new TransientException("not built"))
        : output.emit(numbered(from, to));
  }

  static EventBatch numbered(int from, int to) {
    EventBatch.Builder builder = EventBatch.builder();
    for (int i = from; i < to; i++) {
      builder.add(io.millrace.api.EncodedHeaders.of(Map.of("n", "" + i)), ("" + i).getBytes(UTF_8));
    }
    return builder.build();
  }

  private static final java.nio.charset.Charset UTF_8 = java.nio.charset.StandardCharsets.UTF_8;
}
