/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.EventBatch;
import io.millrace.api.Interceptor;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Origin;
import io.millrace.api.Output;
import io.millrace.api.RejectedException;
import io.millrace.api.Selector;
import io.millrace.api.TransientException;
import io.millrace.engine.metrics.ComponentMetrics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One source's way into its channels, which a reload may replace while the source goes on. Safe for
 * many threads.
 */
final class SourceOutput implements Output, SourceRoute.Observer {
  private static final Logger log = LoggerFactory.getLogger(SourceOutput.class);

  /**
   * Largest batch taken in. Below the 64 MiB frame of a hop with room for its head, so that what is
   * accepted here can be passed on.
   */
  static final long MAX_BATCH_BYTES = (64L << 20) - (64 << 10);

  private final String source;
  private final Counter received;
  private final Counter accepted;
  private final Counter channelFailures;
  private final Counter processingFailures;
  private final Counter unrouted;
  private final Counter optionalFailures;
  private final Counter duplicates;
  private final LogLimit unroutedLog = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit optionalLog = new LogLimit(Duration.ofSeconds(10));
  private volatile SourceRoute route;
  private volatile boolean closed;

  SourceOutput(String source, SourceRoute route, ComponentMetrics metrics) {
    this.source = source;
    this.route = route;
    received = metrics.counter("EventReceivedCount");
    accepted = metrics.counter("EventAcceptedCount");
    channelFailures = metrics.counter("ChannelWriteFail");
    processingFailures = metrics.counter("GenericProcessingFail");
    unrouted = metrics.counter("EventUnroutedCount");
    optionalFailures = metrics.counter("OptionalChannelEventFailCount");
    duplicates = metrics.counter("EventDuplicateCount");
  }

  /** An output into channels that are ready; {@code channels}: by name, every one of the source. */
  SourceOutput(
      String source,
      List<Interceptor> interceptors,
      Selector selector,
      Map<String, ? extends Channel> channels,
      ComponentMetrics metrics) {
    this(source, new SourceRoute(interceptors, selector, channels, () -> true), metrics);
  }

  /** Every channel of the source now, by name. */
  Map<String, ? extends Channel> channels() {
    return route.channels();
  }

  /** Refuses from now on; called when the channels are about to stop. */
  void close() {
    closed = true;
    route.close();
  }

  /**
   * What comes from now on takes {@code next}.
   *
   * @return completes once nothing is under way any more on the route before
   */
  CompletableFuture<Void> reroute(SourceRoute next) {
    SourceRoute before = route;
    route = next;
    if (closed) {
      next.close();
    }
    return before.close();
  }

  @Override
  public long maxBatchBytes() {
    return MAX_BATCH_BYTES;
  }

  @Override
  public CompletableFuture<Void> emit(EventBatch batch) {
    return emit(batch, Origin.NONE);
  }

  @Override
  public CompletableFuture<Void> emit(EventBatch batch, Origin origin) {
    int events = batch.eventCount();
    if (origin.isKnown() && origin.count() != events) {
      throw new IllegalArgumentException(
          "origin of " + origin.count() + " events (expected: " + events + ", as in the batch)");
    }
    received.add(events);
    if (batch.encodedBytes() > MAX_BATCH_BYTES) {
      return CompletableFuture.failedFuture(
          new RejectedException(
              "Source "
                  + source
                  + ": batch of "
                  + batch.encodedBytes()
                  + " bytes (expected: at most "
                  + MAX_BATCH_BYTES
                  + ")"));
    }
    SourceRoute taken = enterRoute();
    if (taken == null) {
      return CompletableFuture.failedFuture(
          new TransientException("Source " + source + ": the agent is stopping; send again later"));
    }
    CompletableFuture<Void> appended;
    try {
      appended = taken.isOpen() ? taken.append(batch, origin, this) : refusedForNow();
    } catch (RuntimeException e) {
      taken.leave();
      processingFailures.increment();
      return CompletableFuture.failedFuture(e);
    } catch (Error e) {
      taken.leave();
      throw e;
    }
    return appended.whenComplete(
        (ignored, error) -> {
          taken.leave();
          if (error == null) {
            accepted.add(events);
          } else {
            channelFailures.increment();
          }
        });
  }

  /** Null once the output is closed. */
  private SourceRoute enterRoute() {
    SourceRoute current = route;
    // A route is closed only after another has taken its place, or for good.
    while (!current.enter()) {
      if (closed) {
        return null;
      }
      current = route;
    }
    return current;
  }

  private CompletableFuture<Void> refusedForNow() {
    return CompletableFuture.failedFuture(
        new TransientException(
            "Source " + source + ": a channel of it is being replaced; send again later"));
  }

  @Override
  public void had(int events) {
    duplicates.add(events);
  }

  @Override
  public void optionalFailed(String channel, int events, Throwable error) {
    optionalFailures.add(events);
    if (optionalLog.allows()) {
      log.warn(
          "Source {}: optional channel {} did not take {} events: {}. {} events so far are not in"
              + " their optional channels.",
          source,
          channel,
          events,
          error.getMessage(),
          optionalFailures.value());
    }
  }

  @Override
  public void unrouted(int events) {
    unrouted.add(events);
    if (unroutedLog.allows()) {
      log.warn(
          "Source {}: {} events so far were dropped because the selector names no channel for them."
              + " Set selector.default to keep such events.",
          source,
          unrouted.value());
    }
  }
}
