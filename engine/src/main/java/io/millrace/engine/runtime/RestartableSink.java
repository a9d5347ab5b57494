/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.EventBatch;
import io.millrace.api.InvariantViolation;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.TransientException;
import io.millrace.engine.metrics.ComponentMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A sink that can be built anew behind the back of whoever delivers to it: between a failure and
 * the next start deliveries are refused, to be tried again. Safe for many threads.
 */
final class RestartableSink implements Sink, Watched {
  /** A stopped sink has about a second to answer what it has in flight. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);

  private record Built(Sink sink, FailureReport report) {}

  private final String name;
  private final Function<FailureReport, Sink> build;
  private final Consumer<OutOfMemoryError> outOfMemory;
  private final ProgressWatch deliveries = new ProgressWatch();

  /** Not answered yet; as many as the sink has in flight. */
  private final Set<CompletableFuture<Outcome>> open = ConcurrentHashMap.newKeySet();

  private volatile Built built;
  private volatile boolean isStopped;

  /** From a stop until it is built anew, which a start that fails does not undo. */
  private volatile boolean mustBuild;

  RestartableSink(
      String name,
      Function<FailureReport, Sink> build,
      Consumer<OutOfMemoryError> outOfMemory,
      ComponentMetrics metrics) {
    this.name = name;
    this.build = build;
    this.outOfMemory = outOfMemory;
    built = build();
    metrics.gauge("OldestDeliveryMillis", deliveries::oldestMillis);
  }

  private Built build() {
    FailureReport report = new FailureReport(outOfMemory);
    return new Built(build.apply(report), report);
  }

  @Override
  public void start() throws Exception {
    if (mustBuild) {
      built = build();
      mustBuild = false;
    }
    built.sink.start();
    isStopped = false;
  }

  @Override
  public void stop() throws Exception {
    isStopped = true;
    mustBuild = true;
    built.sink.stop();
  }

  @Override
  public int maxInFlight() {
    return built.sink.maxInFlight();
  }

  @Override
  public void settleSoon() {
    built.sink.settleSoon();
  }

  @Override
  public Duration holdsFor() {
    return built.sink.holdsFor();
  }

  @Override
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
    CompletableFuture<Outcome> answer = new CompletableFuture<>();
    // First: whoever stops the sink either is seen here, or finds it open.
    open.add(answer);
    if (isStopped) {
      open.remove(answer);
      return CompletableFuture.failedFuture(
          new TransientException("Sink " + name + " has stopped or is being restarted"));
    }
    Built now = built;
    ProgressWatch.Operation operation = deliveries.begin();
    CompletableFuture<Outcome> outcome;
    try {
      outcome = now.sink.deliver(batch, origin);
      InvariantViolation.check(outcome != null, "sink " + name + " answered null");
    } catch (RuntimeException | Error e) {
      open.remove(answer);
      deliveries.end(operation);
      now.report.thrown(e);
      throw e;
    }
    if (outcome.isDone() && !outcome.isCompletedExceptionally()) {
      open.remove(answer);
      deliveries.end(operation);
      return outcome;
    }
    outcome.whenComplete(
        (result, error) -> {
          deliveries.end(operation);
          open.remove(answer);
          if (error == null) {
            answer.complete(result);
          } else {
            now.report.thrown(error);
            answer.completeExceptionally(error);
          }
        });
    answer.whenComplete((result, error) -> deliveries.end(operation));
    return answer;
  }

  @Override
  public Throwable failure() {
    return built.report.failure();
  }

  /** What the sink never answers goes back to the channel: nobody would ever deliver it else. */
  @Override
  public void abandon() throws InterruptedException {
    List<CompletableFuture<Outcome>> unanswered = List.copyOf(open);
    try {
      CompletableFuture.allOf(unanswered.toArray(CompletableFuture[]::new))
          .get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException e) {
      for (CompletableFuture<Outcome> each : unanswered) {
        each.completeExceptionally(
            new TransientException("Sink " + name + " failed before it answered"));
      }
    }
    open.removeAll(unanswered);
  }

  @Override
  public Optional<Stall> stall(long nowNanos, long limitNanos) {
    long nanos = deliveries.oldestNanos(nowNanos);
    return nanos <= limitNanos + holdsFor().toNanos()
        ? Optional.empty()
        : Optional.of(
            new Stall("a delivery has been under way for " + nanos / 1_000_000_000 + " s", true));
  }
}
