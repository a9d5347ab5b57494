/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import io.millrace.api.Origin;
import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.format.SequenceRange;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * What is known of one sender. Its state but for the claims is the sum of its notes, in whatever
 * order they come. Guarded by {@code this}.
 */
final class SenderState {
  /** Openings of the journal that are told apart; more matter only to what was proven long ago. */
  static final int MAX_SESSIONS = 4;

  /** Refused runs that are remembered: as many as a sender may have under way, and more. */
  static final int MAX_REFUSED = 64;

  /**
   * What one opening of the journal has sent, as far as it was recorded. Immutable.
   *
   * @param freshFirst lowest sequence that came fresh
   * @param end behind the highest sequence
   * @param retryFirst lowest sequence that came not fresh
   * @param retryEnd behind the highest sequence that came not fresh
   */
  record Session(long id, long freshFirst, long end, long retryFirst, long retryEnd) {
    private Session with(SenderNote note) {
      return union(
          note.isFresh()
              ? new Session(id, note.first(), note.end(), Long.MAX_VALUE, 0)
              : new Session(id, Long.MAX_VALUE, note.end(), note.first(), note.end()));
    }

    /** Nothing of it was recorded yet. */
    private static Session of(long id) {
      return new Session(id, Long.MAX_VALUE, 0, Long.MAX_VALUE, 0);
    }

    Session union(Session other) {
      return new Session(
          id,
          Math.min(freshFirst, other.freshFirst),
          Math.max(end, other.end),
          Math.min(retryFirst, other.retryFirst),
          Math.max(retryEnd, other.retryEnd));
    }

    /**
     * A journal that was opened again gives new events numbers above all that it had before. Of two
     * openings of one journal either all fresh numbers of the one are above the other's, or the
     * other way round; in whatever order their calls arrive.
     */
    private boolean contradicts(Session other) {
      return end > other.freshFirst && other.end > freshFirst;
    }

    private boolean hasRetried(SenderNote note) {
      return retryFirst <= note.first() && note.end() <= retryEnd;
    }
  }

  private SequenceSet had = SequenceSet.below(0);
  private final List<Claim> claims = new ArrayList<>(2);
  private final List<Session> sessions = new ArrayList<>(1);

  /** Fresh runs that were refused because they may have been late. */
  private final ArrayDeque<SenderNote> refused = new ArrayDeque<>(1);

  private boolean isContested;
  private boolean isForgotten;

  /** When it was used last, in uses of the ledger; read without the lock to find the oldest. */
  private volatile long lastUse;

  long lastUse() {
    return lastUse;
  }

  void use(long use) {
    lastUse = use;
  }

  synchronized boolean isForgotten() {
    return isForgotten;
  }

  synchronized boolean isContested() {
    return isContested;
  }

  /** Ranges that take memory: those that were had, and those that were refused. */
  synchronized int rangeCount() {
    return had.rangeCount() + refused.size();
  }

  /** Forgets the sender unless events of it are on their way. */
  synchronized boolean forget() {
    isForgotten = claims.isEmpty();
    return isForgotten;
  }

  /** Null when the sender was forgotten meanwhile, so that it has to be looked up again. */
  synchronized Verdict judge(Origin origin, long nowNanos) {
    if (isForgotten) {
      return null;
    }
    SenderNote note = SenderNote.of(origin, false);
    boolean isFirstContest = !isContested && provesTwoWriters(note);
    if (isFirstContest) {
      contest();
    }
    if (isContested) {
      return new Claim(this, SenderNote.of(origin, true), isFirstContest, nowNanos);
    }
    List<SequenceRange> missing = had.missing(note.first(), note.end());
    if (missing.isEmpty()) {
      return note.isFresh() && !session(note.session()).hasRetried(note)
          ? refuse(note)
          : Verdict.HAD;
    }
    List<Long> cuts = cuts(note, missing);
    if (!cuts.isEmpty()) {
      return new Verdict.Partly(cuts);
    }
    for (Claim claim : claims) {
      if (overlaps(claim.note(), note.first(), note.end())) {
        boolean isOwnRetry = claim.note().session() == note.session() && !claim.note().isFresh();
        return note.isFresh() && !isOwnRetry ? refuse(note) : new Verdict.UnderWay(claim.settled());
      }
    }
    Claim claim = new Claim(this, note, false, nowNanos);
    claims.add(claim);
    return claim;
  }

  /**
   * A run that was never sent before cannot have come before. Either this is a call that its sender
   * gave up long ago and sent again since, on another connection or by a later process, and nobody
   * hears the answer; or there are two writers, and the one who hears it comes again.
   */
  private Verdict refuse(SenderNote note) {
    refused.add(note);
    if (refused.size() > MAX_REFUSED) {
      refused.remove();
    }
    return Verdict.LATE;
  }

  private boolean provesTwoWriters(SenderNote note) {
    for (SenderNote late : refused) {
      if (late.session() == note.session() && overlaps(late, note.first(), note.end())) {
        return true;
      }
    }
    Session own = session(note.session()).with(note);
    for (Session session : sessions) {
      if (session.id() != own.id() && own.contradicts(session)) {
        return true;
      }
    }
    return false;
  }

  /** Where the run has to be cut for each piece to be had, on its way, or neither. */
  private List<Long> cuts(SenderNote note, List<SequenceRange> missing) {
    if (claims.isEmpty() && missing.size() == 1 && missing.get(0).count() == note.count()) {
      return List.of();
    }
    TreeSet<Long> cuts = new TreeSet<>();
    for (SequenceRange part : missing) {
      cuts.add(part.first());
      cuts.add(part.end());
      for (Claim claim : claims) {
        if (overlaps(claim.note(), part.first(), part.end())) {
          cuts.add(Math.max(part.first(), claim.note().first()));
          cuts.add(Math.min(part.end(), claim.note().end()));
        }
      }
    }
    cuts.remove(note.first());
    cuts.remove(note.end());
    return List.copyOf(cuts);
  }

  private static boolean overlaps(SenderNote note, long first, long end) {
    return note.first() < end && first < note.end();
  }

  private Session session(long id) {
    for (Session session : sessions) {
      if (session.id() == id) {
        return session;
      }
    }
    return Session.of(id);
  }

  /**
   * Lets go what has been on its way for that long: a disk that failed may keep it in doubt until
   * it is back, and events must not wait behind it. If it comes after all, it comes twice.
   *
   * @return how many
   */
  synchronized int dropOverdue(long nowNanos, long maxAgeNanos) {
    int dropped = 0;
    for (Claim claim : List.copyOf(claims)) {
      if (nowNanos - claim.sinceNanos() >= maxAgeNanos) {
        claims.remove(claim);
        claim.settled().complete(null);
        dropped++;
      }
    }
    return dropped;
  }

  synchronized void settle(Claim claim) {
    claims.remove(claim);
  }

  /** Whether the claim is settled now: its run was recorded. If not, it is once that is so. */
  synchronized boolean settleOnceRecorded(Claim claim) {
    if (claim.isRecorded() || isContested) {
      claims.remove(claim);
      return true;
    }
    claim.awaitRecord();
    return false;
  }

  private void claimRecorded(SenderNote note) {
    for (int i = claims.size() - 1; i >= 0; i--) {
      Claim claim = claims.get(i);
      if (claim.note().equals(note)) {
        claim.recorded();
        settleIfAwaited(claim);
      }
    }
  }

  private void settleIfAwaited(Claim claim) {
    if (claim.awaitsRecord()) {
      claims.remove(claim);
      claim.settled().complete(null);
    }
  }

  /**
   * Adds what a note says; returns how many ranges had to be forgotten, or -1 when the sender was
   * forgotten meanwhile.
   */
  synchronized int record(SenderNote note, int maxRanges) {
    if (isForgotten) {
      return -1;
    }
    keep(session(note.session()).with(note));
    claimRecorded(note);
    if (note.isContested() || isContested) {
      contest();
      return 0;
    }
    had.add(0, note.floor());
    had.add(note.first(), note.end());
    return trim(maxRanges);
  }

  /** Adds what another memory of this sender says; returns as {@link #record}. */
  synchronized int merge(Memory memory, int maxRanges) {
    if (isForgotten) {
      return -1;
    }
    for (Session other : memory.sessions()) {
      keep(session(other.id()).union(other));
    }
    if (memory.isContested() || isContested) {
      contest();
      return 0;
    }
    had.addAll(memory.lowWater(), memory.ranges());
    return trim(maxRanges);
  }

  /** Nothing of it is dropped any more: no need to remember what it sent. */
  private void contest() {
    isContested = true;
    had = SequenceSet.below(0);
    refused.clear();
    List.copyOf(claims).forEach(this::settleIfAwaited);
  }

  private void keep(Session session) {
    sessions.removeIf(other -> other.id() == session.id());
    sessions.add(session);
    if (sessions.size() > MAX_SESSIONS) {
      sessions.remove(0);
    }
  }

  private int trim(int maxRanges) {
    if (had.rangeCount() <= maxRanges) {
      return 0;
    }
    List<SequenceRange> ranges = had.ranges();
    int forgotten = ranges.size() - maxRanges + LedgerLimits.step(maxRanges) - 1;
    SequenceSet kept = SequenceSet.below(had.lowWater());
    kept.addAll(0, ranges.subList(forgotten, ranges.size()));
    had = kept;
    return forgotten;
  }

  /** All that is recorded of a sender. Immutable. */
  record Memory(
      boolean isContested, long lowWater, List<SequenceRange> ranges, List<Session> sessions) {
    Memory {
      ranges = List.copyOf(ranges);
      sessions = List.copyOf(sessions);
    }
  }

  synchronized Memory memory() {
    return new Memory(isContested, had.lowWater(), had.ranges(), sessions);
  }
}
