/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * What became of each event of a batch: delivered, rejected for a reason, or to be tried again.
 * Immutable.
 *
 * @since 0.1
 */
public final class Outcome {
  private static final Outcome DELIVERED = new Outcome(new BitSet(), Map.of());

  private final BitSet retries;
  private final Map<Integer, String> rejections;

  private Outcome(BitSet retries, Map<Integer, String> rejections) {
    this.retries = retries;
    this.rejections = rejections;
  }

  /** Every event was delivered. */
  public static Outcome delivered() {
    return DELIVERED;
  }

  /** Starts from "every event was delivered". */
  public static Builder builder() {
    return new Builder();
  }

  public boolean isFullyDelivered() {
    return retries.isEmpty() && rejections.isEmpty();
  }

  /** Whether the event at {@code index} has to be tried again. */
  public boolean isRetried(int index) {
    return retries.get(index);
  }

  /** First index from {@code fromIndex} that has to be tried again, or -1. */
  public int nextRetry(int fromIndex) {
    return retries.nextSetBit(fromIndex);
  }

  /** First index from {@code fromIndex} that is settled (delivered or rejected). */
  public int nextSettled(int fromIndex) {
    return retries.nextClearBit(fromIndex);
  }

  public int retryCount() {
    return retries.cardinality();
  }

  /** Index of each rejected event with the reason, in order. */
  public Map<Integer, String> rejections() {
    return rejections;
  }

  /**
   * Collects the exceptions from "delivered"; the last word on an event counts. Confined to one
   * thread.
   */
  public static final class Builder {
    private final BitSet retries = new BitSet();
    private final TreeMap<Integer, String> rejections = new TreeMap<>();

    private Builder() {}

    /** The event can never be delivered here. */
    public Builder reject(int index, String reason) {
      rejections.put(index, reason);
      retries.clear(index);
      return this;
    }

    /** The events {@code [fromIndex, toIndex)} were not delivered and should be tried again. */
    public Builder retry(int fromIndex, int toIndex) {
      retries.set(fromIndex, toIndex);
      rejections.subMap(fromIndex, toIndex).clear();
      return this;
    }

    public Outcome build() {
      return new Outcome(
          (BitSet) retries.clone(),
          java.util.Collections.unmodifiableMap(new TreeMap<>(rejections)));
    }
  }
}
