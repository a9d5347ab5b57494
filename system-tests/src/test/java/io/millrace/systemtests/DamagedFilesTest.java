/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.AvroClient.Outcome;
import io.millrace.systemtests.JournalFiles.Frame;
import io.millrace.systemtests.JournalFiles.SegmentFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Faults D3, D4 and D5: files of the channel are damaged between a kill and the next start. Promise
 * 3: the channel starts with what is whole; damage costs the damaged records, which are counted.
 */
@Tag("long")
final class DamagedFilesTest {
  private static final int LINES_PER_BATCH = 10;
  private static final int BATCHES_DELIVERED = 50;
  private static final int BATCHES_KEPT = 100;
  private static final int FILLING_BYTES = 3_000;
  private static final int LINES_DELIVERED = BATCHES_DELIVERED * LINES_PER_BATCH;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  @RegisterExtension final Scene scene = new Scene();

  private final Receipts delivered = new Receipts();
  private final Receipts kept = new Receipts();
  private Path original;

  /**
   * A channel as a kill leaves it: one half of what it got was delivered, the other is in it; all
   * is behind a checkpoint.
   */
  private void makeOriginal() {
    original = scene.directory("original");
    Keeper keeper = Keeper.of(scene, "delivering", original);
    keeper.openStore();
    keeper.start();
    send(keeper, "delivered", BATCHES_DELIVERED, delivered);
    delivered.awaitStored(keeper.store(), LIMIT);
    keeper.awaitEmpty();
    keeper.agent().stop();

    keeper = Keeper.of(scene, "keeping", original);
    keeper.start();
    send(keeper, "kept", BATCHES_KEPT, kept);
    keeper.awaitCheckpoints(LINES_DELIVERED + BATCHES_KEPT * LINES_PER_BATCH);
    keeper.agent().kill();
    assertThat(kept.lineCount(Outcome.ACKNOWLEDGED)).isEqualTo(BATCHES_KEPT * LINES_PER_BATCH);
    assertThat(segments(original)).hasSizeGreaterThan(2);
  }

  private static void send(Keeper keeper, String stream, int batches, Receipts receipts) {
    Senders.sendBatches(keeper.port(), stream, batches, LINES_PER_BATCH, FILLING_BYTES, receipts);
  }

  private static List<SegmentFile> segments(Path state) {
    return JournalFiles.segments(state.resolve("data"));
  }

  /** Damages the files of a channel, and says which frames that must cost. */
  private interface Damage {
    List<Frame> to(Path state);
  }

  /** What was delivered before may be delivered again. */
  private boolean mayRepeat;

  /** Damages a copy of the original, and starts an agent on it. */
  private void check(String name, Damage damage, String... said) {
    Path state = scene.directory().resolve("state-" + name);
    JournalFiles.copyTree(original, state);
    List<Frame> costs = damage.to(state);
    Set<String> given = lines(costs);
    Keeper keeper = Keeper.of(scene, name, state);
    keeper.start();
    Receipts receipts = new Receipts();
    receipts.note(kept.lines(Outcome.ACKNOWLEDGED), Outcome.ACKNOWLEDGED);
    if (mayRepeat) {
      receipts.note(delivered.lines(Outcome.ACKNOWLEDGED), Outcome.UNANSWERED);
    }
    send(keeper, "afterwards", 5, receipts);
    keeper.openStore();
    receipts.awaitStored(keeper.store(), given, LIMIT);
    keeper.awaitEmpty();
    Scene.say(name + ": costs " + given.size() + " lines");
    assertThat(keeper.channelMetric("EventLostCount")).as(name).isEqualTo(given.size());
    for (String code : said) {
      assertThat(keeper.agent().log()).as(name).contains(code);
    }
    keeper.agent().stop();
    receipts.check(keeper.store(), given).assertNothingTwice();
  }

  /** The lines of these frames: one client sent them one by one, so that they are in its order. */
  private Set<String> lines(List<Frame> frames) {
    Set<String> lines = new TreeSet<>();
    for (Frame frame : frames) {
      for (int i = 0; i < frame.recordCount(); i++) {
        int number = (int) frame.firstSequence() + i - LINES_DELIVERED + 1;
        lines.add(Ledger.line("kept", number) + "z".repeat(FILLING_BYTES));
      }
    }
    assertThat(kept.lines(Outcome.ACKNOWLEDGED)).containsAll(lines);
    return lines;
  }

  @Test
  void oneFlippedBitCostsAtMostTheBatchItHitsAndIsCounted() {
    makeOriginal();
    Random random = scene.random();
    String corrupt = "JOURNAL_FRAME_CORRUPT";
    check("body", state -> flipInMiddle(state, 1_000 + random.nextInt(2_000), random), corrupt);
    check("event-lengths", state -> flipInMiddle(state, random.nextInt(4), random), corrupt);
    check(
        "frame-header",
        state -> flipInMiddle(state, random.nextInt(72) - JournalFiles.FRAME_HEADER_BYTES, random),
        corrupt);
    check(
        "body-at-the-end",
        state -> {
          SegmentFile last = segments(state).get(segments(state).size() - 1);
          Frame frame = last.frames().get(last.frames().size() - 2);
          JournalFiles.flipBit(last.path(), frame.payloadPosition() + 500, random.nextInt(8));
          return List.of(frame);
        },
        corrupt);
    check(
        "segment-header",
        state -> flip(segments(state).get(1).path(), random.nextInt(128), random));
    check("checkpoint", state -> flip(checkpoint(state), random.nextInt(84), random));
    check("lane-id", state -> flip(state.resolve("data/lane.id"), random.nextInt(36), random));
    check(
        "journal-id",
        state -> flip(state.resolve("checkpoint/journal.id"), random.nextInt(36), random));
    mayRepeat = true;
    check(
        "acknowledgements",
        state -> {
          for (Path file : JournalFiles.files(state.resolve("data"), ".ack")) {
            flip(file, random.nextInt(44), random);
          }
          return List.of();
        });
  }

  /** Flips a bit of the frame in the middle of the journal. */
  private static List<Frame> flipInMiddle(Path state, int payloadOffset, Random random) {
    SegmentFile middle = segments(state).get(1);
    Frame frame = middle.frames().get(middle.frames().size() / 2);
    JournalFiles.flipBit(middle.path(), frame.payloadPosition() + payloadOffset, random.nextInt(8));
    return List.of(frame);
  }

  private static List<Frame> flip(Path file, int position, Random random) {
    JournalFiles.flipBit(file, position, random.nextInt(8));
    return List.of();
  }

  private static Path checkpoint(Path state) {
    return JournalFiles.files(state.resolve("checkpoint"), ".checkpoint").get(0);
  }

  @Test
  void tornTailCostsTheFramesThatAreNotWholeAndNoOther() {
    makeOriginal();
    Random random = scene.random();
    for (int cut : new int[] {1, 2 + random.nextInt(598), 600}) {
      check("cut-" + cut, state -> cut(state, cut));
    }
    check(
        "cut-to-zeros",
        state -> {
          SegmentFile last = last(state);
          Frame frame = last.lastFrame();
          byte[] zeros = new byte[1 + random.nextInt(600)];
          JournalFiles.overwrite(last.path(), frame.endPosition() - zeros.length, zeros);
          return List.of(frame);
        });
    check(
        "garbage-behind",
        state -> {
          byte[] garbage = new byte[1 + random.nextInt(600)];
          random.nextBytes(garbage);
          return overwriteBehind(state, garbage);
        });
    check(
        "half-a-frame-behind",
        state -> {
          SegmentFile last = last(state);
          Frame frame = last.frames().get(0);
          byte[] segment = JournalFiles.read(last.path());
          return overwriteBehind(
              state,
              Arrays.copyOfRange(
                  segment, frame.position(), frame.position() + frame.payloadBytes() / 2));
        });
  }

  private static SegmentFile last(Path state) {
    List<SegmentFile> segments = segments(state);
    return segments.get(segments.size() - 1);
  }

  private static List<Frame> cut(Path state, int bytes) {
    SegmentFile last = last(state);
    JournalFiles.truncate(last.path(), last.lastFrame().endPosition() - bytes);
    return List.of(last.lastFrame());
  }

  /** As a write that the end of the process cut short: at the next block behind the last frame. */
  private static List<Frame> overwriteBehind(Path state, byte[] bytes) {
    SegmentFile last = last(state);
    long position = (last.lastFrame().endPosition() + 4095L) / 4096 * 4096;
    JournalFiles.overwrite(last.path(), position, bytes);
    return List.of();
  }

  @Test
  void lostOrGarbledCheckpointCostsNothing() {
    makeOriginal();
    Random random = scene.random();
    byte[] garbage = new byte[200];
    random.nextBytes(garbage);
    check(
        "checkpoint-lost",
        state -> {
          assertThat(checkpoint(state).toFile().delete()).isTrue();
          return List.of();
        });
    check(
        "checkpoint-garbled",
        state -> {
          JournalFiles.overwrite(checkpoint(state), 0, garbage);
          return List.of();
        });
    check(
        "checkpoint-empty",
        state -> {
          JournalFiles.truncate(checkpoint(state), 0);
          return List.of();
        });
    check(
        "checkpoint-directory-lost",
        state -> {
          JournalFiles.deleteTree(state.resolve("checkpoint"));
          return List.of();
        });
  }
}
