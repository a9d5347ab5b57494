/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import java.util.Objects;
import java.util.UUID;

/** Contiguous events of the backlog that are lent out. Guarded by {@code this}. */
final class BacklogDelivery implements Delivery {
  private final FlumeBacklog backlog;
  private final EventBatch batch;
  private final Origin origin;
  private boolean isClosed;

  BacklogDelivery(FlumeBacklog backlog, EventBatch batch, UUID id, long firstIndex) {
    this.backlog = backlog;
    this.batch = batch;
    this.origin = new Origin(id, 0, firstIndex, batch.eventCount());
  }

  @Override
  public EventBatch batch() {
    return batch;
  }

  @Override
  public Origin origin() {
    return origin;
  }

  @Override
  public void acknowledge() {
    acknowledge(0, batch.eventCount());
  }

  @Override
  public synchronized void acknowledge(int fromIndex, int toIndex) {
    Objects.checkFromToIndex(fromIndex, toIndex, batch.eventCount());
    if (isClosed) {
      throw new IllegalStateException("delivery from index " + origin.first() + " was given back");
    }
    backlog.acknowledge(origin.first() + fromIndex, origin.first() + toIndex);
  }

  @Override
  public synchronized void close() {
    if (!isClosed) {
      isClosed = true;
      backlog.giveBack(origin.first(), origin.first() + batch.eventCount());
    }
  }
}
