/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.channel;

import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import java.util.List;
import java.util.Objects;

/** Records that the channel has lent out. Guarded by the reader. */
final class TopicDelivery implements Delivery {
  private final TopicReader reader;
  private final List<PartitionSlots.Slot> slots;
  private final EventBatch batch;
  private boolean isClosed;

  TopicDelivery(TopicReader reader, List<PartitionSlots.Slot> slots, EventBatch batch) {
    this.reader = reader;
    this.slots = slots;
    this.batch = batch;
  }

  @Override
  public EventBatch batch() {
    return batch;
  }

  @Override
  public Origin origin() {
    return Origin.NONE;
  }

  @Override
  public void acknowledge() {
    acknowledge(0, slots.size());
  }

  @Override
  public void acknowledge(int fromIndex, int toIndex) {
    Objects.checkFromToIndex(fromIndex, toIndex, slots.size());
    synchronized (reader) {
      if (!isClosed) {
        reader.acknowledge(slots.subList(fromIndex, toIndex));
      }
    }
  }

  @Override
  public void close() {
    synchronized (reader) {
      if (!isClosed) {
        isClosed = true;
        reader.giveBack(slots);
      }
    }
  }
}
