/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.api.EventBatch;
import io.millrace.app.avroclient.SendFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads the files of a job from where it stands and hands on what lies in the window. Damage and
 * files that are gone are told to the findings, and the next is gone on with. Confined to one
 * thread; single use.
 */
final class Replay {
  /** Takes batches in their order. */
  @FunctionalInterface
  interface Target {
    /**
     * @param firstSequence number of the first event
     * @param readBytes of the input that were read since the last call
     */
    void send(EventBatch batch, long firstSequence, long readBytes)
        throws SendFailedException, InterruptedException;
  }

  private final ReplayJob job;
  private final int batchSize;
  private final Findings findings;
  private final Tally tally;
  private final Target target;

  Replay(ReplayJob job, int batchSize, Findings findings, Tally tally, Target target) {
    this.job = job;
    this.batchSize = batchSize;
    this.findings = findings;
    this.tally = tally;
    this.target = target;
  }

  /** Goes on behind what is acknowledged, to the end. */
  void run(long acknowledgedEnd) throws SendFailedException, InterruptedException {
    int first = ReplayJob.fileIndex(acknowledgedEnd);
    for (int index = first; index < job.files().size(); index++) {
      long done = index == first ? ReplayJob.event(acknowledgedEnd) : 0;
      replay(index, job.files().get(index), done);
    }
  }

  private void replay(int index, StoredFile file, long doneEvents)
      throws SendFailedException, InterruptedException {
    FileFindings found = findings.of(index, file);
    Path directory = Path.of(job.directory());
    Path path = directory.resolve(file.name());
    Selection selection =
        new Selection(
            job.window(),
            job.headers(),
            batchSize,
            doneEvents,
            tally,
            (batch, firstEvent, readBytes) ->
                target.send(batch, ReplayJob.sequence(index, firstEvent), readBytes));
    try {
      if (!Files.exists(path)) {
        found.missing();
        return;
      }
      if (Files.size(path) < file.bytes()) {
        found.shorter(Files.size(path));
      }
      try (StoredEvents events = file.format().open(file, directory, found)) {
        for (StoredEvents.Run run = events.next(); run != null; run = events.next()) {
          selection.take(run);
        }
      }
    } catch (IOException e) {
      found.unreadable(e);
    }
    selection.finish();
  }
}
