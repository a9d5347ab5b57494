/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.health;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** On a clock of the test's own: waiting moves it. */
class FarewellTest {
  private static final Farewell AUTO = new Farewell(Optional.empty());

  private final ReadinessPolls polls = new ReadinessPolls();
  private long nowNanos = Duration.ofHours(1).toNanos();

  @Test
  void nobodyWhoAsksIsWaitedForLong() throws Exception {
    assertThat(take(AUTO, Duration.ofSeconds(1))).isZero();
    ask(1, true);
    assertThat(take(AUTO, Duration.ofSeconds(1))).as("one who asked once").isZero();
  }

  @Test
  void whoPollsIsToldThreeTimes() throws Exception {
    ask(1, true);
    pass(Duration.ofSeconds(1));
    ask(1, true);

    Duration taken = take(AUTO, Duration.ofSeconds(1));

    assertThat(taken).isBetween(Duration.ofMillis(2_900), Duration.ofMillis(3_100));
  }

  @Test
  void everyoneWhoPollsIsWaitedForButNotLongerThanTheLimit() throws Exception {
    for (int host = 1; host <= 2; host++) {
      ask(host, true);
      ask(host, true);
    }
    // Only the first goes on asking.
    assertThat(take(AUTO, Duration.ofMillis(500)))
        .isBetween(Farewell.LIMIT, Farewell.LIMIT.plusMillis(100));
  }

  @Test
  void whoStoppedAskingLongAgoIsNotWaitedFor() throws Exception {
    ask(1, true);
    ask(1, true);
    pass(ReadinessPolls.FORGOTTEN_AFTER.plusSeconds(1));

    assertThat(take(AUTO, Duration.ofHours(2))).isZero();
  }

  @Test
  void whoKnowsAlreadyIsNotWaitedFor() throws Exception {
    for (int i = 0; i < ReadinessPolls.ANSWERS_NEEDED; i++) {
      ask(1, false);
    }
    assertThat(take(AUTO, Duration.ofHours(1))).isZero();
  }

  @Test
  void aConfiguredTimeIsTakenWhoeverAsks() throws Exception {
    assertThat(take(Farewell.of("7s"), Duration.ofHours(1)))
        .isBetween(Duration.ofSeconds(7), Duration.ofMillis(7_100));
    assertThat(take(Farewell.of("0"), Duration.ofHours(1))).isZero();
  }

  @Test
  void aSecondSignalEndsTheWait() throws Exception {
    Duration taken = Farewell.of("1000").take(polls, time -> true, () -> nowNanos);

    assertThat(taken).isZero();
  }

  @Test
  void ofManyPeersThoseWhoAskedLastAreRemembered() throws Exception {
    for (int host = 0; host < 10 * ReadinessPolls.MAX_PEERS; host++) {
      ask(host, true);
      ask(host, true);
    }
    for (int told = 0; told < ReadinessPolls.ANSWERS_NEEDED; told++) {
      for (int host = 9 * ReadinessPolls.MAX_PEERS; host < 10 * ReadinessPolls.MAX_PEERS; host++) {
        ask(host, false);
      }
    }
    assertThat(polls.isSomebodyUnaware(nowNanos)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"5s,5000", "5,5000", "500ms,500", "0,0", "3 s,3000"})
  void timesAreRead(String text, long millis) {
    assertThat(Farewell.of(text).configured()).contains(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"soon", "-1", "5m", "5h", "1e9", "99999999999s"})
  void whatIsNoTimeIsSaid(String text) {
    assertThatThrownBy(() -> Farewell.of(text)).hasMessageContaining(text);
  }

  private Duration take(Farewell farewell, Duration pollInterval) throws Exception {
    long[] nextPoll = {nowNanos + pollInterval.toNanos()};
    return farewell.take(
        polls,
        time -> {
          pass(time);
          if (nowNanos >= nextPoll[0]) {
            nextPoll[0] += pollInterval.toNanos();
            ask(1, false);
          }
          return false;
        },
        () -> nowNanos);
  }

  private void pass(Duration time) {
    nowNanos += time.toNanos();
  }

  private void ask(int host, boolean wasReady) {
    try {
      byte[] address = {10, 0, (byte) (host >> 8), (byte) host};
      polls.asked(InetAddress.getByAddress(address), wasReady, nowNanos);
    } catch (UnknownHostException e) {
      throw new IllegalStateException(e);
    }
  }
}
