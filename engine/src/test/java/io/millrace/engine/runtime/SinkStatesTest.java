/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.engine.model.Failover;
import io.millrace.engine.model.LoadBalance;
import io.millrace.engine.model.SingleSink;
import io.millrace.engine.model.SinkProcessor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose turn it is, with a clock that the test sets. */
class SinkStatesTest {
  private static final int NOBODY = SinkStates.NOBODY;
  private static final Duration STALL = Duration.ofSeconds(60);

  private SinkStates states;
  private long nowNanos = -5;

  private void sinks(SinkProcessor processor, int... windows) {
    List<String> names = Arrays.stream(windows).mapToObj(window -> "k").toList();
    SplittableRandom random = new SplittableRandom(1);
    states = new SinkStates(SinkRule.of(processor, names, random), windows, random);
    for (int i = 0; i < windows.length; i++) {
      states.started(i);
      states.asks(i);
    }
  }

  private static Failover failover(Duration maxPenalty) {
    return new Failover(Map.of(), maxPenalty, STALL);
  }

  private static LoadBalance balance(boolean backoff) {
    return new LoadBalance("round_robin", backoff, Duration.ofSeconds(30), Map.of());
  }

  private void after(double seconds) {
    nowNanos += (long) (seconds * 1e9);
  }

  /** Gives a turn away; the sink's thread asks for the next one at once. */
  private int turn() {
    int position = states.next(nowNanos);
    if (position != NOBODY) {
      states.took(position, nowNanos);
      states.asks(position);
    }
    return position;
  }

  private List<Integer> turns(int count) {
    List<Integer> turns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      turns.add(turn());
    }
    return turns;
  }

  private void fail(int position) {
    states.failed(position, nowNanos);
    states.settled(position, false, nowNanos);
  }

  private void succeed(int position) {
    states.settled(position, true, nowNanos);
  }

  private int failedTurn() {
    int position = turn();
    fail(position);
    return position;
  }

  private int goodTurn() {
    int position = turn();
    if (position != NOBODY) {
      succeed(position);
    }
    return position;
  }

  private List<Integer> goodTurns(int count) {
    List<Integer> turns = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      turns.add(goodTurn());
    }
    return turns;
  }

  @Test
  void failoverGivesEverythingToTheFirstSinkAndWaitsForItsRoom() {
    sinks(failover(Duration.ofSeconds(30)), 2, 9);
    assertThat(turns(3)).containsExactly(0, 0, NOBODY);
    succeed(0);
    assertThat(turns(2)).containsExactly(0, NOBODY);
  }

  @Test
  void theNextSinkTakesOverAtOnceAndTheFirstComesBackByOneDelivery() {
    sinks(failover(Duration.ofSeconds(30)), 3, 3);
    assertThat(failedTurn()).isEqualTo(0);
    assertThat(goodTurns(2)).containsExactly(1, 1);
    after(1.9);
    assertThat(goodTurn()).isEqualTo(1);
    after(0.2);
    assertThat(turns(3)).as("one to the first, the others go on").containsExactly(0, 1, 1);
    succeed(0);
    assertThat(turns(3)).containsExactly(0, 0, 0);
  }

  // Flume: min(maxpenalty, 2^k s), k growing with each failed retry.
  @ParameterizedTest
  @CsvSource({"1, 2", "2, 4", "3, 8", "4, 16", "5, 30", "6, 30", "60, 30"})
  void aFailedSinkIsLeftOutTwiceAsLongEachTime(int failures, int seconds) {
    sinks(failover(Duration.ofSeconds(30)), 1, 100);
    for (int i = 0; i < failures; i++) {
      assertThat(failedTurn()).isEqualTo(0);
      if (i + 1 < failures) {
        after(30);
      }
    }
    assertThat(states.failures(0)).isEqualTo(failures);
    after(seconds - 0.01);
    assertThat(goodTurn()).isEqualTo(1);
    after(0.02);
    assertThat(goodTurn()).isEqualTo(0);
    assertThat(states.failures(0)).isZero();
  }

  @Test
  void theFailuresOfOneFlightCountOnceAndASuccessAmongThemDoesNotEndThem() {
    sinks(failover(Duration.ofSeconds(30)), 3, 3);
    assertThat(turns(3)).containsExactly(0, 0, 0);
    fail(0);
    succeed(0);
    assertThat(states.failures(0)).isEqualTo(1);
    after(10);
    assertThat(turn()).as("it has not settled all").isEqualTo(1);
    fail(0);
    assertThat(states.failures(0)).isEqualTo(1);
    after(2.1);
    assertThat(turn()).isEqualTo(0);
  }

  @Test
  void whileNoneWorksNoneIsLeftOutLongerThanASinkByItself() {
    sinks(failover(Duration.ofHours(1)), 1, 1);
    for (int i = 0; i < 20; i++) {
      assertThat(failedTurn()).isEqualTo(0);
      assertThat(failedTurn()).isEqualTo(1);
      assertThat(turn()).isEqualTo(NOBODY);
      after(5.1);
    }
    assertThat(goodTurn()).isEqualTo(0);
    assertThat(goodTurns(2)).containsExactly(0, 0);
    assertThat(states.penaltyNanos(1, nowNanos)).isGreaterThan(Duration.ofMinutes(50).toNanos());
  }

  @Test
  void aSinkThatIsNotRunningIsAsOneThatIsAway() {
    sinks(failover(Duration.ofSeconds(30)), 1, 1);
    states.stopped(0);
    assertThat(goodTurn()).isEqualTo(1);
    states.started(0);
    states.asks(0);
    assertThat(goodTurn()).isEqualTo(0);
    states.stopped(1);
    states.stopped(0);
    assertThat(turn()).isEqualTo(NOBODY);
  }

  @Test
  void aSinkThatHangsWithAFullWindowIsFailedOverAfterTheStallTimeout() {
    sinks(failover(Duration.ofSeconds(30)), 2, 2);
    assertThat(turns(3)).containsExactly(0, 0, NOBODY);
    after(59.9);
    assertThat(states.stalled(nowNanos)).isEqualTo(NOBODY);
    assertThat(turn()).isEqualTo(NOBODY);
    after(0.2);
    assertThat(states.stalled(nowNanos)).isEqualTo(0);
    assertThat(goodTurns(2)).containsExactly(1, 1);
    after(3_600);
    assertThat(goodTurn()).as("its deliveries are still out").isEqualTo(1);
    succeed(0);
    succeed(0);
    assertThat(turns(2)).containsExactly(0, 1);
  }

  @Test
  void aSinkThatSettlesNowAndThenOrHasRoomDoesNotStall() {
    sinks(failover(Duration.ofSeconds(30)), 2, 2);
    turns(2);
    for (int i = 0; i < 10; i++) {
      after(50);
      succeed(0);
      assertThat(states.stalled(nowNanos)).isEqualTo(NOBODY);
      assertThat(turn()).isEqualTo(0);
    }
    succeed(0);
    after(600);
    assertThat(states.stalled(nowNanos)).as("one of two in flight").isEqualTo(NOBODY);
  }

  @Test
  void balancingGoesRoundAndLeavesOutWhoHasNoRoom() {
    sinks(balance(false), 2, 2, 2);
    assertThat(goodTurns(4)).containsExactly(0, 1, 2, 0);
    // The second is slow: it settles nothing any more.
    List<Integer> turns = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int position = turn();
      turns.add(position);
      if (position != 1) {
        succeed(position);
      }
    }
    assertThat(turns).containsExactly(1, 2, 0, 1, 2, 0, 2, 0);
  }

  @Test
  void aTurnThatFindsNothingIsNotLost() {
    sinks(balance(false), 1, 1);
    assertThat(states.next(nowNanos)).isEqualTo(0);
    assertThat(states.next(nowNanos)).isEqualTo(0);
    assertThat(goodTurns(3)).containsExactly(0, 1, 0);
  }

  @ParameterizedTest
  @CsvSource({"true, 1, 2", "true, 3, 8", "true, 9, 30", "false, 1, 0.1", "false, 9, 5"})
  void aFailedSinkOfABalancedGroupIsLeftOut(boolean backoff, int failures, double seconds) {
    sinks(balance(backoff), 1, 1);
    for (int i = 0; i < failures; i++) {
      while (turn() != 0) {
        succeed(1);
      }
      fail(0);
      if (i + 1 < failures) {
        after(30);
      }
    }
    // A pause without backoff is shortened at random, by a half at most.
    after(seconds / 2 - 0.01);
    assertThat(goodTurns(4)).containsOnly(1);
    after(seconds / 2 + 0.02);
    assertThat(goodTurns(4)).contains(0);
  }

  @Test
  void aChannelThatFailsIsNoSinksFault() {
    sinks(failover(Duration.ofSeconds(30)), 1, 1);
    states.channelFailed(nowNanos);
    assertThat(turn()).isEqualTo(NOBODY);
    assertThat(states.failures(0)).isZero();
    assertThat(states.quietNanos(1, nowNanos)).isLessThan(Duration.ofMillis(101).toNanos());
    after(0.11);
    assertThat(turn()).isEqualTo(0);
  }

  @Test
  void aChannelThatGivesButCannotBeSettledWithIsLeftAloneLongerEachTime() {
    sinks(new SingleSink(), 1);
    for (int i = 0; i < 8; i++) {
      assertThat(turn()).isEqualTo(0);
      states.channelFailed(nowNanos);
      states.settled(0, false, nowNanos);
      after(5.1);
    }
    states.channelFailed(nowNanos);
    after(2);
    assertThat(turn()).isEqualTo(NOBODY);
    after(3.1);
    assertThat(goodTurn()).isEqualTo(0);
    states.channelFailed(nowNanos);
    after(0.11);
    assertThat(turn()).as("a success ends it").isEqualTo(0);
  }

  @Test
  void aSinkByItselfPausesAtMostFiveSeconds() {
    sinks(new SingleSink(), 4);
    for (int i = 0; i < 30; i++) {
      assertThat(failedTurn()).isEqualTo(0);
      assertThat(turn()).isEqualTo(NOBODY);
      after(5.01);
    }
    assertThat(turn()).isEqualTo(0);
    assertThat(turn()).as("one to see").isEqualTo(NOBODY);
    assertThat(states.settled(0, true, nowNanos)).isEqualTo(30);
    assertThat(turns(5)).containsExactly(0, 0, 0, 0, NOBODY);
  }

  /** A thread that waits must look again when time alone makes it somebody's turn. */
  @Test
  void nobodySleepsThroughTheEndOfAPenaltyOrAStall() {
    sinks(failover(Duration.ofSeconds(30)), 1, 1);
    turn();
    assertThat(states.quietNanos(1, nowNanos)).isEqualTo(STALL.toNanos());
    assertThat(states.quietNanos(0, nowNanos)).isEqualTo(Long.MAX_VALUE);
    fail(0);
    assertThat(states.quietNanos(0, nowNanos)).isEqualTo(Duration.ofSeconds(2).toNanos());
  }
}
