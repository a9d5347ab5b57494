/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.journal.JournalException;
import io.millrace.journal.Lease;
import java.util.Objects;

/** Events that a file channel has lent out. Guarded by its lease's monitor. */
final class LeasedEvents implements Delivery {
  private final String channel;
  private final Lease lease;
  private final EventBatch batch;
  private final Origin origin;
  private final Runnable roomFreed;

  LeasedEvents(String channel, Origin origin, Lease lease, EventBatch batch, Runnable roomFreed) {
    this.channel = channel;
    this.lease = lease;
    this.batch = batch;
    this.origin = origin;
    this.roomFreed = roomFreed;
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
  public void acknowledge(int fromIndex, int toIndex) {
    Objects.checkFromToIndex(fromIndex, toIndex, batch.eventCount());
    try {
      lease.acknowledge(fromIndex, toIndex);
    } catch (JournalException e) {
      throw JournalFailure.of(channel, e);
    }
    roomFreed.run();
  }

  @Override
  public void close() {
    lease.release();
  }
}
