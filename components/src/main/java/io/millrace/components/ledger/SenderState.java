/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import io.millrace.api.Origin;
import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.format.SequenceRange;
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

  /** What one opening of the journal has sent, as far as it was recorded. Immutable. */
  record Session(long id, long freshFirst, long end) {
    private Session with(SenderNote note) {
      return new Session(
          id,
          note.isFresh() ? Math.min(freshFirst, note.first()) : freshFirst,
          Math.max(end, note.end()));
    }

    /** Nothing of it was recorded yet. */
    private static Session of(long id) {
      return new Session(id, Long.MAX_VALUE, 0);
    }

    Session union(Session other) {
      return new Session(id, Math.min(freshFirst, other.freshFirst), Math.max(end, other.end));
    }

    /**
     * A journal that was opened again gives new events numbers above all that it had before. Of two
     * openings of one journal either all fresh numbers of the one are above the other's, or the
     * other way round; in whatever order their calls arrive.
     */
    private boolean contradicts(Session other) {
      return end > other.freshFirst && other.end > freshFirst;
    }
  }

  private SequenceSet had = SequenceSet.below(0);
  private final List<Claim> claims = new ArrayList<>(2);
  private final List<Session> sessions = new ArrayList<>(1);
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

  synchronized int rangeCount() {
    return had.rangeCount();
  }

  /** Forgets the sender unless events of it are on their way. */
  synchronized boolean forget() {
    isForgotten = claims.isEmpty();
    return isForgotten;
  }

  /** Null when the sender was forgotten meanwhile, so that it has to be looked up again. */
  synchronized Verdict judge(Origin origin) {
    if (isForgotten) {
      return null;
    }
    SenderNote note = SenderNote.of(origin, false);
    boolean isFirstContest = !isContested && provesTwoWriters(note);
    isContested |= isFirstContest;
    if (isContested) {
      return new Claim(this, SenderNote.of(origin, true), isFirstContest);
    }
    List<SequenceRange> missing = had.missing(note.first(), note.end());
    if (missing.isEmpty()) {
      return Verdict.HAD;
    }
    List<Long> cuts = cuts(note, missing);
    if (!cuts.isEmpty()) {
      return new Verdict.Partly(cuts);
    }
    for (Claim claim : claims) {
      if (overlaps(claim.note(), note.first(), note.end())) {
        return new Verdict.UnderWay(claim.settled());
      }
    }
    Claim claim = new Claim(this, note, false);
    claims.add(claim);
    return claim;
  }

  /** A run that was never sent before cannot have come before. */
  private boolean provesTwoWriters(SenderNote note) {
    if (note.isFresh()) {
      if (had.missingCount(note.first(), note.end()) < note.count()) {
        return true;
      }
      for (Claim claim : claims) {
        if (overlaps(claim.note(), note.first(), note.end())) {
          return true;
        }
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

  synchronized void settle(Claim claim) {
    claims.remove(claim);
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
