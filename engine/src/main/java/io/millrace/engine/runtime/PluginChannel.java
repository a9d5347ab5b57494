/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
import io.millrace.api.Origin;
import io.millrace.engine.plugin.ContextLoader;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** A channel of a plug-in, called by the threads of its sources and sinks. Immutable. */
record PluginChannel(PluginBoundary boundary, Channel channel) implements Channel {
  @Override
  public void start() throws Exception {
    boundary.run(channel::start);
  }

  @Override
  public void stop() throws Exception {
    boundary.run(channel::stop);
  }

  @Override
  public CompletableFuture<Void> append(EventBatch batch) {
    return boundary.call(() -> channel.append(batch));
  }

  @Override
  public CompletableFuture<Intake> append(EventBatch batch, Origin origin) {
    return boundary.call(() -> channel.append(batch, origin));
  }

  @Override
  public void refuseAppends() {
    boundary.perform(() -> channel.refuseAppends());
  }

  @Override
  public Delivery take(int maxEvents, long maxBytes) {
    Delivery delivery = boundary.call(() -> channel.take(maxEvents, maxBytes));
    return delivery == null ? null : new PluginDelivery(boundary, delivery);
  }

  @Override
  public boolean awaitEvents(Duration timeout) throws InterruptedException {
    try (ContextLoader ignored = boundary.enter()) {
      return channel.awaitEvents(timeout);
    }
  }

  @Override
  public long eventCount() {
    return boundary.call(channel::eventCount);
  }

  @Override
  public long capacity() {
    return boundary.call(channel::capacity);
  }

  @Override
  public boolean isFull() {
    return boundary.call(channel::isFull);
  }

  @Override
  public int transactionCapacity() {
    return boundary.call(channel::transactionCapacity);
  }

  @Override
  public boolean isDurable() {
    return boundary.call(channel::isDurable);
  }

  @Override
  public long volatileEventCount() {
    return boundary.call(channel::volatileEventCount);
  }

  @Override
  public boolean savesAtStop() {
    return boundary.call(channel::savesAtStop);
  }

  private record PluginDelivery(PluginBoundary boundary, Delivery delivery) implements Delivery {
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
      boundary.perform(() -> delivery.acknowledge());
    }

    @Override
    public void acknowledge(int fromIndex, int toIndex) {
      boundary.perform(() -> delivery.acknowledge(fromIndex, toIndex));
    }

    @Override
    public void close() {
      boundary.perform(() -> delivery.close());
    }
  }
}
