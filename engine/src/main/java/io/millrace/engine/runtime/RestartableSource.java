/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.Output;
import io.millrace.api.Source;
import io.millrace.engine.metrics.ComponentMetrics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A source that can be built anew in front of the same output. Start and stop by one thread at a
 * time; the rest is safe for many.
 */
final class RestartableSource implements Source, Watched {
  private record Built(Source source, FailureReport report, WatchedOutput output) {}

  private final BiFunction<Output, FailureReport, Source> build;
  private final Output output;
  private final Supplier<Map<String, ? extends Channel>> channels;
  private final Consumer<OutOfMemoryError> outOfMemory;
  private final ProgressWatch emits = new ProgressWatch();
  private volatile Built built;
  private boolean isStopped;

  /**
   * @param channels those that an emit waits for now, by name
   */
  RestartableSource(
      BiFunction<Output, FailureReport, Source> build,
      Output output,
      Supplier<Map<String, ? extends Channel>> channels,
      Consumer<OutOfMemoryError> outOfMemory,
      ComponentMetrics metrics) {
    this.build = build;
    this.output = output;
    this.channels = channels;
    this.outOfMemory = outOfMemory;
    built = build();
    metrics.gauge("OldestEmitMillis", emits::oldestMillis);
  }

  private Built build() {
    FailureReport report = new FailureReport(outOfMemory);
    WatchedOutput door = new WatchedOutput(output, emits, report);
    return new Built(build.apply(door, report), report, door);
  }

  @Override
  public void start() throws Exception {
    if (isStopped) {
      built = build();
      isStopped = false;
    }
    built.source.start();
  }

  @Override
  public void stop() throws Exception {
    isStopped = true;
    built.source.stop();
  }

  @Override
  public Throwable failure() {
    return built.report.failure();
  }

  @Override
  public void abandon() {
    built.output.close();
  }

  @Override
  public Optional<Stall> stall(long nowNanos, long limitNanos) {
    long nanos = emits.oldestNanos(nowNanos);
    if (nanos <= limitNanos) {
      return Optional.empty();
    }
    List<String> full = new ArrayList<>();
    List<String> states = new ArrayList<>();
    channels
        .get()
        .forEach(
            (name, channel) -> {
              long events = channel.eventCount();
              boolean isFull = channel.isFull();
              states.add(
                  name + (isFull ? " is full (" : " has room (") + events + " events in it)");
              if (isFull) {
                full.add(name);
              }
            });
    String what =
        "an emit has been under way for "
            + nanos / 1_000_000_000
            + " s; channel "
            + String.join(", channel ", states);
    return Optional.of(new Stall(what, full.isEmpty()));
  }
}
