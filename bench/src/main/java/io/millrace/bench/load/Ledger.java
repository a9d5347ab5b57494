/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

import io.millrace.bench.load.AppendBatchFrame.Answer;
import java.util.Arrays;

/**
 * What was answered. The load thread writes; counts may be read by any thread, latencies once the
 * load has ended.
 */
public final class Ledger {
  /** Latencies kept: the latest of this many requests. */
  private static final int MAX_LATENCIES = 1 << 18;

  private final long[] latencyNanos = new long[MAX_LATENCIES];
  private volatile long requestsOk;
  private volatile long requestsFailed;
  private volatile long requestsOutOfOrder;

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void answered(Answer answer, long nanos) {
    switch (answer) {
      case OK -> {
        latencyNanos[(int) (requestsOk % MAX_LATENCIES)] = nanos;
        requestsOk++;
      }
      case FAILED -> requestsFailed++;
    }
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void outOfOrder() {
    requestsOutOfOrder++;
  }

  public long requestsOk() {
    return requestsOk;
  }

  public long requestsFailed() {
    return requestsFailed;
  }

  public long requestsOutOfOrder() {
    return requestsOutOfOrder;
  }

  /**
   * Round trips of the requests answered OK in {@code [fromRequest, toRequest)}, in milliseconds.
   */
  public Latency latency(long fromRequest, long toRequest) {
    long from = Math.max(fromRequest, requestsOk - MAX_LATENCIES);
    if (toRequest <= from) {
      return new Latency(0, 0, 0);
    }
    long[] nanos = new long[(int) (toRequest - from)];
    for (int i = 0; i < nanos.length; i++) {
      nanos[i] = latencyNanos[(int) ((from + i) % MAX_LATENCIES)];
    }
    Arrays.sort(nanos);
    return new Latency(
        nanos[nanos.length / 2] / 1e6,
        nanos[(int) (nanos.length * 0.99)] / 1e6,
        nanos[nanos.length - 1] / 1e6);
  }

  /** Round trips of requests. */
  public record Latency(double medianMillis, double p99Millis, double maxMillis) {}
}
