/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.Outcome;
import io.millrace.api.RejectedException;
import io.millrace.connectors.kafka.client.Failure;
import io.millrace.kit.log.LogText;
import java.util.BitSet;
import org.apache.kafka.common.errors.TimeoutException;

/** What became of the events of one batch. Guarded by {@code this}. */
final class Verdicts {
  private final Outcome.Builder outcome = Outcome.builder();
  private final BitSet rejected = new BitSet();
  private final BitSet retried = new BitSet();
  private Throwable firstRetried;

  synchronized void reject(int index, Throwable reason) {
    outcome.reject(index, LogText.of(message(reason)));
    rejected.set(index);
    retried.clear(index);
  }

  synchronized void retry(int index, Throwable reason) {
    outcome.retry(index, index + 1);
    retried.set(index);
    if (firstRetried == null) {
      firstRetried = reason;
    }
  }

  /** Rejects what can never be sent, and retries the rest. */
  void judge(int index, Throwable reason, KafkaSinkOptions.OnUnauthorized unauthorized) {
    if (isRejected(reason, unauthorized)) {
      reject(index, reason);
    } else {
      retry(index, reason);
    }
  }

  static boolean isRejected(Throwable reason, KafkaSinkOptions.OnUnauthorized unauthorized) {
    return reason instanceof RejectedException
        || switch (Failure.of(reason)) {
          case REJECTED -> true;
          case UNAUTHORIZED -> unauthorized == KafkaSinkOptions.OnUnauthorized.REJECT;
          case FENCED, TRANSIENT -> false;
        };
  }

  /** Whether the failure is of one topic, so that other records may go on. */
  static boolean isOfItsTopic(Throwable reason) {
    return reason instanceof RejectedException
        || switch (Failure.of(reason)) {
          case REJECTED, UNAUTHORIZED -> true;
          case FENCED -> false;
          case TRANSIENT -> reason instanceof TimeoutException && isMetadata(reason);
        };
  }

  /** Kafka has one class for all that takes too long. */
  private static boolean isMetadata(Throwable reason) {
    return String.valueOf(reason.getMessage()).contains("not present in metadata");
  }

  synchronized boolean isSettled(int index) {
    return rejected.get(index) || retried.get(index);
  }

  synchronized boolean isRetried(int index) {
    return retried.get(index);
  }

  synchronized int retryCount() {
    return retried.cardinality();
  }

  synchronized Throwable firstRetried() {
    return firstRetried;
  }

  synchronized Outcome outcome() {
    return outcome.build();
  }

  private static String message(Throwable reason) {
    return reason instanceof RejectedException && reason.getMessage() != null
        ? reason.getMessage()
        : reason.toString();
  }
}
