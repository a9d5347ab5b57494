/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Takes turns at a channel: the threads of the sinks that share it ask here, and one at a time may
 * take a delivery. What a sink could not deliver goes back to the channel, where the sink whose
 * turn is next finds it; so nothing but the channel ever holds events, and a sink that hangs, with
 * its thread or its answers, holds up no other.
 *
 * <p>All is guarded by {@code lock}; each sink's thread waits at a condition of its own, so that
 * only the one is woken whose turn it is.
 */
final class SinkTurns {
  private static final int NOBODY = SinkRule.NOBODY;

  private final SinkStates states;
  private final Optional<FailoverRecord> record;
  private final LongSupplier nanoClock;
  private final ReentrantLock lock = new ReentrantLock();
  private final List<Condition> turns;

  /** Whose turn it is. */
  private int holder = NOBODY;

  private final boolean[] isStopping;

  /** Whether the first sink was told to stop. */
  private boolean isClosed;

  /**
   * @param record told of every sink that fails or recovers
   */
  SinkTurns(SinkStates states, Optional<FailoverRecord> record, LongSupplier nanoClock) {
    this.states = states;
    this.record = record;
    this.nanoClock = nanoClock;
    this.turns =
        IntStream.range(0, states.count()).mapToObj(position -> lock.newCondition()).toList();
    this.isStopping = new boolean[states.count()];
  }

  /** The sink has started; from now on it gets turns. */
  void started(int position) {
    lock.lock();
    try {
      if (!isStopping[position]) {
        states.started(position);
        changed();
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The sink gets no further turn; what it has in flight goes on. Nor does any other one: they are
   * stopped together, and a standby is not to take over for that moment.
   */
  void stop(int position) {
    lock.lock();
    try {
      isClosed = true;
      isStopping[position] = true;
      states.stopped(position);
      record.ifPresent(FailoverRecord::close);
      changed();
    } finally {
      lock.unlock();
    }
  }

  /** Waits for the sink's turn, which it then holds; false when it stops. */
  boolean await(int position) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      states.asks(position);
      while (!isStopping[position]) {
        giveTurn(position);
        if (holder == position) {
          return true;
        }
        long quiet = states.quietNanos(position, nanoClock.getAsLong());
        if (quiet == Long.MAX_VALUE) {
          turns.get(position).await();
        } else {
          turns.get(position).awaitNanos(quiet);
        }
      }
      return false;
    } finally {
      lock.unlock();
    }
  }

  /** The sink whose turn it is has taken a delivery: the next one's turn. */
  void took(int position) {
    lock.lock();
    try {
      states.took(position, nanoClock.getAsLong());
      leave(position);
    } finally {
      lock.unlock();
    }
  }

  /** The sink whose turn it is has found nothing to take, or ends. */
  void passed(int position) {
    lock.lock();
    try {
      leave(position);
    } finally {
      lock.unlock();
    }
  }

  /** The thread of the sink ends, whatever it holds. */
  void left(int position) {
    lock.lock();
    try {
      isStopping[position] = true;
      states.stopped(position);
      leave(position);
      changed();
    } finally {
      lock.unlock();
    }
  }

  private void leave(int position) {
    if (holder == position) {
      holder = NOBODY;
      giveTurn(position);
    }
  }

  /** A delivery of this sink came to nothing; how many in a row that makes. */
  int failed(int position) {
    lock.lock();
    try {
      states.failed(position, nanoClock.getAsLong());
      changed();
      return states.failures(position);
    } finally {
      lock.unlock();
    }
  }

  /** The channel could not be taken from, or settled with. */
  void channelFailed() {
    lock.lock();
    try {
      states.channelFailed(nanoClock.getAsLong());
      changed();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A delivery of this sink is settled with the channel.
   *
   * @return the failed tries that this success ends; 0 mostly
   */
  int settled(int position, boolean isSuccess) {
    lock.lock();
    try {
      int ended = states.settled(position, isSuccess, nanoClock.getAsLong());
      if (ended > 0) {
        changed();
      } else {
        giveTurn(NOBODY);
      }
      // Its pause may begin now; or a stop waits for what is in flight.
      if (states.failures(position) > 0 || isStopping[position]) {
        turns.get(position).signalAll();
      }
      return ended;
    } finally {
      lock.unlock();
    }
  }

  /** Waits until nothing of this sink is in flight; false when the deadline passes before. */
  boolean awaitSettled(int position, long deadlineNanos) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (states.inFlight(position) > 0) {
        long nanos = deadlineNanos - System.nanoTime();
        if (nanos <= 0) {
          return false;
        }
        turns.get(position).awaitNanos(nanos);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** A sink came, went, failed or recovered: all look anew at how long they have to wait. */
  private void changed() {
    record.ifPresent(r -> r.note(states));
    turns.forEach(Condition::signalAll);
    giveTurn(NOBODY);
  }

  /** Gives a free turn to whose it is now; wakes that one unless it is the asker itself. */
  private void giveTurn(int asker) {
    if (holder != NOBODY || isClosed) {
      return;
    }
    long now = nanoClock.getAsLong();
    if (states.stalled(now) != NOBODY) {
      record.ifPresent(r -> r.note(states));
      turns.forEach(Condition::signalAll);
    }
    holder = states.next(now);
    if (holder != NOBODY && holder != asker) {
      turns.get(holder).signalAll();
    }
  }

  int inFlight(int position) {
    return read(() -> states.inFlight(position));
  }

  int failures(int position) {
    return read(() -> states.failures(position));
  }

  long penaltyMillis(int position) {
    return read(() -> states.penaltyNanos(position, nanoClock.getAsLong())) / 1_000_000;
  }

  boolean isWell(int position) {
    return read(() -> states.isWell(position));
  }

  int firstWell() {
    return read(states::firstWell);
  }

  /** The sink in use of a failover group, or the last one that was. */
  int active() {
    return read(() -> record.map(FailoverRecord::active).orElse(NOBODY));
  }

  int wellCount() {
    return read(states::wellCount);
  }

  private <T> T read(Supplier<T> value) {
    lock.lock();
    try {
      return value.get();
    } finally {
      lock.unlock();
    }
  }
}
