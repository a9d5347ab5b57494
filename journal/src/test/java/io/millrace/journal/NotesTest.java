/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.journal.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What notes of frames survive, what is told of them and when, and what keeps them. */
class NotesTest {
  private final SimDisk disk = new SimDisk(new Random(7));
  private final long[] clock = {0};
  private SimJournal sim;
  private SimNotes notes;
  private long appended;

  private JournalOptions.Builder options(int lanes) {
    return SimJournal.options(lanes).tailCacheBytes(0).checkpointOnClose(false);
  }

  private void open(JournalOptions.Builder options) {
    open(options, 0);
  }

  private void open(JournalOptions.Builder options, int digestPaddingBytes) {
    notes = new SimNotes(digestPaddingBytes, new HashSet<>());
    sim =
        SimJournal.open(
            disk, options.noteDigest(notes).build(), new Random(disk.callCount()), clock);
    sim.settle();
  }

  private CompletableFuture<Void> offer(int payloadBytes) {
    byte[] payload = new byte[payloadBytes];
    ByteBuffer.wrap(payload).putLong(appended);
    byte[] note = SimNotes.noteOf(appended++, 40);
    return sim.journal.append(payload, 0, payload.length, 1, note);
  }

  private void append(int count, int payloadBytes) {
    for (int i = 0; i < count; i++) {
      CompletableFuture<Void> future = offer(payloadBytes);
      sim.settle();
      assertThat(future).isCompleted();
    }
  }

  private Set<Long> everything() {
    return LongStream.range(0, appended).boxed().collect(Collectors.toSet());
  }

  private void acknowledgeAll() {
    sim.settle();
    for (Lease lease = sim.journal.poll(100, 1 << 20);
        lease != null;
        lease = sim.journal.poll(100, 1 << 20)) {
      lease.acknowledge();
    }
    sim.settle();
  }

  private void loseCheckpoints() throws Exception {
    for (String name : disk.list(SimJournal.CHECKPOINTS)) {
      if (name.endsWith(".checkpoint")) {
        disk.lose(SimJournal.CHECKPOINTS.resolve(name));
      }
    }
  }

  private List<Path> segments(Path lane) throws Exception {
    return disk.list(lane).stream()
        .filter(name -> name.endsWith(".seg"))
        .map(lane::resolve)
        .toList();
  }

  /** How often something was told that no digest told. */
  private static final class CountingNotes implements NoteDigest {
    final List<byte[]> committed = new ArrayList<>();
    final List<byte[]> recovered = new ArrayList<>();
    private final SimNotes sum = new SimNotes(0, new HashSet<>());

    @Override
    public void committed(byte[] note) {
      committed.add(note);
      sum.committed(note);
    }

    @Override
    public byte[] digest() {
      return sum.digest();
    }

    @Override
    public void recovered(byte[] digest) {
      recovered.add(digest);
      sum.recovered(digest);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsNotedOutlivesStartsWithoutAnAppendThoughAllIsAcknowledged(boolean isCheckpointed)
      throws Exception {
    open(options(1).checkpointOnClose(isCheckpointed));
    append(40, 3_000);
    acknowledgeAll();
    assertThat(sim.journal.statistics().lanes().get(0).segmentCount()).isEqualTo(1);
    for (int i = 0; i < 4; i++) {
      if (i % 2 == 0) {
        sim.journal.close();
      }
      disk.crash();
      if (i == 3) {
        loseCheckpoints();
      }
      open(options(1).checkpointOnClose(isCheckpointed));
      assertThat(notes.noted()).as("start %d", i).isEqualTo(everything());
      assertThat(sim.journal.recordCount()).isZero();
      sim.advance(Duration.ofSeconds(2));
      sim.settle();
    }
    append(1, 3_000);
    acknowledgeAll();
    disk.crash();
    open(options(1));
    assertThat(notes.noted()).isEqualTo(everything());
  }

  @Test
  void aStartThatTakesNoNotesKeepsThemUntilItAppends() throws Exception {
    open(options(1));
    append(20, 3_000);
    disk.crash();
    for (int i = 0; i < 3; i++) {
      SimJournal plain =
          SimJournal.open(disk, options(1).checkpointOnClose(true).build(), new Random(i), clock);
      plain.settle();
      if (i == 1) {
        sim = plain;
        acknowledgeAll();
      }
      plain.journal.close();
      disk.crash();
    }
    open(options(1));
    assertThat(notes.noted()).isEqualTo(everything());
    disk.crash();
    SimJournal plain = SimJournal.open(disk, options(1).build(), new Random(9), clock);
    plain.settle();
    plain.journal.append(new byte[100], 0, 100, 1);
    plain.settle();
    disk.crash();
    loseCheckpoints();
    open(options(1));
    assertThat(notes.noted()).isEmpty();
    assertThat(sim.journal.recordCount()).isEqualTo(1);
  }

  @Test
  void aJournalWithoutNotesIsTakenOver() throws Exception {
    SimJournal plain = SimJournal.open(disk, options(1).build(), new Random(9), clock);
    for (int i = 0; i < 30; i++) {
      plain.journal.append(new byte[3_000], 0, 3_000, 1);
      plain.settle();
    }
    disk.crash();
    open(options(1));
    assertThat(sim.journal.recordCount()).isEqualTo(30);
    append(2, 3_000);
    disk.crash();
    open(options(1));
    assertThat(notes.noted()).isEqualTo(everything());
    assertThat(sim.journal.recordCount()).isEqualTo(32);
  }

  @Test
  void aStartReadsTheNotesOfTheTailOnly() throws Exception {
    open(options(1));
    append(100, 3_000);
    disk.crash();
    loseCheckpoints();
    CountingNotes counting = new CountingNotes();
    SimJournal.open(disk, options(1).noteDigest(counting).build(), new Random(1), clock);
    assertThat(counting.recovered).hasSize(1);
    assertThat(counting.committed).hasSizeBetween(1, 10);
    disk.crash();
    open(options(1).checkpointOnClose(true));
    append(1, 3_000);
    sim.journal.close();
    disk.crash();
    counting = new CountingNotes();
    SimJournal.open(disk, options(1).noteDigest(counting).build(), new Random(1), clock);
    assertThat(counting.committed).isEmpty();
    assertThat(counting.recovered).hasSize(1);
  }

  @Test
  void aNoteIsToldOnceBeforeItsAppendIsAnsweredThoughItsSegmentIsCondemned() {
    CountingNotes counting = new CountingNotes();
    sim = SimJournal.open(disk, options(1).noteDigest(counting).build(), new Random(1), clock);
    sim.settle();
    append(2, 100);
    disk.failOnce(disk.callCount() + 1, SimDisk.Fault.IO_ERROR);
    CompletableFuture<Void> failing = offer(100);
    List<Integer> toldWhenAnswered = new ArrayList<>();
    failing.thenRun(() -> toldWhenAnswered.add(counting.committed.size()));
    sim.step();
    assertThat(failing).isNotDone();
    assertThat(counting.committed).hasSize(2);
    sim.advance(Duration.ofSeconds(3));
    sim.settle();
    assertThat(failing).isCompleted();
    assertThat(toldWhenAnswered).containsExactly(3);
    assertThat(counting.committed).hasSize(3);
    assertThat(sim.journal.statistics().lanes().get(0).condemnedSegments()).isEqualTo(1);
  }

  @Test
  void withASyncIntervalANoteIsToldWhenItIsSynced() {
    open(options(1).syncInterval(Duration.ofMillis(500)));
    append(3, 100);
    assertThat(notes.noted()).isEmpty();
    sim.advance(Duration.ofMillis(600));
    sim.settle();
    assertThat(notes.noted()).isEqualTo(everything());
    assertThat(sim.journal.hasLastingSequences()).isFalse();
    disk.crash();
    open(options(1));
    assertThat(notes.noted()).isEqualTo(everything());
    assertThat(sim.journal.hasLastingSequences()).isTrue();
  }

  @Test
  void aDigestMayBeLargerThanASegment() throws Exception {
    open(options(1), 100_000);
    append(60, 3_000);
    disk.crash();
    loseCheckpoints();
    open(options(1), 100_000);
    assertThat(notes.noted()).isEqualTo(everything());
    assertThat(sim.journal.recordCount()).isEqualTo(60);
    acknowledgeAll();
    assertThat(segments(SimJournal.lane(0))).hasSizeLessThan(5);
  }

  @Test
  void theNotesOfAllLanesAreInTheDigestOfEach() throws Exception {
    open(options(2));
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      futures.add(offer(3_000));
      if (i % 4 == 3) {
        sim.settle();
      }
    }
    assertThat(futures).allMatch(CompletableFuture::isDone);
    assertThat(sim.journal.lanes()).allMatch(lane -> lane.counters().appendedFrames.get() > 20);
    disk.crash();
    loseCheckpoints();
    open(options(2));
    assertThat(notes.noted()).isEqualTo(everything());
    // A lane alone tells most of what the other one was told too.
    disk.crash();
    for (String name : disk.list(SimJournal.lane(1))) {
      disk.lose(SimJournal.lane(1).resolve(name));
    }
    open(options(2));
    assertThat(notes.noted()).hasSizeGreaterThan(80);
  }

  @Test
  void onlyAJournalWithADigestTakesNotesAndOfABoundedSize() {
    open(options(1));
    assertThatThrownBy(() -> sim.journal.prepare(new byte[1], 0, 1, 1, new byte[(64 << 10) + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65537")
        .hasMessageContaining("65536");
    sim.journal.prepare(new byte[1], 0, 1, 1, new byte[64 << 10]);
    disk.kill();
    SimJournal plain = SimJournal.open(disk, options(1).build(), new Random(9), clock);
    assertThatThrownBy(() -> plain.journal.prepare(new byte[1], 0, 1, 1, new byte[3]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("without a note digest");
  }

  @Test
  void aLeaseIsFreshOnlyTheFirstTimeAndOnlyIfItsRecordsAreNew() {
    open(options(1));
    append(6, 100);
    Lease first = sim.journal.poll(2, 1 << 20);
    assertThat(first.isFresh()).isTrue();
    first.release();
    assertThat(sim.journal.poll(1, 1 << 20).isFresh()).isFalse();
    assertThat(sim.journal.poll(1, 1 << 20).isFresh()).isFalse();
    assertThat(sim.journal.poll(2, 1 << 20).isFresh()).isTrue();
    long session = sim.journal.session();
    disk.crash();
    open(options(1));
    assertThat(sim.journal.session()).isNotEqualTo(session);
    append(1, 100);
    Lease old = sim.journal.poll(100, 1 << 20);
    assertThat(old.recordCount()).isEqualTo(6);
    assertThat(old.isFresh()).isFalse();
    Lease later = sim.journal.poll(100, 1 << 20);
    assertThat(later.firstSequence()).isEqualTo(6);
    assertThat(later.isFresh()).isTrue();
  }

  @Test
  void theFloorIsWhatWasAcknowledgedAtTheLastSyncOfAcknowledgements() {
    open(options(1));
    append(10, 100);
    Lease first = sim.journal.poll(4, 1 << 20);
    assertThat(first.floor()).isZero();
    first.acknowledge(0, 3);
    sim.settle();
    assertThat(sim.journal.poll(1, 1 << 20).floor()).isZero();
    sim.advance(Duration.ofSeconds(2));
    sim.settle();
    Lease later = sim.journal.poll(1, 1 << 20);
    assertThat(later.floor()).isEqualTo(3);
    disk.crash();
    open(options(1));
    Lease again = sim.journal.poll(100, 1 << 20);
    assertThat(again.floor()).isEqualTo(3);
    assertThat(again.firstSequence()).isEqualTo(3);
  }
}
