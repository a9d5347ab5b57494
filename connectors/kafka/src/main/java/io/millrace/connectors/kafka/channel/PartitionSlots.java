/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.channel;

import java.util.ArrayDeque;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * What was read of one assigned partition and is not acknowledged without a gap. Guarded by the
 * reader.
 */
final class PartitionSlots {
  private static final long NOTHING = -1;

  private final TopicPartition partition;
  private final ArrayDeque<Slot> slots = new ArrayDeque<>();
  private boolean isLost;
  private int lent;
  private long acknowledgedEnd = NOTHING;
  private long committedEnd = NOTHING;

  /** A record, from its fetch to its acknowledgement. Guarded by the reader. */
  static final class Slot {
    private final PartitionSlots owner;
    private final ConsumerRecord<byte[], byte[]> record;
    private final long arrival;
    private boolean isAcknowledged;

    private Slot(PartitionSlots owner, ConsumerRecord<byte[], byte[]> record, long arrival) {
      this.owner = owner;
      this.record = record;
      this.arrival = arrival;
    }

    PartitionSlots owner() {
      return owner;
    }

    ConsumerRecord<byte[], byte[]> record() {
      return record;
    }

    /** Orders the records of all partitions as they came. */
    long arrival() {
      return arrival;
    }

    boolean isAcknowledged() {
      return isAcknowledged;
    }

    /** About what the record takes in a batch. */
    long bytes() {
      return 32L
          + Math.max(0, record.serializedKeySize())
          + Math.max(0, record.serializedValueSize());
    }
  }

  PartitionSlots(TopicPartition partition) {
    this.partition = partition;
  }

  TopicPartition partition() {
    return partition;
  }

  Slot add(ConsumerRecord<byte[], byte[]> record, long arrival) {
    Slot slot = new Slot(this, record, arrival);
    slots.add(slot);
    return slot;
  }

  /** Records that are not acknowledged, or are behind one that is not. */
  int count() {
    return slots.size();
  }

  long bytes() {
    return slots.stream().filter(slot -> !slot.isAcknowledged).mapToLong(Slot::bytes).sum();
  }

  void lend() {
    lent++;
  }

  /** Takes a lent record back, or for good. */
  void settle(Slot slot, boolean acknowledged) {
    lent--;
    slot.isAcknowledged = acknowledged;
    while (!slots.isEmpty() && slots.peek().isAcknowledged) {
      acknowledgedEnd = slots.remove().record.offset() + 1;
    }
  }

  boolean hasLent() {
    return lent > 0;
  }

  /** Another member has the partition, or will have: nothing of it is given out any more. */
  void lose() {
    isLost = true;
    slots.clear();
  }

  boolean isLost() {
    return isLost;
  }

  boolean isDue() {
    return acknowledgedEnd > committedEnd;
  }

  long acknowledgedEnd() {
    return acknowledgedEnd;
  }

  void committed(long end) {
    committedEnd = Math.max(committedEnd, end);
  }
}
