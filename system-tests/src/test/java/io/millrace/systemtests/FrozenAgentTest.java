/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AvroClient.Outcome;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Faults P3 and P4: the agent stands still for a while, or has far too little memory. */
@Tag("long")
final class FrozenAgentTest {
  private static final Duration FROZEN = Duration.ofSeconds(7);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  @Test
  void anAgentThatStoodStillGoesOnAndNothingIsLostOrComesTwice() {
    Keeper keeper = Keeper.of(scene, "keeper", scene.directory());
    keeper.openStore();
    keeper.start();
    Receipts receipts = new Receipts();
    String pid = Long.toString(keeper.agent().process().pid());
    try (Senders senders = Senders.start(keeper.port(), "s", 4, 20, 0, receipts)) {
      receipts.awaitMoreAcknowledged(40, LIMIT);
      Tool.need(scene.directory(), "kill", "-STOP", pid);
      assertThat(keeper.agent().process().awaitExit(FROZEN)).isEmpty();
      Tool.need(scene.directory(), "kill", "-CONT", pid);
      receipts.awaitMoreAcknowledged(40, LIMIT);
    }
    receipts.awaitStored(keeper.store(), LIMIT);
    keeper.agent().stop();
    assertThat(receipts.lineCount(Outcome.UNANSWERED)).isZero();
    receipts.check(keeper.store()).assertNothingTwice();
  }

  // Batches of 20 MB into a heap of 64 MB, from several clients at once. The agent refuses them, or
  // ends; it does not live on half dead. A client with small batches is served all along, or again
  // after the restart, and what was acknowledged arrives.
  @Test
  void hugeBatchesInASmallHeapLeaveNoHalfDeadAgent() {
    Keeper keeper = Keeper.of(scene, "keeper", scene.directory(), "-Xmx64m");
    keeper.openStore();
    keeper.start();
    Receipts receipts = new Receipts();
    try (Senders small = Senders.start(keeper.port(), "small", 1, 20, 0, receipts)) {
      receipts.awaitMoreAcknowledged(20, LIMIT);
      try (Senders huge = Senders.start(keeper.port(), "huge", 4, 200, 100_000, receipts)) {
        Conditions.await(
            "huge batches are answered, or the agent has ended",
            LIMIT,
            () ->
                !keeper.agent().isAlive()
                    || receipts.batches(Outcome.REFUSED) + receipts.batches(Outcome.UNANSWERED)
                        >= 8);
      }
      boolean hasEnded = hasEnded(keeper);
      Scene.say(
          "64 MB heap: %s; %d batches refused, %d unanswered"
              .formatted(
                  hasEnded ? "ended" : "lives",
                  receipts.batches(Outcome.REFUSED),
                  receipts.batches(Outcome.UNANSWERED)));
      if (hasEnded) {
        keeper.start();
      }
      receipts.awaitMoreAcknowledged(50, LIMIT);
    }
    receipts.awaitStored(keeper.store(), LIMIT);
    keeper.agent().stop();
    receipts.check(keeper.store());
  }

  /** Whether it has ended, as it should when memory has run out. */
  private static boolean hasEnded(Keeper keeper) {
    boolean isOutOfMemory = keeper.agent().log().contains("OutOfMemoryError");
    OptionalInt status =
        isOutOfMemory || !keeper.agent().isAlive()
            ? keeper.agent().process().awaitExit(LIMIT)
            : OptionalInt.empty();
    if (isOutOfMemory) {
      assertThat(status).as("an agent that is out of memory ends").isPresent();
    }
    return status.isPresent();
  }
}
