/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.inspect.Damage;
import io.millrace.journal.inspect.InspectionTarget;
import io.millrace.journal.inspect.JournalInspection;
import io.millrace.journal.inspect.LaneInspection;
import io.millrace.journal.inspect.ReadOnlyDisk;
import io.millrace.journal.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** A changed or missing byte of a note or digest costs no record, and is reported. */
class NoteDamageTest {
  private static final Path LANE = SimJournal.lane(0);
  private static final int NOTE_BYTES = 30;

  private SimDisk disk = new SimDisk(new Random(7));
  private final long[] clock = {0};
  private SimJournal sim;
  private SimNotes notes;
  private long appended;

  private void open() {
    notes = new SimNotes(0, new HashSet<>());
    sim =
        SimJournal.open(
            disk,
            SimJournal.options(1)
                .tailCacheBytes(0)
                .checkpointOnClose(false)
                .noteDigest(notes)
                .build(),
            new Random(disk.callCount()),
            clock);
    sim.settle();
  }

  private void append(int count, int payloadBytes) {
    for (int i = 0; i < count; i++) {
      byte[] payload = new byte[payloadBytes];
      ByteBuffer.wrap(payload).putLong(appended);
      byte[] note = SimNotes.noteOf(appended++, NOTE_BYTES - 8);
      CompletableFuture<Void> future = sim.journal.append(payload, 0, payloadBytes, 1, note);
      sim.settle();
      assertThat(future).isCompleted();
    }
  }

  private Set<Long> everything() {
    return LongStream.range(0, appended).boxed().collect(Collectors.toSet());
  }

  private Set<Long> without(long id) {
    Set<Long> rest = everything();
    rest.remove(id);
    return rest;
  }

  /** Without acknowledging any. */
  private Set<Long> records() {
    Set<Long> records = new TreeSet<>();
    for (Lease lease = sim.journal.poll(1, 1); lease != null; lease = sim.journal.poll(1, 1)) {
      Chunk chunk = lease.chunks().get(0);
      records.add(ByteBuffer.wrap(chunk.array()).getLong(chunk.offset()));
    }
    return records;
  }

  private long reported() {
    return sim.events.stream()
        .filter(JournalEvent.NotesDamaged.class::isInstance)
        .mapToLong(event -> ((JournalEvent.NotesDamaged) event).count())
        .sum();
  }

  private static SimDisk copyOf(SimDisk source) throws Exception {
    SimDisk copy = new SimDisk(new Random(1));
    for (Path directory : List.of(LANE, SimJournal.CHECKPOINTS)) {
      copy.createDirectories(directory);
      for (String name : source.list(directory)) {
        copy.create(directory.resolve(name)).close();
        copy.overwrite(directory.resolve(name), source.content(directory.resolve(name)));
      }
      copy.forceDirectory(directory);
    }
    return copy;
  }

  /** The last segment. */
  private Path tail() throws Exception {
    Path last = null;
    for (String name : disk.list(LANE)) {
      Path file = LANE.resolve(name);
      if (name.endsWith(".seg") && (last == null || ordinal(file) > ordinal(last))) {
        last = file;
      }
    }
    return last;
  }

  private long ordinal(Path file) {
    return ByteBuffer.wrap(disk.content(file)).getLong(40);
  }

  private List<FrameHeader> frames(Path file) {
    ByteBuffer content = ByteBuffer.wrap(disk.content(file));
    return IntStream.range(512, content.limit() / 8 - 9)
        .mapToObj(i -> FrameHeader.decode(content, i * 8))
        .filter(header -> header != null && header.use().ordinal() == content.getLong(40))
        .toList();
  }

  private void flip(Path file, long position) {
    byte[] content = disk.content(file);
    content[(int) position] ^= 1;
    disk.overwrite(file, content);
  }

  @Test
  void aFlippedBitInAnyByteOfASyncedNoteCostsThatNoteOnly() throws Exception {
    open();
    append(5, 100);
    disk.kill();
    SimDisk intact = disk;
    FrameHeader frame = frames(tail()).get(2);
    assertThat(frame.noteBytes()).isEqualTo(NOTE_BYTES + 4);
    for (int i = 0; i < frame.attachmentBytes(); i++) {
      disk = copyOf(intact);
      flip(tail(), frame.attachmentPosition() + i);
      open();
      assertThat(records()).as("byte %d", i).isEqualTo(everything());
      assertThat(notes.noted()).as("byte %d", i).isEqualTo(without(2));
      assertThat(reported()).isEqualTo(1);
      assertThat(sim.journal.statistics().lanes().get(0).damagedNotes()).isEqualTo(1);
      assertThat(sim.events).noneMatch(JournalEvent.RecordsLost.class::isInstance);
    }
  }

  @Test
  void aDamagedDigestCostsNothingWhileTheSegmentBeforeIsThere() throws Exception {
    open();
    append(16, 3_000);
    disk.kill();
    SimDisk intact = disk;
    FrameHeader first = frames(tail()).get(0);
    assertThat(first.hasDigest()).isTrue();
    long digestPosition = first.attachmentPosition() + first.noteBytes();
    for (long at = digestPosition;
        at < first.attachmentPosition() + first.attachmentBytes();
        at++) {
      disk = copyOf(intact);
      flip(tail(), at);
      open();
      assertThat(records()).as("byte %d", at).isEqualTo(everything());
      assertThat(notes.noted()).as("byte %d", at).isEqualTo(everything());
      assertThat(reported()).isEqualTo(1);
    }
  }

  @Test
  void aDamagedDigestWithNothingBeforeItCostsOlderNotesAndIsReported() throws Exception {
    open();
    append(16, 3_000);
    for (Lease lease = sim.journal.poll(100, 1 << 20);
        lease != null;
        lease = sim.journal.poll(100, 1 << 20)) {
      lease.acknowledge();
    }
    sim.settle();
    long firstInTail = frames(tail()).get(0).firstSequence();
    append(1, 3_000);
    disk.kill();
    FrameHeader first = frames(tail()).get(0);
    flip(tail(), first.attachmentPosition() + first.noteBytes());
    open();
    assertThat(records()).containsExactly(16L);
    // A file that is not used again yet may still tell of the oldest ones.
    assertThat(notes.noted())
        .contains(firstInTail, 15L, 16L)
        .doesNotContain(firstInTail - 1, firstInTail - 2);
    assertThat(reported()).isEqualTo(1);
    // The next segment has a digest again.
    Set<Long> rest = new TreeSet<>(notes.noted());
    append(16, 3_000);
    disk.kill();
    open();
    rest.addAll(LongStream.range(17, 33).boxed().toList());
    assertThat(notes.noted()).isEqualTo(rest);
    assertThat(reported()).isZero();
  }

  /** The write ends in the last frame's note: as if it had ended in its payload. */
  @Test
  void aWriteThatACrashEndedWithinANoteIsLeftOutWithItsRecords() throws Exception {
    open();
    append(5, 100);
    disk.kill();
    SimDisk intact = disk;
    FrameHeader last = frames(tail()).get(4);
    for (int bytes = 0; bytes < last.noteBytes(); bytes++) {
      disk = copyOf(intact);
      byte[] content = disk.content(tail());
      Path file = tail();
      int cut = (int) last.attachmentPosition() + bytes;
      Arrays.fill(content, cut, content.length, (byte) 0xEE);
      disk.overwrite(file, content);
      open();
      assertThat(notes.noted()).as("cut at %d", bytes).isEqualTo(without(4));
      assertThat(records()).as("cut at %d", bytes).isEqualTo(without(4));
      assertThat(sim.events).anyMatch(JournalEvent.TailTruncated.class::isInstance);
      assertThat(reported()).isZero();
    }
  }

  @Test
  void aDamagedCheckpointCostsNoNote() throws Exception {
    open();
    append(5, 100);
    sim.advance(java.time.Duration.ofSeconds(2));
    sim.settle();
    append(5, 100);
    disk.kill();
    SimDisk intact = disk;
    Path checkpoint = SimJournal.CHECKPOINTS.resolve("lane-00000.checkpoint");
    int bytes = disk.content(checkpoint).length;
    assertThat(bytes).isGreaterThan(104);
    for (int i = 0; i < bytes; i++) {
      disk = copyOf(intact);
      flip(checkpoint, i);
      open();
      assertThat(notes.noted()).as("byte %d", i).isEqualTo(everything());
      assertThat(records()).as("byte %d", i).isEqualTo(everything());
    }
  }

  @Test
  void anInspectionFindsDamagedNotesAndNothingElse() throws Exception {
    open();
    append(20, 3_000);
    disk.kill();
    FrameHeader frame = frames(tail()).get(1);
    assertThat(damages()).isEmpty();
    flip(tail(), frame.attachmentPosition() + 3);
    assertThat(damages())
        .singleElement()
        .satisfies(
            damage -> {
              assertThat(damage.kind()).isEqualTo(Damage.Kind.NOTES);
              assertThat(damage.position()).isEqualTo(frame.attachmentPosition());
              assertThat(damage.lost()).isEmpty();
              assertThat(damage.isPast()).isFalse();
            });
  }

  private List<Damage> damages() throws Exception {
    JournalInspection inspection =
        JournalInspection.of(
            ReadOnlyDisk.over(disk),
            new InspectionTarget(
                List.of(SimJournal.CHECKPOINTS),
                List.of(LANE),
                PayloadCodec.plain(),
                OptionalInt.empty()));
    LaneInspection lane = inspection.lanes().get(0);
    return lane.walk().run(frame -> true).damages();
  }
}
