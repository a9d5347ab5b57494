/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One source's way into its channels: interceptors, selector, appends. Safe for many threads. */
final class SourceOutput implements Output {
  private static final Logger log = LoggerFactory.getLogger(SourceOutput.class);

  /**
   * Largest batch taken in. Below the 64 MiB frame of a hop with room for its head, so that what is
   * accepted here can be passed on.
   */
  static final long MAX_BATCH_BYTES = (64L << 20) - (64 << 10);

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final String source;
  private final List<Interceptor> interceptors;
  private final Selector selector;
  private final Map<String, ? extends Channel> channels;
  private final Counter received;
  private final Counter accepted;
  private final Counter channelFailures;
  private final Counter processingFailures;
  private final Counter unrouted;
  private final Counter optionalFailures;
  private final Counter duplicates;

  /** Most events that each channel takes in one append. */
  private final int maxRunEvents;

  private final LogLimit unroutedLog = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit optionalLog = new LogLimit(Duration.ofSeconds(10));
  private volatile boolean closed;

  /** {@code channels}: by name, every channel of the source. */
  SourceOutput(
      String source,
      List<Interceptor> interceptors,
      Selector selector,
      Map<String, ? extends Channel> channels,
      ComponentMetrics metrics) {
    this.source = source;
    this.interceptors = interceptors;
    this.selector = selector;
    this.channels = channels;
    received = metrics.counter("EventReceivedCount");
    accepted = metrics.counter("EventAcceptedCount");
    channelFailures = metrics.counter("ChannelWriteFail");
    processingFailures = metrics.counter("GenericProcessingFail");
    unrouted = metrics.counter("EventUnroutedCount");
    optionalFailures = metrics.counter("OptionalChannelEventFailCount");
    duplicates = metrics.counter("EventDuplicateCount");
    maxRunEvents =
        channels.values().stream().mapToInt(Channel::transactionCapacity).min().orElse(1);
  }

  /** Refuses from now on; called when the channels are about to stop. */
  void close() {
    closed = true;
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
    if (closed) {
      return CompletableFuture.failedFuture(
          new TransientException("Source " + source + ": the agent is stopping; send again later"));
    }
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
    CompletableFuture<Void> appended;
    try {
      appended = origin.isKnown() ? appendOnce(batch, origin) : append(route(batch));
    } catch (RuntimeException e) {
      processingFailures.increment();
      return CompletableFuture.failedFuture(e);
    }
    return appended.whenComplete(
        (ignored, error) -> {
          if (error == null) {
            accepted.add(events);
          } else {
            channelFailures.increment();
          }
        });
  }

  private List<Selector.Route> route(EventBatch batch) {
    EventBatch intercepted = batch;
    for (Interceptor interceptor : interceptors) {
      intercepted = interceptor.intercept(intercepted);
    }
    return intercepted.isEmpty() ? List.of() : selector.route(intercepted);
  }

  private CompletableFuture<Void> append(List<Selector.Route> routes) {
    List<CompletableFuture<Void>> required = new ArrayList<>();
    for (Selector.Route route : routes) {
      Selector.Targets targets = route.targets();
      for (String channel : targets.required()) {
        required.add(channels.get(channel).append(route.batch()));
      }
      for (String channel : targets.optional()) {
        appendOptional(
            channel, route.batch().eventCount(), () -> channels.get(channel).append(route.batch()));
      }
      if (targets.required().isEmpty() && targets.optional().isEmpty()) {
        dropUnrouted(route.batch().eventCount());
      }
    }
    return allOf(required);
  }

  /** Runs of a known origin, cut before anything else so that each fits every channel. */
  private CompletableFuture<Void> appendOnce(EventBatch batch, Origin origin) {
    Map<String, OriginRun.Share> shares = new LinkedHashMap<>();
    for (OriginRun run : new OriginRun(batch, origin).cutTo(maxRunEvents)) {
      List<Selector.Route> routes = route(run.batch());
      for (Selector.Route route : routes) {
        if (route.targets().required().isEmpty() && route.targets().optional().isEmpty()) {
          dropUnrouted(route.batch().eventCount());
        }
      }
      run.share(routes, shares);
    }
    List<CompletableFuture<Void>> required = new ArrayList<>();
    shares.forEach(
        (channel, share) -> {
          if (share.isRequired()) {
            required.add(appendShare(channel, share, true));
          } else {
            appendOptional(channel, share.eventCount(), () -> appendShare(channel, share, false));
          }
        });
    return allOf(required);
  }

  private CompletableFuture<Void> appendShare(
      String channel, OriginRun.Share share, boolean isRequired) {
    List<Supplier<CompletableFuture<Void>>> appends = new ArrayList<>(share.parts().size());
    for (OriginRun.Part part : share.parts()) {
      appends.add(() -> appendPart(channel, part, isRequired));
    }
    if (appends.size() == 1) {
      return appends.get(0).get();
    }
    // Pieces for an optional channel are tried once: to try them again would keep events in memory
    // for as long as that channel has no room.
    return isRequired
        ? new PiecewiseAppend(appends).run()
        : allOf(appends.stream().map(Supplier::get).toList());
  }

  private CompletableFuture<Void> appendPart(
      String channel, OriginRun.Part part, boolean isRequired) {
    return channels
        .get(channel)
        .append(part.batch(), part.run().origin())
        .thenCompose(intake -> settle(channel, part, intake, isRequired));
  }

  /** What the channel had in part goes to that channel alone once more, cut as it says. */
  private CompletableFuture<Void> settle(
      String channel, OriginRun.Part part, Intake intake, boolean isRequired) {
    if (intake instanceof Intake.Partly partly) {
      Map<String, OriginRun.Share> shares = new LinkedHashMap<>();
      for (OriginRun run : part.run().cutBefore(partly.cuts())) {
        run.share(route(run.batch()), shares);
      }
      OriginRun.Share share = shares.get(channel);
      return share == null ? DONE : appendShare(channel, share, isRequired);
    }
    if (intake instanceof Intake.Had) {
      duplicates.add(part.batch().eventCount());
    }
    return DONE;
  }

  /** Whatever becomes of it, the source never hears of it. */
  private void appendOptional(
      String channel, int events, Supplier<CompletableFuture<Void>> append) {
    CompletableFuture<Void> appended;
    try {
      appended = append.get();
    } catch (RuntimeException e) {
      optionalFailed(channel, events, e);
      return;
    }
    appended.whenComplete(
        (ignored, error) -> {
          if (error != null) {
            optionalFailed(channel, events, error);
          }
        });
  }

  private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> required) {
    return required.size() == 1
        ? required.get(0)
        : CompletableFuture.allOf(required.toArray(CompletableFuture[]::new));
  }

  private void optionalFailed(String channel, int events, Throwable error) {
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

  private void dropUnrouted(int events) {
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
