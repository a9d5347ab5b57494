/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ChannelRoomTest {
  private static final long SECOND = Duration.ofSeconds(1).toNanos();

  private final ChannelRoom room = new ChannelRoom();
  private long now;

  @Test
  void aFullChannelHasRoomAgainOnlyOnceItIsWellBelowFull() {
    assertThat(look(980, 0)).isEmpty();
    assertThat(look(990, 0)).contains("it is full", "990 of 1,000");
    assertThat(look(960, 0)).as("still too near to full").isNotEmpty();
    assertThat(look(940, 0)).isEmpty();
    assertThat(look(980, 0)).as("was not full since").isEmpty();
  }

  @Test
  void appendsThatWaitForAWhileMeanThatThereIsNoRoom() {
    assertThat(look(10, 3)).as("a moment is nothing").isEmpty();
    now += SECOND;
    assertThat(look(10, 3)).contains("3 appends wait");
    assertThat(look(10, 0)).isEmpty();
    assertThat(look(10, 1)).as("the time begins anew").isEmpty();
  }

  @Test
  void aChannelWithoutABoundIsNeverFull() {
    assertThat(room.problem(sight(Long.MAX_VALUE - 1, Long.MAX_VALUE, 0, true), now)).isEmpty();
    assertThat(room.problem(sight(5, 0, 0, true), now)).isEmpty();
  }

  @Test
  void storageThatTakesNothingIsNoRoomHoweverEmptyTheChannelIs() {
    assertThat(room.problem(sight(0, 1000, 0, false), now)).contains("storage takes nothing");
    assertThat(look(0, 0)).isEmpty();
  }

  private String look(long events, long waiting) {
    return room.problem(sight(events, 1000, waiting, true), now);
  }

  private static ChannelRoom.Sight sight(
      long events, long capacity, long waiting, boolean isAccepting) {
    return new ChannelRoom.Sight(events, capacity, waiting, isAccepting);
  }
}
