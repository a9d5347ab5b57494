/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import io.millrace.api.ChannelContext;
import io.millrace.api.EventBatch;
import io.millrace.api.Intake;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.Origin;
import io.millrace.api.TransientException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Appends to a channel what its ledger says it has not had; counts and says what it leaves out.
 * Safe for many threads.
 */
public final class OnceAppends {
  private static final Logger log = LoggerFactory.getLogger(OnceAppends.class);
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  /** How long the thread that looks again outlives its last look. */
  private static final long IDLE_SECONDS = 10;

  /** How long an append waits for another one of the same events. */
  private static final Duration MAX_WAIT = Duration.ofSeconds(10);

  /** Who says that a run is in the channel for good. */
  public enum Recorder {
    /** This class, when the append completes: for channels that only memory holds. */
    COMPLETION,
    /** The journal, when it has synced the run's note, which may be after the append completes. */
    STORED_NOTE
  }

  private final String channel;
  private final SenderLedger ledger;
  private final Recorder recorder;
  private final Duration maxWait;
  private final Metrics.Counter duplicates;
  private final Metrics.Counter late;
  private final LogLimit contestedLines = new LogLimit(BETWEEN_LINES);
  private final LogLimit forgottenLines = new LogLimit(BETWEEN_LINES);

  /** Read with each append; two threads that say the same are bounded by the limit. */
  private volatile long saidForgotten;

  /**
   * Where waiting appends look again: not where the other append completed, which is a thread of
   * the journal. The line is as long as appends wait, which their sources bound.
   */
  private final ThreadPoolExecutor looks;

  public OnceAppends(ChannelContext context, SenderLedger ledger, Recorder recorder) {
    this(context, ledger, recorder, MAX_WAIT);
  }

  OnceAppends(ChannelContext context, SenderLedger ledger, Recorder recorder, Duration maxWait) {
    this.maxWait = maxWait;
    this.channel = context.name();
    this.ledger = ledger;
    this.recorder = recorder;
    this.duplicates = context.metrics().counter("EventDuplicateCount");
    this.late = context.metrics().counter("EventLateCount");
    Metrics metrics = context.metrics();
    metrics.gauge("SenderCount", ledger::senderCount);
    metrics.gauge("SenderRangeCount", ledger::rangeCount);
    metrics.gauge("SenderContestedCount", ledger::contestedSenderCount);
    metrics.gauge("SenderForgottenCount", ledger::forgottenSenderCount);
    metrics.gauge("SenderRangeForgottenCount", ledger::forgottenRangeCount);
    metrics.gauge("SenderLeftOutCount", ledger::leftOutSenderCount);
    metrics.gauge("SenderOverdueCount", ledger::overdueCount);
    this.looks =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            context.threads("same-events"),
            // After the close: whoever settles the claim looks for the one that waits.
            (look, pool) -> look.run());
    looks.allowCoreThreadTimeOut(true);
  }

  /**
   * Appends the batch unless the channel has had its run.
   *
   * @param append called at most once, and by whoever is told to append
   */
  public CompletableFuture<Intake> append(
      EventBatch batch, Origin origin, Function<Claim, CompletableFuture<Void>> append) {
    Verdict verdict = ledger.judge(origin);
    if (verdict instanceof Claim claim) {
      return append(origin, claim, append);
    }
    if (verdict instanceof Verdict.UnderWay underWay) {
      return await(underWay, origin)
          .thenComposeAsync(ignored -> append(batch, origin, append), looks);
    }
    if (verdict instanceof Verdict.Partly partly) {
      return CompletableFuture.completedFuture(new Intake.Partly(partly.cuts()));
    }
    if (verdict instanceof Verdict.Late) {
      late.add(batch.eventCount());
      return CompletableFuture.failedFuture(
          new TransientException(
              "Channel "
                  + channel
                  + ": events of journal "
                  + origin.journal()
                  + " lane "
                  + origin.lane()
                  + " from sequence "
                  + origin.first()
                  + " are said to be sent for the first time, but were here before; they are"
                  + " refused as a call that comes late. Send again what is still unanswered"));
    }
    duplicates.add(batch.eventCount());
    return CompletableFuture.completedFuture(Intake.HAD);
  }

  /** Not for ever: the sender times out as well, and what waits takes memory. */
  private CompletableFuture<Void> await(Verdict.UnderWay underWay, Origin origin) {
    return underWay
        .settled()
        .copy()
        .orTimeout(maxWait.toMillis(), TimeUnit.MILLISECONDS)
        .exceptionally(
            timeout -> {
              throw new TransientException(
                  "Channel "
                      + channel
                      + ": events of journal "
                      + origin.journal()
                      + " lane "
                      + origin.lane()
                      + " from sequence "
                      + origin.first()
                      + " are on their way in by an earlier call for more than "
                      + maxWait.toSeconds()
                      + " s; its outcome is not known yet. Send them again later");
            });
  }

  private CompletableFuture<Intake> append(
      Origin origin, Claim claim, Function<Claim, CompletableFuture<Void>> append) {
    if (claim.isFirstContest()) {
      sayContested(origin);
    }
    CompletableFuture<Void> appended;
    try {
      appended = append.apply(claim);
    } catch (Throwable e) { // an Error too must not keep others waiting
      claim.settle();
      throw e;
    }
    return appended
        .whenComplete(
            (ignored, error) -> {
              if (error != null) {
                claim.settle();
              } else {
                recorded(claim);
              }
              sayForgotten();
            })
        .thenApply(ignored -> Intake.APPENDED);
  }

  private void recorded(Claim claim) {
    switch (recorder) {
      case COMPLETION -> {
        try {
          ledger.record(claim.note());
        } finally {
          claim.settle();
        }
      }
      case STORED_NOTE -> claim.settleOnceRecorded();
    }
  }

  private void sayContested(Origin origin) {
    if (contestedLines.allows()) {
      log.error(
          "Channel {}: two writers send as journal {} lane {} (one of them is {}): sequence {} was"
              + " used twice. A machine or a data directory was copied, or set back to an older"
              + " state. From now on no event of this journal is dropped as a duplicate, so that"
              + " none is lost. Stop the copy, delete its channel's data and checkpoint directories,"
              + " and start it with new ones ({} lines like this were left out) [SENDER_CONTESTED]",
          channel,
          origin.journal(),
          origin.lane(),
          origin.peer().isEmpty() ? "not known" : origin.peer(),
          origin.first(),
          contestedLines.takeLeftOut());
    }
  }

  private void sayForgotten() {
    long forgotten = ledger.forgottenSenderCount() + ledger.forgottenRangeCount();
    if (forgotten == saidForgotten || !forgottenLines.allows()) {
      return;
    }
    saidForgotten = forgotten;
    log.warn(
        "Channel {}: {} senders and {} ranges of senders so far were forgotten, for more were to be"
            + " remembered than are allowed. What these send again may come twice; nothing is"
            + " lost",
        channel,
        ledger.forgottenSenderCount(),
        ledger.forgottenRangeCount());
  }

  /** Looks no more on a thread of its own; appends that still wait are settled by their likes. */
  public void close() {
    looks.shutdown();
  }
}
