/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.EventBatch;

/** Batches that hold no more memory than they say. Stateless. */
final class Compact {
  /** Slack that is not worth a copy. */
  private static final int MAX_SLACK_BYTES = 64;

  private Compact() {}

  /** The batch, copied if its array is much longer than its encoding. */
  static EventBatch of(EventBatch batch) {
    return batch.lend(
        (array, offset, length) -> {
          if (array.length - length <= MAX_SLACK_BYTES) {
            return batch;
          }
          byte[] exact = new byte[length];
          System.arraycopy(array, offset, exact, 0, length);
          return EventBatch.ofChecked(exact, 0, length, batch.eventCount());
        });
  }
}
