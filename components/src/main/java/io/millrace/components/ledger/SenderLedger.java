/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import io.millrace.api.Origin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * What a channel has had of each sender, so that it takes no event twice.
 *
 * <p>A run of events is <i>claimed</i> before it is appended, <i>recorded</i> once it is as durable
 * as the channel promises, and its claim is <i>settled</i> when the append has ended either way. A
 * run that was recorded is had; one that is claimed is on its way, and who brings it too waits. In
 * doubt a run counts as not had: that can cost a duplicate, the opposite would cost events.
 *
 * <p>Two writers under one identity (a copied machine, a restored disk) would take each other's
 * events for their own. A sender of which that is proven is <i>contested</i>, and from then on
 * nothing of it counts as had.
 *
 * <p>Safe for many threads: a sender's state has a lock of its own, and nothing is locked while
 * another is. Does no I/O.
 */
public final class SenderLedger {
  /** An append whose outcome is not known by then holds up nobody. */
  static final long MAX_CLAIM_NANOS = 30_000_000_000L;

  private final LedgerLimits limits;
  private final Map<SenderKey, SenderState> senders = new ConcurrentHashMap<>();
  private final AtomicLong uses = new AtomicLong();
  private final AtomicLong rangeCount = new AtomicLong();
  private final AtomicLong forgottenSenders = new AtomicLong();
  private final AtomicLong forgottenRanges = new AtomicLong();
  private final AtomicLong overdue = new AtomicLong();
  private final LongSupplier nanoClock;
  private volatile long leftOutSenders;
  private final ReentrantLock forgetting = new ReentrantLock();

  public SenderLedger(LedgerLimits limits) {
    this(limits, System::nanoTime);
  }

  SenderLedger(LedgerLimits limits, LongSupplier nanoClock) {
    this.limits = limits;
    this.nanoClock = nanoClock;
  }

  /** What is to become of a run; a {@link Claim} is the caller's, to be settled by it. */
  Verdict judge(Origin origin) {
    SenderKey key = new SenderKey(origin.journal(), origin.lane());
    Verdict verdict = null;
    int grown = 0;
    while (verdict == null) {
      SenderState sender = sender(key);
      synchronized (sender) {
        int before = sender.rangeCount();
        long nowNanos = nanoClock.getAsLong();
        overdue.addAndGet(sender.dropOverdue(nowNanos, MAX_CLAIM_NANOS));
        verdict = sender.judge(origin, nowNanos);
        grown = sender.rangeCount() - before;
      }
    }
    if (grown != 0) {
      rangeCount.addAndGet(grown);
      forgetSenders();
    }
    return verdict;
  }

  /** The run of this note is as durable as it gets. */
  void record(SenderNote note) {
    update(note.key(), sender -> sender.record(note, limits.ranges()));
  }

  /**
   * As {@link #record}, of a note that was stored with its events.
   *
   * @throws UnreadableLedgerException when this version does not know it; nothing was recorded
   */
  public void record(byte[] encodedNote) throws UnreadableLedgerException {
    record(SenderNote.decode(encodedNote));
  }

  /** What was recorded, in at most so many bytes as the limits say. */
  public byte[] digest() {
    List<Map.Entry<SenderKey, SenderState>> recent = new ArrayList<>(senders.entrySet());
    // Copied first: who is used meanwhile must not change places while they are sorted.
    List<Used> order = new ArrayList<>(recent.size());
    recent.forEach(entry -> order.add(new Used(entry.getKey(), entry.getValue())));
    order.sort(LEAST_NEEDED_FIRST.reversed());
    LedgerDigest digest = new LedgerDigest(limits.digestBytes());
    int stored = 0;
    while (stored < order.size() && addTo(digest, order.get(stored))) {
      stored++;
    }
    leftOutSenders = order.size() - stored;
    return digest.bytes();
  }

  private static boolean addTo(LedgerDigest digest, Used sender) {
    return digest.add(sender.key(), sender.state().memory());
  }

  /**
   * Adds what a digest says to what is known.
   *
   * @throws UnreadableLedgerException when this version does not know it; nothing was added
   */
  public void merge(byte[] digest) throws UnreadableLedgerException {
    List<LedgerDigest.Entry> entries = LedgerDigest.decode(digest);
    // From the least recently used on, so that their order stays.
    for (int i = entries.size() - 1; i >= 0; i--) {
      LedgerDigest.Entry entry = entries.get(i);
      update(entry.sender(), sender -> sender.merge(entry.memory(), limits.ranges()));
    }
  }

  public long senderCount() {
    return senders.size();
  }

  /** Separate ranges of all senders. */
  public long rangeCount() {
    return rangeCount.get();
  }

  public long contestedSenderCount() {
    return senders.values().stream().filter(SenderState::isContested).count();
  }

  public long forgottenSenderCount() {
    return forgottenSenders.get();
  }

  public long forgottenRangeCount() {
    return forgottenRanges.get();
  }

  /** Runs that were let go because their appends took too long: they may come twice. */
  public long overdueCount() {
    return overdue.get();
  }

  /** Senders for which the last digest had no room: forgotten at the next start. */
  public long leftOutSenderCount() {
    return leftOutSenders;
  }

  /** A change of a sender; answers how many ranges were forgotten, -1 when the sender was. */
  @FunctionalInterface
  private interface Change {
    int applyTo(SenderState sender);
  }

  private void update(SenderKey key, Change change) {
    int forgotten = -1;
    while (forgotten < 0) {
      SenderState sender = sender(key);
      synchronized (sender) {
        int before = sender.rangeCount();
        forgotten = change.applyTo(sender);
        int grown = sender.rangeCount() - before;
        if (grown != 0) {
          rangeCount.addAndGet(grown);
        }
      }
    }
    forgottenRanges.addAndGet(forgotten);
    forgetSenders();
  }

  private SenderState sender(SenderKey key) {
    SenderState sender = senders.get(key);
    if (sender == null) {
      sender = senders.computeIfAbsent(key, unknown -> new SenderState());
      sender.use(uses.incrementAndGet());
      forgetSenders();
    } else {
      sender.use(uses.incrementAndGet());
    }
    return sender;
  }

  /** A sender and when it was used, as it was at one time. */
  private record Used(SenderKey key, SenderState state, boolean isContested, long lastUse) {
    Used(SenderKey key, SenderState state) {
      this(key, state, state.isContested(), state.lastUse());
    }
  }

  /** To forget of a sender that it is contested could cost events; of another, duplicates. */
  private static final Comparator<Used> LEAST_NEEDED_FIRST =
      Comparator.comparing(Used::isContested).thenComparingLong(Used::lastUse);

  /** Makes room when there is too much; cheap when not. */
  private void forgetSenders() {
    if (!isOver(0) || !forgetting.tryLock()) {
      return;
    }
    try {
      if (!isOver(0)) {
        return;
      }
      List<Used> order = new ArrayList<>();
      senders.forEach((key, state) -> order.add(new Used(key, state)));
      order.sort(LEAST_NEEDED_FIRST);
      // The last one is in use.
      for (Used oldest : order.subList(0, order.size() - 1)) {
        if (!isOver(1)) {
          return;
        }
        forget(oldest);
      }
    } finally {
      forgetting.unlock();
    }
  }

  /** Whether there are more than may be, or after {@code steps} of room would be. */
  private boolean isOver(int steps) {
    return senders.size() > limits.senders() - steps * (LedgerLimits.step(limits.senders()) - 1)
        || rangeCount.get()
            > limits.rangesInAll() - steps * (LedgerLimits.step(limits.rangesInAll()) - 1);
  }

  private void forget(Used oldest) {
    synchronized (oldest.state()) {
      int ranges = oldest.state().rangeCount();
      if (!oldest.state().forget()) {
        return;
      }
      rangeCount.addAndGet(-ranges);
      senders.remove(oldest.key(), oldest.state());
    }
    forgottenSenders.incrementAndGet();
  }
}
