/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Fault T1: the wall clock jumps under load, and the agent is killed and started in the past. */
@Tag("long")
final class ClockJumpTest {
  /** No stall may be longer than this, beside what a start takes. */
  private static final Duration STALL_LIMIT = Duration.ofSeconds(60);

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  @Test
  void jumpsOfTheClockStopNothingAndLoseNothing() throws IOException {
    Path shift = scene.directory().resolve("clock-shift");
    setClock(shift, Duration.ZERO);
    Path library = NativeCode.library("clock-shift", scene.directory("tools"));
    Keeper keeper = Keeper.of(scene, "keeper", scene.directory());
    keeper
        .agent()
        .environment("LD_PRELOAD", library.toString())
        .environment("CLOCK_SHIFT_FILE", shift.toString());
    keeper.openStore();
    keeper.start();
    Receipts receipts = new Receipts();
    try (Senders senders = Senders.start(keeper.port(), "s", 2, 20, 200, receipts)) {
      receipts.awaitMoreAcknowledged(50, LIMIT);
      for (Duration jump :
          new Duration[] {
            Duration.ofHours(-2), Duration.ofDays(1), Duration.ofDays(-1), Duration.ZERO
          }) {
        setClock(shift, jump);
        awaitProgress(keeper, receipts);
        // And a kill there: what is started again finds files from the future or the past.
        keeper.agent().kill();
        keeper.start();
        awaitProgress(keeper, receipts);
      }
    }
    receipts.awaitStored(keeper.store(), LIMIT);
    keeper.awaitEmpty();
    assertThat(keeper.channelMetric("EventLostCount")).isZero();
    keeper.agent().stop();
    receipts.check(keeper.store());
    LocalDate today = LocalDate.ofInstant(Instant.now(), ZoneOffset.UTC);
    assertThat(keeper.agent().log())
        .as("the agent believed the shifted clock")
        .contains("\n" + today.minusDays(1) + "T", "\n" + today.plusDays(1) + "T");
  }

  /** Batches are acknowledged, and lines delivered, without a stall. */
  private static void awaitProgress(Keeper keeper, Receipts receipts) {
    long delivered = keeper.channelMetric("EventTakeSuccessCount");
    receipts.awaitMoreAcknowledged(20, STALL_LIMIT);
    keeper.awaitChannelMetric("EventTakeSuccessCount", delivered + 200, STALL_LIMIT);
  }

  private static void setClock(Path file, Duration shift) throws IOException {
    byte[] seconds =
        ByteBuffer.allocate(Long.BYTES)
            .order(ByteOrder.nativeOrder())
            .putLong(shift.toSeconds())
            .array();
    // In place: the agent has the file mapped.
    Files.write(file, seconds, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }
}
