/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Origin;
import io.millrace.engine.metrics.ComponentMetrics;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A channel with its counters under Flume's names, and appends cut to its transaction capacity.
 * Safe for many threads.
 */
final class MeteredChannel implements Channel {
  private final Channel channel;
  private final Counter putAttempts;
  private final Counter puts;
  private final Counter takeAttempts;
  private final Counter takes;

  MeteredChannel(Channel channel, ComponentMetrics metrics) {
    this.channel = channel;
    putAttempts = metrics.counter("EventPutAttemptCount");
    puts = metrics.counter("EventPutSuccessCount");
    takeAttempts = metrics.counter("EventTakeAttemptCount");
    takes = metrics.counter("EventTakeSuccessCount");
    metrics.gauge("ChannelSize", channel::eventCount);
    metrics.gauge("ChannelCapacity", channel::capacity);
    metrics.doubleGauge("ChannelFillPercentage", this::fillPercentage);
  }

  private double fillPercentage() {
    long capacity = channel.capacity();
    // Flume shows the largest double for a channel without a bound.
    return capacity == 0 || capacity == Long.MAX_VALUE
        ? Double.MAX_VALUE
        : 100.0 * channel.eventCount() / capacity;
  }

  /**
   * An append larger than the channel's transaction goes in several; all must succeed. The pieces
   * are handed over at once, so that they stay together and in order.
   */
  @Override
  public CompletableFuture<Void> append(EventBatch batch) {
    int events = batch.eventCount();
    putAttempts.add(events);
    CompletableFuture<Void> appended =
        events <= channel.transactionCapacity() ? channel.append(batch) : appendInPieces(batch);
    return appended.whenComplete(
        (ignored, error) -> {
          if (error == null) {
            puts.add(events);
          }
        });
  }

  private CompletableFuture<Void> appendInPieces(EventBatch batch) {
    int pieceEvents = channel.transactionCapacity();
    List<Supplier<CompletableFuture<Void>>> pieces = new ArrayList<>();
    for (int from = 0; from < batch.eventCount(); from += pieceEvents) {
      EventBatch piece = batch.slice(from, Math.min(batch.eventCount(), from + pieceEvents));
      pieces.add(() -> channel.append(piece));
    }
    return new PiecewiseAppend(pieces).run();
  }

  /**
   * Counts what is appended: what the channel had is no put. The source cuts runs to the channel's
   * transaction; only an interceptor that multiplies events can make one that is larger after all,
   * which no single transaction can hold, so that it comes at least once.
   */
  @Override
  public CompletableFuture<Intake> append(EventBatch batch, Origin origin) {
    int events = batch.eventCount();
    if (events > channel.transactionCapacity()) {
      return append(batch).thenApply(appended -> Intake.APPENDED);
    }
    return channel
        .append(batch, origin)
        .whenComplete(
            (intake, error) -> {
              if (error != null) {
                putAttempts.add(events);
              } else if (intake instanceof Intake.Appended) {
                putAttempts.add(events);
                puts.add(events);
              }
            });
  }

  @Override
  public Delivery take(int maxEvents, long maxBytes) {
    Delivery delivery = channel.take(maxEvents, maxBytes);
    if (delivery == null) {
      return null;
    }
    try {
      takeAttempts.add(delivery.batch().eventCount());
      return new MeteredDelivery(delivery, takes);
    } catch (RuntimeException | Error e) {
      // Nobody else could give it back.
      delivery.close();
      throw e;
    }
  }

  @Override
  public boolean awaitEvents(Duration timeout) throws InterruptedException {
    return channel.awaitEvents(timeout);
  }

  @Override
  public void refuseAppends() {
    channel.refuseAppends();
  }

  @Override
  public long eventCount() {
    return channel.eventCount();
  }

  @Override
  public long capacity() {
    return channel.capacity();
  }

  @Override
  public boolean isFull() {
    return channel.isFull();
  }

  @Override
  public int transactionCapacity() {
    return channel.transactionCapacity();
  }

  @Override
  public boolean isDurable() {
    return channel.isDurable();
  }

  @Override
  public long volatileEventCount() {
    return channel.volatileEventCount();
  }

  @Override
  public boolean savesAtStop() {
    return channel.savesAtStop();
  }

  @Override
  public void start() throws Exception {
    channel.start();
  }

  @Override
  public void stop() throws Exception {
    channel.stop();
  }

  private record MeteredDelivery(Delivery delivery, Counter takes) implements Delivery {
    @Override
    public EventBatch batch() {
      return delivery.batch();
    }

    @Override
    public Origin origin() {
      return delivery.origin();
    }

    @Override
    public void acknowledge() {
      delivery.acknowledge();
      takes.add(delivery.batch().eventCount());
    }

    @Override
    public void acknowledge(int fromIndex, int toIndex) {
      delivery.acknowledge(fromIndex, toIndex);
      takes.add(toIndex - fromIndex);
    }

    @Override
    public void close() {
      delivery.close();
    }
  }
}
