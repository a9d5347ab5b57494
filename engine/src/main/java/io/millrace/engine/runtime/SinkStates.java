/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Backoff;
import java.time.Duration;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * How the sinks stand that share a channel: what each has in flight, its failures, when it may be
 * tried again, and from that whose turn it is. Knows no threads and reads no clock: times are given
 * as those of one nanosecond clock. Sinks are told by their position. Guarded by its caller.
 *
 * <p>A sink that has failed takes nothing until it has settled what it has in flight and its pause
 * is over; then it takes one delivery to show that it works. While no sink works none is left out
 * longer than a sink by itself would be.
 */
final class SinkStates implements SinkRule.Sinks {
  static final int NOBODY = SinkRule.NOBODY;

  /** Pauses of a sink by itself, and the shortest of any. */
  private static final Backoff PAUSES = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

  private static final class State {
    final int window;
    boolean isRunning;

    /** Whether its thread asks for a turn. */
    boolean isAsking;

    int inFlight;

    /** Failures since the last success; those of one flight count once, as they have one cause. */
    int failures;

    boolean hasFlightFailed;

    /** When it may be tried while another sink works, and while none does. */
    long dueNanos;

    long dueAloneNanos;

    /** When it last took or settled a delivery. */
    long progressNanos;

    State(int window) {
      this.window = window;
    }

    boolean isWell() {
      return isRunning && failures == 0;
    }
  }

  private final SinkRule rule;
  private final State[] states;
  private final RandomGenerator random;
  private long nowNanos;
  private int channelFailures;
  private long channelDueNanos;

  /**
   * @param windows most deliveries that each sink wants at once
   */
  SinkStates(SinkRule rule, int[] windows, RandomGenerator random) {
    this.rule = rule;
    this.states = Arrays.stream(windows).mapToObj(State::new).toArray(State[]::new);
    this.random = random;
  }

  @Override
  public int count() {
    return states.length;
  }

  @Override
  public SinkRule.Standing standing(int position) {
    State state = states[position];
    if (!state.isRunning) {
      return SinkRule.Standing.AWAY;
    }
    if (state.failures > 0) {
      boolean isDue = state.inFlight == 0 && nowNanos - due(state) >= 0;
      return isDue && state.isAsking ? SinkRule.Standing.READY : SinkRule.Standing.AWAY;
    }
    return state.isAsking && state.inFlight < state.window
        ? SinkRule.Standing.READY
        : SinkRule.Standing.BUSY;
  }

  private long due(State state) {
    return firstWell() == NOBODY && state.dueAloneNanos - state.dueNanos < 0
        ? state.dueAloneNanos
        : state.dueNanos;
  }

  /** The first sink that works, or {@link #NOBODY}. */
  int firstWell() {
    for (int position = 0; position < states.length; position++) {
      if (states[position].isWell()) {
        return position;
      }
    }
    return NOBODY;
  }

  int wellCount() {
    return (int) Arrays.stream(states).filter(State::isWell).count();
  }

  boolean isWell(int position) {
    return states[position].isWell();
  }

  int inFlight(int position) {
    return states[position].inFlight;
  }

  int failures(int position) {
    return states[position].failures;
  }

  /** How long the sink is left out yet; 0 when it is not. */
  long penaltyNanos(int position, long now) {
    State state = states[position];
    return state.failures == 0 ? 0 : Math.max(0, due(state) - now);
  }

  void started(int position) {
    states[position].isRunning = true;
  }

  /** It takes nothing more; what it has in flight is still settled. */
  void stopped(int position) {
    states[position].isRunning = false;
    states[position].isAsking = false;
  }

  void asks(int position) {
    states[position].isAsking = true;
  }

  /** Whose turn it is now, or {@link #NOBODY}. */
  int next(long now) {
    nowNanos = now;
    return channelFailures > 0 && now - channelDueNanos < 0 ? NOBODY : rule.next(this);
  }

  /** The sink that counts as failed from now on as it makes no progress, or {@link #NOBODY}. */
  int stalled(long now) {
    int well = firstWell();
    if (rule.stallTimeout().isZero() || well == NOBODY) {
      return NOBODY;
    }
    State state = states[well];
    nowNanos = now;
    boolean isStalled =
        state.inFlight > 0
            && standing(well) == SinkRule.Standing.BUSY
            && now - state.progressNanos >= rule.stallTimeout().toNanos();
    if (isStalled) {
      failed(well, now);
    }
    return isStalled ? well : NOBODY;
  }

  /** The sink whose turn it was has a delivery. */
  void took(int position, long now) {
    State state = states[position];
    state.isAsking = false;
    if (state.inFlight == 0) {
      state.hasFlightFailed = false;
    }
    state.inFlight++;
    state.progressNanos = now;
    rule.took(position);
  }

  /** A delivery came to nothing; it is still in flight. */
  void failed(int position, long now) {
    State state = states[position];
    // The failures of one flight count once: they have one cause and get one pause.
    if (!state.hasFlightFailed) {
      state.failures++;
    }
    state.hasFlightFailed = true;
    Duration alone = PAUSES.pause(state.failures, random);
    Duration penalty = rule.penalty(state.failures);
    state.dueAloneNanos = now + alone.toNanos();
    state.dueNanos = now + (penalty.compareTo(alone) > 0 ? penalty : alone).toNanos();
    rule.failed(position);
  }

  /**
   * A delivery is no longer in flight.
   *
   * @return the failed tries that this success ends; 0 mostly
   */
  int settled(int position, boolean isSuccess, long now) {
    State state = states[position];
    state.inFlight--;
    state.progressNanos = now;
    if (isSuccess) {
      channelFailures = 0;
    }
    if (!isSuccess || state.failures == 0 || state.hasFlightFailed) {
      return 0;
    }
    int ended = state.failures;
    state.failures = 0;
    return ended;
  }

  /** The channel could not be taken from, or settled with: no sink's fault, all wait. */
  void channelFailed(long now) {
    channelFailures++;
    channelDueNanos = now + PAUSES.pause(channelFailures, random).toNanos();
  }

  /** How long nothing changes for this sink by time alone; {@link Long#MAX_VALUE} for ever. */
  long quietNanos(int position, long now) {
    State state = states[position];
    long quiet = Long.MAX_VALUE;
    if (channelFailures > 0) {
      quiet = sooner(quiet, channelDueNanos - now);
    }
    if (state.failures > 0 && state.inFlight == 0) {
      quiet = sooner(quiet, due(state) - now);
    }
    int well = firstWell();
    if (!rule.stallTimeout().isZero() && well != NOBODY && well != position) {
      long left = states[well].progressNanos + rule.stallTimeout().toNanos() - now;
      quiet = sooner(quiet, left > 0 ? left : rule.stallTimeout().toNanos());
    }
    return quiet;
  }

  /** What is over was seen when the turn was given away. */
  private static long sooner(long quiet, long left) {
    return left > 0 ? Math.min(quiet, left) : quiet;
  }
}
