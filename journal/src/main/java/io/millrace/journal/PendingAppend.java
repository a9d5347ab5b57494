/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.segment.FrameData;
import java.util.concurrent.CompletableFuture;

/** An append on its way. Confined to the lane's owner thread once it was queued. */
final class PendingAppend {
  static final long NOT_STAMPED = -1;

  final FrameData frame;
  final CompletableFuture<Void> future = new CompletableFuture<>();

  long firstSequence = NOT_STAMPED;

  /** Consumers may see it; with a sync interval that comes before the sync. */
  boolean isPublished;

  PendingAppend(FrameData frame) {
    this.frame = frame;
  }

  long endSequence() {
    return firstSequence + frame.recordCount();
  }
}
