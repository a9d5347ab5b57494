/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Origin;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Objects;

/** Events that a memory queue has lent out. Guarded by {@code this}. */
final class LentEvents implements Delivery {
  private final MemoryQueue queue;
  private final int slotBytes;
  private final List<StoredRun.Piece> pieces;
  private final EventBatch batch;

  /** Indexes of the batch that are acknowledged or given back. */
  private final BitSet settled = new BitSet();

  LentEvents(MemoryQueue queue, List<StoredRun.Piece> pieces, int slotBytes) {
    this.queue = queue;
    this.slotBytes = slotBytes;
    this.pieces = pieces;
    this.batch = EventBatch.join(pieces.stream().map(StoredRun.Piece::batch).toList());
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
    acknowledge(0, batch.eventCount());
  }

  @Override
  public void acknowledge(int fromIndex, int toIndex) {
    Objects.checkFromToIndex(fromIndex, toIndex, batch.eventCount());
    Load freed;
    synchronized (this) {
      freed = unsettledLoad(fromIndex, toIndex);
      settled.set(fromIndex, toIndex);
    }
    if (freed.events() > 0) {
      queue.release(freed);
    }
  }

  @Override
  public void close() {
    List<StoredRun.Piece> back;
    synchronized (this) {
      back = unsettledPieces();
      settled.set(0, batch.eventCount());
    }
    if (!back.isEmpty()) {
      queue.giveBack(back);
    }
  }

  private Load unsettledLoad(int fromIndex, int toIndex) {
    if (fromIndex == 0 && toIndex == batch.eventCount() && settled.isEmpty()) {
      // Weighed when they were put: a walk over all events would cost as much as their delivery.
      Load all = Load.NONE;
      for (StoredRun.Piece piece : pieces) {
        all = all.plus(piece.load());
      }
      return all;
    }
    Load load = Load.NONE;
    int index = 0;
    for (EventView event : batch) {
      if (index >= toIndex) {
        break;
      }
      if (index >= fromIndex && !settled.get(index)) {
        load = load.plus(Load.of(event, slotBytes));
      }
      index++;
    }
    return load;
  }

  private List<StoredRun.Piece> unsettledPieces() {
    List<StoredRun.Piece> unsettled = new ArrayList<>();
    int start = 0;
    for (StoredRun.Piece piece : pieces) {
      int end = start + piece.batch().eventCount();
      int from = settled.nextClearBit(start);
      while (from < end) {
        int set = settled.nextSetBit(from);
        int to = set < 0 ? end : Math.min(set, end);
        EventBatch rest = piece.batch().slice(from - start, to - start);
        unsettled.add(
            new StoredRun.Piece(
                rest, Load.of(rest, slotBytes), piece.sequenceFirst() + from - start));
        from = settled.nextClearBit(to);
      }
      start = end;
    }
    return unsettled;
  }
}
