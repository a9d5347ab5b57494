/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Fault C8: the agent is killed while it recovers its channel, again and again. */
@Tag("long")
final class CrashInRecoveryTest {
  private static final int KILLS = 10;
  private static final int BATCHES = 400;
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final int FIRST_MOMENT_MILLIS = 300;

  @RegisterExtension final Scene scene = new Scene();

  // Promise 2: the channel always starts. Every kill hits another moment, from before the journal
  // is opened to the first appends.
  @Test
  void killsInARowDuringTheStartCostNothing() {
    Keeper keeper = Keeper.of(scene, "keeper", scene.directory());
    keeper.start();
    Receipts receipts = new Receipts();
    Senders.sendBatches(keeper.port(), "backlog", BATCHES, 20, 2_000, receipts);
    keeper.agent().kill();

    Random random = scene.random();
    int open = 0;
    for (int kill = 1; kill <= KILLS; kill++) {
      keeper.agent().start();
      // The journal is opened about half a second after the start, wherever a JVM takes one.
      Duration life = Duration.ofMillis(FIRST_MOMENT_MILLIS + kill * 60L + random.nextInt(60));
      if (kill % 3 == 0) {
        // Just when it is open: what the recovery has written is as young as can be.
        int seen = count(keeper.agent().log(), "[JOURNAL_RECOVERED]");
        Conditions.await(
            "the journal is recovered",
            LIMIT,
            Duration.ofMillis(1),
            () -> count(keeper.agent().log(), "[JOURNAL_RECOVERED]") > seen);
      } else {
        assertThat(keeper.agent().process().awaitExit(life)).isEmpty();
      }
      open += keeper.agent().hasMetrics() ? 1 : 0;
      keeper.agent().kill();
    }
    Scene.say("%d kills, %d of them when the start was over".formatted(KILLS, open));

    keeper.openStore();
    keeper.start();
    Senders.sendBatches(keeper.port(), "afterwards", 10, 20, 0, receipts);
    receipts.awaitStored(keeper.store(), LIMIT);
    keeper.awaitEmpty();
    assertThat(keeper.channelMetric("EventLostCount")).isZero();
    keeper.agent().stop();
    receipts.check(keeper.store()).assertNothingTwice();
  }

  private static int count(String text, String part) {
    return text.split(java.util.regex.Pattern.quote(part), -1).length - 1;
  }
}
