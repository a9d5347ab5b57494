/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
import io.millrace.api.Interceptor;
import io.millrace.api.Origin;
import io.millrace.api.Selector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One way from a source into its channels: interceptors, selector, appends. It knows what is under
 * way on it, so that another way can take its place without cutting anything off. Safe for many
 * threads.
 */
final class SourceRoute {
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  /** Added to the count of what is under way once nothing more may enter. */
  private static final long CLOSED = Long.MIN_VALUE;

  private final List<Interceptor> interceptors;
  private final Selector selector;
  private final Map<String, ? extends Channel> channels;
  private final BooleanSupplier channelsReady;

  /** Most events that each channel takes in one append. */
  private final int maxRunEvents;

  private final AtomicLong underWay = new AtomicLong();
  private final CompletableFuture<Void> settled = new CompletableFuture<>();
  private volatile boolean isOpen;

  /** What a route tells its source of. */
  interface Observer {
    void unrouted(int events);

    void optionalFailed(String channel, int events, Throwable error);

    void had(int events);
  }

  /**
   * @param channels by name, every channel of the source
   * @param channelsReady whether the channels that every event needs have started
   */
  SourceRoute(
      List<Interceptor> interceptors,
      Selector selector,
      Map<String, ? extends Channel> channels,
      BooleanSupplier channelsReady) {
    this.interceptors = List.copyOf(interceptors);
    this.selector = selector;
    this.channels = Map.copyOf(channels);
    this.channelsReady = channelsReady;
    maxRunEvents =
        channels.values().stream().mapToInt(Channel::transactionCapacity).min().orElse(1);
  }

  /** By name, every channel of the source. */
  Map<String, ? extends Channel> channels() {
    return channels;
  }

  /** Whether what enters now finds its channels started. */
  boolean isOpen() {
    if (!isOpen) {
      isOpen = channelsReady.getAsBoolean();
    }
    return isOpen;
  }

  /** Begins one emit; false once the route is closed. Each true is followed by a {@link #leave}. */
  boolean enter() {
    long count;
    do {
      count = underWay.get();
      if (count < 0) {
        return false;
      }
    } while (!underWay.compareAndSet(count, count + 1));
    return true;
  }

  void leave() {
    if (underWay.decrementAndGet() == CLOSED) {
      settled.complete(null);
    }
  }

  /** Lets nothing more enter; the future completes once all that is under way has ended. */
  CompletableFuture<Void> close() {
    if (underWay.getAndUpdate(count -> count | CLOSED) == 0) {
      settled.complete(null);
    }
    return settled;
  }

  /** Appends to every channel; between {@link #enter} and {@link #leave}. */
  CompletableFuture<Void> append(EventBatch batch, Origin origin, Observer observer) {
    return origin.isKnown() ? appendOnce(batch, origin, observer) : append(select(batch), observer);
  }

  private EventBatch intercept(EventBatch batch) {
    EventBatch intercepted = batch;
    for (Interceptor interceptor : interceptors) {
      intercepted = interceptor.intercept(intercepted);
    }
    return intercepted;
  }

  /** The way of a run that went to one place as a whole: a selector may choose anew each time. */
  private List<Selector.Route> selectOnly(String channel, EventBatch batch) {
    EventBatch intercepted = intercept(batch);
    return intercepted.isEmpty()
        ? List.of()
        : List.of(
            new Selector.Route(intercepted, new Selector.Targets(List.of(channel), List.of())));
  }

  private List<Selector.Route> select(EventBatch batch) {
    EventBatch intercepted = intercept(batch);
    return intercepted.isEmpty() ? List.of() : selector.route(intercepted);
  }

  private CompletableFuture<Void> append(List<Selector.Route> routes, Observer observer) {
    List<CompletableFuture<Void>> required = new ArrayList<>();
    for (Selector.Route route : routes) {
      Selector.Targets targets = route.targets();
      for (String channel : targets.required()) {
        required.add(channels.get(channel).append(route.batch()));
      }
      for (String channel : targets.optional()) {
        appendOptional(
            channel,
            route.batch().eventCount(),
            () -> appendTriedOnce(channels.get(channel), route.batch()),
            observer);
      }
      sayIfUnrouted(route, observer);
    }
    return allOf(required);
  }

  private static void sayIfUnrouted(Selector.Route route, Observer observer) {
    if (route.targets().required().isEmpty() && route.targets().optional().isEmpty()) {
      observer.unrouted(route.batch().eventCount());
    }
  }

  /** Runs of a known origin, cut before anything else so that each fits every channel. */
  private CompletableFuture<Void> appendOnce(EventBatch batch, Origin origin, Observer observer) {
    Map<String, OriginRun.Share> shares = new LinkedHashMap<>();
    for (OriginRun run : new OriginRun(batch, origin).cutTo(maxRunEvents)) {
      List<Selector.Route> routes = select(run.batch());
      routes.forEach(route -> sayIfUnrouted(route, observer));
      run.share(routes, shares);
    }
    List<CompletableFuture<Void>> required = new ArrayList<>();
    shares.forEach(
        (channel, share) -> {
          if (share.isRequired()) {
            required.add(appendShare(channel, share, true, observer));
          } else {
            appendOptional(
                channel,
                share.eventCount(),
                () -> appendShare(channel, share, false, observer),
                observer);
          }
        });
    return allOf(required);
  }

  private CompletableFuture<Void> appendShare(
      String channel, OriginRun.Share share, boolean isRequired, Observer observer) {
    List<Supplier<CompletableFuture<Void>>> appends = new ArrayList<>(share.parts().size());
    for (OriginRun.Part part : share.parts()) {
      appends.add(() -> appendPart(channel, part, isRequired, observer));
    }
    if (appends.size() == 1) {
      return appends.get(0).get();
    }
    return isRequired
        ? new PiecewiseAppend(appends).run()
        : allOf(appends.stream().map(Supplier::get).toList());
  }

  private CompletableFuture<Void> appendPart(
      String channel, OriginRun.Part part, boolean isRequired, Observer observer) {
    Channel target = channels.get(channel);
    if (!isRequired && part.batch().eventCount() > target.transactionCapacity()) {
      // An interceptor multiplied events; the channel would cut it, and try again.
      return appendTriedOnce(target, part.batch());
    }
    return target
        .append(part.batch(), part.run().origin())
        .thenCompose(intake -> settle(channel, part, intake, isRequired, observer));
  }

  /** What the channel had in part goes to that channel alone once more, cut as it says. */
  private CompletableFuture<Void> settle(
      String channel, OriginRun.Part part, Intake intake, boolean isRequired, Observer observer) {
    if (intake instanceof Intake.Partly partly) {
      Map<String, OriginRun.Share> shares = new LinkedHashMap<>();
      for (OriginRun run : part.run().cutBefore(partly.cuts())) {
        run.share(part.isWhole() ? selectOnly(channel, run.batch()) : select(run.batch()), shares);
      }
      OriginRun.Share share = shares.get(channel);
      return share == null ? DONE : appendShare(channel, share, isRequired, observer);
    }
    if (intake instanceof Intake.Had) {
      observer.had(part.batch().eventCount());
    }
    return DONE;
  }

  /**
   * Whatever becomes of it, the source never hears of it. Nobody waits for it but the end of the
   * route: its channel must not close before.
   */
  private void appendOptional(
      String channel, int events, Supplier<CompletableFuture<Void>> append, Observer observer) {
    CompletableFuture<Void> appended;
    try {
      appended = append.get();
    } catch (RuntimeException e) {
      observer.optionalFailed(channel, events, e);
      return;
    }
    underWay.incrementAndGet();
    appended.whenComplete(
        (ignored, error) -> {
          leave();
          if (error != null) {
            observer.optionalFailed(channel, events, error);
          }
        });
  }

  /**
   * Pieces for an optional channel are tried once: to try them again would keep events in memory
   * for as long as that channel has no room.
   */
  private static CompletableFuture<Void> appendTriedOnce(Channel channel, EventBatch batch) {
    int events = batch.eventCount();
    int most = channel.transactionCapacity();
    if (events <= most) {
      return channel.append(batch);
    }
    List<CompletableFuture<Void>> pieces = new ArrayList<>();
    for (int from = 0; from < events; from += most) {
      pieces.add(channel.append(batch.slice(from, Math.min(events, from + most))));
    }
    return allOf(pieces);
  }

  private static CompletableFuture<Void> allOf(List<CompletableFuture<Void>> required) {
    return required.size() == 1
        ? required.get(0)
        : CompletableFuture.allOf(required.toArray(CompletableFuture[]::new));
  }
}
