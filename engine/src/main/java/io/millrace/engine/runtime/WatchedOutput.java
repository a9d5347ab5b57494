/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Output;
import io.millrace.api.TransientException;
import java.util.concurrent.CompletableFuture;

/**
 * The door of one built source to its output: notes what is under way, and refuses once that source
 * has been replaced. Safe for many threads.
 */
final class WatchedOutput implements Output {
  private final Output output;
  private final ProgressWatch emits;
  private final FailureReport report;
  private volatile boolean isClosed;

  WatchedOutput(Output output, ProgressWatch emits, FailureReport report) {
    this.output = output;
    this.emits = emits;
    this.report = report;
  }

  /** Threads that a failed source left behind bring no events any more. */
  void close() {
    isClosed = true;
  }

  @Override
  public CompletableFuture<Void> emit(EventBatch batch) {
    return emit(batch, Origin.NONE);
  }

  @Override
  public CompletableFuture<Void> emit(EventBatch batch, Origin origin) {
    if (isClosed) {
      return CompletableFuture.failedFuture(
          new TransientException("The source has failed and is being restarted; send again later"));
    }
    ProgressWatch.Operation operation = emits.begin();
    CompletableFuture<Void> emitted;
    try {
      emitted = output.emit(batch, origin);
    } catch (RuntimeException | Error e) {
      emits.end(operation);
      report.thrown(e);
      throw e;
    }
    if (emitted.isDone()) {
      emits.end(operation);
      return emitted;
    }
    return emitted.whenComplete((ignored, error) -> emits.end(operation));
  }

  @Override
  public long maxBatchBytes() {
    return output.maxBatchBytes();
  }
}
