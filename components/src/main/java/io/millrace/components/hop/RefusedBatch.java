/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.hop;

import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.kit.log.LogText;
import io.millrace.rpc.session.Answer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A batch that a server refuses for good, as it is: because it is too large, or for some event in
 * it. It is cut in halves, and these again, until all is taken but the single events that the
 * server refuses alone; these are rejected, so that they hold up nothing behind them. At most two
 * calls for each event, one after another. When a call fails otherwise, what was not settled is to
 * be tried again.
 *
 * <p>Confined to one call at a time: the next is made when the one before is answered.
 */
final class RefusedBatch {
  private static final Logger log = LoggerFactory.getLogger(RefusedBatch.class);

  private record Range(int from, int to) {
    int events() {
      return to - from;
    }
  }

  private final EventBatch batch;
  private final Origin origin;
  private final String server;
  private final BatchCaller caller;
  private final LogLimit failureLog;
  private final Outcome.Builder outcome = Outcome.builder();

  /** What was not sent yet, in order; at most one range for each halving. */
  private final Deque<Range> open = new ArrayDeque<>();

  private RefusedBatch(
      EventBatch batch, Origin origin, String server, LogLimit failureLog, BatchCaller caller) {
    this.failureLog = failureLog;
    this.batch = batch;
    this.origin = origin;
    this.server = server;
    this.caller = caller;
  }

  /**
   * Delivers what can be delivered of the batch.
   *
   * @param server what messages call it
   * @param refusal of the whole
   * @param failureLog bounds what is said of pieces that fail otherwise
   */
  static CompletableFuture<Outcome> deliver(
      EventBatch batch,
      Origin origin,
      String server,
      Answer.CallError refusal,
      LogLimit failureLog,
      BatchCaller caller) {
    RefusedBatch pieces = new RefusedBatch(batch, origin, server, failureLog, caller);
    pieces.refused(new Range(0, batch.eventCount()), refusal);
    return pieces.sendNext();
  }

  private CompletableFuture<Outcome> sendNext() {
    Range piece = open.poll();
    if (piece == null) {
      return CompletableFuture.completedFuture(outcome.build());
    }
    CompletableFuture<Answer> answer;
    try {
      answer = caller.call(batch.slice(piece.from(), piece.to()), originOf(piece));
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    return answer
        .handle((value, failure) -> settle(piece, value, failure))
        .thenCompose(goesOn -> sendNext());
  }

  private Void settle(Range piece, Answer answer, Throwable failure) {
    if (failure == null && answer instanceof Answer.CallError error && error.isPermanent()) {
      refused(piece, error);
    } else if (failure != null || answer != Answer.Status.OK) {
      outcome.retry(piece.from(), batch.eventCount());
      open.clear();
      if (failureLog.allows()) {
        log.warn(
            "{} refused a batch of {} events; of its pieces {} to {} were not taken either and are"
                + " sent again: {}",
            server,
            batch.eventCount(),
            piece.from(),
            batch.eventCount() - 1,
            LogText.of(failure == null ? answer : failure.getMessage()));
      }
    }
    return null;
  }

  private void refused(Range range, Answer.CallError refusal) {
    if (range.events() == 1) {
      outcome.reject(
          range.from(), server + " refuses the event for good: " + LogText.of(refusal.text()));
    } else if (range.events() > 1) {
      int middle = range.from() + range.events() / 2;
      open.addFirst(new Range(middle, range.to()));
      open.addFirst(new Range(range.from(), middle));
    }
  }

  private Origin originOf(Range piece) {
    return origin.count() == batch.eventCount() && origin.isKnown()
        ? origin.part(origin.first() + piece.from(), origin.first() + piece.to()).again()
        : Origin.NONE;
  }
}
