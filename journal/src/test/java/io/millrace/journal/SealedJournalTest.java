/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.journal.codec.KeySource;
import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.sim.SimDisk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A journal whose payloads are sealed: which keys it needs, and until when. */
class SealedJournalTest {
  private final SimDisk disk = new SimDisk(new Random(11));
  private final long[] clock = {0};

  private SimJournal open(PayloadCodec codec) {
    return SimJournal.open(
        disk,
        SimJournal.options(1).tailCacheBytes(0).codec(codec).build(),
        new Random(disk.callCount()),
        clock);
  }

  private static void append(SimJournal sim, String text) {
    byte[] payload = text.getBytes(StandardCharsets.UTF_8);
    var future = sim.journal.append(payload, 0, payload.length, 1);
    sim.settle();
    assertThat(future).isCompleted();
  }

  private static List<String> drain(SimJournal sim) {
    List<String> texts = new ArrayList<>();
    for (Lease lease = sim.journal.poll(1, 1 << 20);
        lease != null;
        lease = sim.journal.poll(1, 1 << 20)) {
      Chunk chunk = lease.chunks().get(0);
      texts.add(new String(chunk.array(), chunk.offset(), chunk.length(), StandardCharsets.UTF_8));
      lease.acknowledge();
    }
    sim.settle();
    return texts;
  }

  private void crash() {
    disk.kill();
  }

  @Test
  void afterARotationBothKeysAreNeededUntilTheOldEventsAreGone() {
    append(open(TestCodecs.sealing("a", TestCodecs.keys("a"))), "under a");
    crash();
    append(open(TestCodecs.sealing("b", TestCodecs.keys("a", "b"))), "under b");
    crash();
    assertRefused(TestCodecs.sealing("b", TestCodecs.keys("b")), "key a ", "JOURNAL_KEY_MISSING");
    SimJournal sim = open(TestCodecs.sealing("b", TestCodecs.keys("a", "b")));
    append(sim, "under b too");
    assertThat(drain(sim)).containsExactly("under a", "under b", "under b too");
    append(sim, "last");
    crash();
    SimJournal rotated = open(TestCodecs.sealing("b", TestCodecs.keys("b")));
    assertThat(drain(rotated)).containsExactly("last");
  }

  @Test
  void withoutItsKeyAJournalRefusesAndLosesNothing() {
    append(open(TestCodecs.sealing("a", TestCodecs.keys("a"))), "precious");
    crash();
    assertRefused(PayloadCodec.plain(), "key a ", "JOURNAL_KEY_MISSING");
    KeySource impostor = alias -> TestCodecs.keys("z").key("z");
    assertRefused(TestCodecs.sealing("a", impostor), "key a ", "JOURNAL_KEY_WRONG");
    SimJournal sim = open(TestCodecs.sealing("a", TestCodecs.keys("a")));
    assertThat(drain(sim)).containsExactly("precious");
    assertThat(sim.journal.statistics().total(LaneStatistics::lostRecords)).isZero();
  }

  private void assertRefused(PayloadCodec codec, String... words) {
    assertThatThrownBy(() -> open(codec))
        .isInstanceOf(JournalException.class)
        .hasMessageContainingAll(words);
  }
}
