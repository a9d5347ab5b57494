/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import java.util.concurrent.CompletableFuture;

/**
 * The right to append a run of events, and nobody else's until it is settled. The holder settles it
 * once the append has ended, well or not; what the channel has by then was recorded before.
 *
 * <p>Safe for many threads.
 */
public final class Claim implements Verdict {
  private final SenderState sender;
  private final SenderNote note;
  private final boolean isFirstContest;
  private final long sinceNanos;
  private final CompletableFuture<Void> settled = new CompletableFuture<>();

  /** Guarded by the sender. */
  private boolean awaitsRecord;

  /** Guarded by the sender. */
  private boolean isRecorded;

  Claim(SenderState sender, SenderNote note, boolean isFirstContest, long sinceNanos) {
    this.sinceNanos = sinceNanos;
    this.sender = sender;
    this.note = note;
    this.isFirstContest = isFirstContest;
  }

  SenderNote note() {
    return note;
  }

  /** What to store with the events, so that both are there or neither. */
  public byte[] encodedNote() {
    return note.encode();
  }

  /** Whether this run is what proved two writers. */
  boolean isFirstContest() {
    return isFirstContest;
  }

  long sinceNanos() {
    return sinceNanos;
  }

  CompletableFuture<Void> settled() {
    return settled;
  }

  boolean isRecorded() {
    return isRecorded;
  }

  void recorded() {
    isRecorded = true;
  }

  boolean awaitsRecord() {
    return awaitsRecord;
  }

  void awaitRecord() {
    awaitsRecord = true;
  }

  /**
   * As {@link #settle}, for an append that has ended well: if that was said before the run was
   * recorded, those who wait go on waiting for the record.
   */
  void settleOnceRecorded() {
    if (sender.settleOnceRecorded(this)) {
      settled.complete(null);
    }
  }

  /** Lets those who wait for the outcome look again. Idempotent. */
  void settle() {
    sender.settle(this);
    settled.complete(null);
  }
}
