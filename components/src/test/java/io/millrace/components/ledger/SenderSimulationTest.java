/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Origin;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Senders and a channel, step by step, with all that may come between them. */
class SenderSimulationTest {
  private static final UUID JOURNAL = new UUID(7, 8);

  /**
   * One sender whose process, connection and cuts change at random, and a channel that crashes: no
   * event is stored twice, none is missing in the end, and nobody is accused. What hangs in the
   * connection before the last may come late.
   */
  @Property(tries = 500)
  void anHonestSenderIsTakenAtItsWordWhateverBreaks(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    int[] stored = new int[400];
    SenderLedger channel = new SenderLedger(LedgerLimits.inMemory());
    byte[] digest = channel.digest();
    List<byte[]> notes = new ArrayList<>();
    ArrayDeque<Origin> lateCalls = new ArrayDeque<>();
    ArrayDeque<Origin> calls = new ArrayDeque<>();
    boolean[] acknowledged = new boolean[stored.length];
    long session = 1;
    int written = 0;
    int freshFrom = 0;
    int next = 0;
    for (int turn = 0; turn < 20_000 && !all(acknowledged); turn++) {
      written = Math.min(stored.length, written + random.nextInt(4));
      int dice = random.nextInt(100);
      if (dice < 4) {
        // The connection is cut; or the sender dies with it, and what was written is not fresh.
        lateCalls = calls;
        calls = new ArrayDeque<>();
        next = 0;
        if (dice < 2) {
          session = random.nextLong();
          freshFrom = written;
        }
      } else if (dice < 6) {
        channel = new SenderLedger(LedgerLimits.inMemory());
        for (byte[] note : notes) {
          channel.record(note);
        }
        channel.merge(digest);
      } else if (dice < 8) {
        digest = channel.digest();
        notes.clear();
      } else if (dice < 60) {
        while (next < written && acknowledged[next]) {
          next++;
        }
        int end = next;
        int most = next + 1 + random.nextInt(20);
        while (end < Math.min(written, most) && !acknowledged[end]) {
          end++;
        }
        if (end > next) {
          int floor = 0;
          while (floor < next && acknowledged[floor]) {
            floor++;
          }
          calls.add(
              new Origin(JOURNAL, 0, next, end - next, session, floor, next >= freshFrom, "peer"));
          freshFrom = Math.max(freshFrom, end);
          next = end;
        }
      } else if (!calls.isEmpty() || !lateCalls.isEmpty()) {
        boolean isLate = calls.isEmpty() || (!lateCalls.isEmpty() && random.nextInt(4) == 0);
        Origin call = (isLate ? lateCalls : calls).remove();
        boolean isTaken = send(call, channel, notes, stored);
        assertThat(isLate || isTaken).as("seed %s: call %s is taken", seed, call).isTrue();
        for (long s = call.first(); isTaken && !isLate && s < call.end(); s++) {
          acknowledged[(int) s] = true;
        }
      }
    }
    assertThat(channel.contestedSenderCount()).as("seed %s: contested", seed).isZero();
    assertThat(all(acknowledged)).as("seed %s: all acknowledged", seed).isTrue();
    for (int count : stored) {
      assertThat(count).as("seed %s: times an event was stored", seed).isOne();
    }
  }

  /**
   * Two writers with one identity, each sending its own events for the first time or once more: no
   * event of either is missing.
   */
  @Property(tries = 500)
  void ofTwoWritersWithOneIdentityNoEventIsLost(@ForAll long seed) throws Exception {
    Random random = new Random(seed);
    SenderLedger channel = new SenderLedger(LedgerLimits.inMemory());
    int events = 200;
    int[][] stored = new int[2][events];
    int[] next = new int[2];
    boolean[] isRetry = new boolean[2];
    while (next[0] < events || next[1] < events) {
      int writer = next[0] >= events ? 1 : next[1] >= events ? 0 : random.nextInt(2);
      int count = Math.min(1 + random.nextInt(9), events - next[writer]);
      Origin call =
          new Origin(
              JOURNAL, 0, next[writer], count, writer, 0, !isRetry[writer], "/writer" + writer);
      isRetry[writer] = !send(call, channel, new ArrayList<>(), stored[writer]);
      if (isRetry[writer]) {
        continue;
      }
      next[writer] += count;
    }
    for (int writer = 0; writer < 2; writer++) {
      for (int count : stored[writer]) {
        assertThat(count).as("seed %s: times stored", seed).isPositive();
      }
    }
    assertThat(channel.contestedSenderCount()).isOne();
  }

  /** What a source does with a call; false when it is refused. */
  private static boolean send(Origin call, SenderLedger channel, List<byte[]> notes, int[] stored) {
    ArrayDeque<Origin> runs = new ArrayDeque<>(List.of(call));
    boolean isTaken = true;
    while (!runs.isEmpty()) {
      Origin run = runs.remove();
      Verdict verdict = channel.judge(run);
      isTaken &= verdict != Verdict.LATE;
      if (verdict instanceof Verdict.Partly partly) {
        long first = run.first();
        for (long cut : partly.cuts()) {
          runs.add(run.part(first, cut));
          first = cut;
        }
        runs.add(run.part(first, run.end()));
      } else if (verdict instanceof Claim claim) {
        for (long s = run.first(); s < run.end(); s++) {
          stored[(int) s]++;
        }
        channel.record(claim.note());
        notes.add(claim.encodedNote());
        claim.settle();
      }
    }
    return isTaken;
  }

  private static boolean all(boolean[] flags) {
    for (boolean flag : flags) {
      if (!flag) {
        return false;
      }
    }
    return true;
  }
}
