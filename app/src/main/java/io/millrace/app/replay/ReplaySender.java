/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.app.avroclient.BatchSender;
import io.millrace.app.avroclient.SendFailedException;
import io.millrace.app.avroclient.SendProgress;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Sends a job's events under its identity and keeps its progress. Events are never named fresh: a
 * run before may have sent them. The floor is what is acknowledged, in this run too: a server that
 * hears of these events once more may drop them, for some server has them. Confined to one thread.
 */
final class ReplaySender implements Replay.Target, BatchSender.Listener {
  private static final long SAVE_NANOS = TimeUnit.SECONDS.toNanos(1);

  private final ReplayJob job;
  private final JobFiles files;
  private final Findings findings;
  private final SendProgress shown;
  private final Pace pace;
  private final Consumer<String> remarks;
  private final LongSupplier nanoClock;
  private BatchSender sender;
  private long acknowledgedEnd;
  private long acknowledgedEvents;
  private long savedNanos;
  private boolean isSaveFailureSaid;

  ReplaySender(
      ReplayJob job,
      JobFiles files,
      ReplayProgress from,
      Findings findings,
      SendProgress shown,
      Pace pace,
      Consumer<String> remarks,
      LongSupplier nanoClock) {
    this.job = job;
    this.files = files;
    this.findings = findings;
    this.shown = shown;
    this.pace = pace;
    this.remarks = remarks;
    this.nanoClock = nanoClock;
    this.acknowledgedEnd = from.acknowledgedEnd();
    this.acknowledgedEvents = from.acknowledgedEvents();
    this.savedNanos = nanoClock.getAsLong();
  }

  /** Reads and sends to the end. */
  void run(BatchSender through, Replay replay) throws SendFailedException, InterruptedException {
    sender = through;
    boolean isComplete = false;
    try {
      replay.run(acknowledgedEnd);
      sender.finish();
      isComplete = true;
    } finally {
      save(isComplete);
    }
  }

  /** Events acknowledged in all runs of the job. */
  long acknowledgedEvents() {
    return acknowledgedEvents;
  }

  @Override
  public void send(EventBatch batch, long firstSequence, long readBytes)
      throws SendFailedException, InterruptedException {
    if (batch.isEmpty()) {
      sender.send(batch, readBytes);
      return;
    }
    pace.await(batch.eventCount());
    Origin origin =
        new Origin(
            job.journal(),
            0,
            firstSequence,
            batch.eventCount(),
            job.session(),
            acknowledgedEnd,
            false,
            "");
    sender.send(batch, origin, readBytes);
  }

  @Override
  public void acknowledged(Origin origin, long events, long readBytes) {
    if (origin.isKnown()) {
      acknowledgedEnd = origin.end();
      acknowledgedEvents += events;
    }
    shown.passed(events, readBytes);
    if (nanoClock.getAsLong() - savedNanos >= SAVE_NANOS) {
      save(false);
    }
  }

  private void save(boolean isComplete) {
    savedNanos = nanoClock.getAsLong();
    int file = isComplete ? Integer.MAX_VALUE : ReplayJob.fileIndex(acknowledgedEnd);
    try {
      files.save(
          new ReplayProgress(
              job.journal(),
              acknowledgedEnd,
              acknowledgedEvents,
              isComplete,
              findings.before(file).stream().filter(found -> found.fileIndex() >= 0).toList()));
    } catch (IOException e) {
      if (!isSaveFailureSaid) {
        isSaveFailureSaid = true;
        remarks.accept(
            "the progress cannot be saved to "
                + files.path()
                + ".progress: "
                + e
                + ". The replay goes on; if it is broken off, more is sent again.");
      }
    }
  }
}
