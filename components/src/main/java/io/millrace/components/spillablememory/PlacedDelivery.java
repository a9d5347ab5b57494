/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import java.util.BitSet;
import java.util.Objects;

/** A delivery of memory or disk that knows its place in the order. Guarded by {@code this}. */
final class PlacedDelivery implements Delivery {
  private final Outlet outlet;
  private final Delivery delivery;
  private final EventOrder.Run run;
  private final int events;

  /** Indexes that were acknowledged. */
  private final BitSet acknowledged = new BitSet();

  private boolean isClosed;

  PlacedDelivery(Outlet outlet, Delivery delivery, EventOrder.Run run) {
    this.outlet = outlet;
    this.delivery = delivery;
    this.run = run;
    this.events = delivery.batch().eventCount();
  }

  EventOrder.Run run() {
    return run;
  }

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
    acknowledge(0, events);
  }

  @Override
  public void acknowledge(int fromIndex, int toIndex) {
    Objects.checkFromToIndex(fromIndex, toIndex, events);
    int fresh;
    synchronized (this) {
      int before = acknowledged.cardinality();
      acknowledged.set(fromIndex, toIndex);
      fresh = isClosed ? 0 : acknowledged.cardinality() - before;
    }
    outlet.noLongerLent(run, fresh);
    delivery.acknowledge(fromIndex, toIndex);
    outlet.acknowledged(run);
  }

  @Override
  public void close() {
    outlet.settle(this);
  }

  synchronized boolean isAcknowledged() {
    return acknowledged.cardinality() == events;
  }

  /** Closes the delivery; how many events go back by that. */
  int giveBack() {
    int back;
    synchronized (this) {
      back = isClosed ? 0 : events - acknowledged.cardinality();
      isClosed = true;
    }
    delivery.close();
    return back;
  }
}
