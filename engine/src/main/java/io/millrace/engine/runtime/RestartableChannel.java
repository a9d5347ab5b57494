/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
import io.millrace.api.Origin;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A channel that can be built anew under its sources and sinks, if its events outlive that. In
 * between it answers as a channel that has stopped. Start and stop by one thread at a time; the
 * rest is safe for many.
 */
final class RestartableChannel implements Channel, Watched {
  private record Built(Channel channel, FailureReport report) {}

  private final Function<FailureReport, Channel> build;
  private final Consumer<OutOfMemoryError> outOfMemory;
  private volatile Built built;
  private boolean isStopped;

  RestartableChannel(
      Function<FailureReport, Channel> build, Consumer<OutOfMemoryError> outOfMemory) {
    this.build = build;
    this.outOfMemory = outOfMemory;
    built = build();
  }

  private Built build() {
    FailureReport report = new FailureReport(outOfMemory);
    return new Built(build.apply(report), report);
  }

  private Channel channel() {
    return built.channel;
  }

  @Override
  public void start() throws Exception {
    if (isStopped) {
      built = build();
      isStopped = false;
    }
    channel().start();
  }

  @Override
  public void stop() throws Exception {
    isStopped = true;
    channel().stop();
  }

  @Override
  public Throwable failure() {
    return built.report.failure();
  }

  @Override
  public Optional<String> obstacleToRestart() {
    return channel().isDurable()
        ? Optional.empty()
        : Optional.of(
            "it keeps "
                + channel().volatileEventCount()
                + " events in memory, which a restart would lose");
  }

  @Override
  public CompletableFuture<Void> append(EventBatch batch) {
    return channel().append(batch);
  }

  @Override
  public CompletableFuture<Intake> append(EventBatch batch, Origin origin) {
    return channel().append(batch, origin);
  }

  @Override
  public void refuseAppends() {
    channel().refuseAppends();
  }

  @Override
  public Delivery take(int maxEvents, long maxBytes) {
    return channel().take(maxEvents, maxBytes);
  }

  @Override
  public boolean awaitEvents(Duration timeout) throws InterruptedException {
    return channel().awaitEvents(timeout);
  }

  @Override
  public long eventCount() {
    return channel().eventCount();
  }

  @Override
  public long capacity() {
    return channel().capacity();
  }

  @Override
  public boolean isFull() {
    return channel().isFull();
  }

  @Override
  public int transactionCapacity() {
    return channel().transactionCapacity();
  }

  @Override
  public boolean isDurable() {
    return channel().isDurable();
  }

  @Override
  public long volatileEventCount() {
    return channel().volatileEventCount();
  }

  @Override
  public boolean savesAtStop() {
    return channel().savesAtStop();
  }
}
