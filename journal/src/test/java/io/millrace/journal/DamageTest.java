/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.journal.format.Checksums;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.FrameLayout;
import io.millrace.journal.format.SegmentHeaderLayout;
import io.millrace.journal.sim.SimDisk;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** What a changed or missing byte on the disk costs: exactly the records it hits, and a report. */
class DamageTest {
  private static final int RECORDS_PER_FRAME = 3;
  private static final Path LANE = SimJournal.lane(0);

  private final SimDisk disk = new SimDisk(new Random(7));
  private final long[] clock = {0};
  private SimJournal sim;

  private SimJournal open() {
    return open(SimJournal.options(1).tailCacheBytes(0).checkpointOnClose(false).build());
  }

  private SimJournal open(JournalOptions options) {
    sim = SimJournal.open(disk, options, new Random(disk.callCount()), clock);
    return sim;
  }

  /** Appends one frame in a group of its own; its records are numbered by sequence. */
  private void append(long firstSequence, int paddingBytes) {
    byte[] records = JournalOnRealDiskTest.records(firstSequence, RECORDS_PER_FRAME);
    byte[] payload = new byte[records.length + paddingBytes];
    System.arraycopy(records, 0, payload, 0, records.length);
    var future = sim.journal.append(payload, 0, payload.length, RECORDS_PER_FRAME);
    sim.settle();
    assertThat(future).isCompleted();
  }

  private void appendFrames(int count) {
    for (int i = 0; i < count; i++) {
      append((long) i * RECORDS_PER_FRAME, 0);
    }
  }

  private List<Long> drain() {
    sim.settle();
    List<Long> sequences = new ArrayList<>();
    for (Lease lease = sim.journal.poll(100, 1 << 20);
        lease != null;
        lease = sim.journal.poll(100, 1 << 20)) {
      assertThat(valuesOf(lease))
          .isEqualTo(
              LongStream.range(lease.firstSequence(), lease.firstSequence() + lease.recordCount())
                  .boxed()
                  .toList());
      sequences.addAll(valuesOf(lease));
      lease.acknowledge();
    }
    sim.settle();
    return sequences;
  }

  private static List<Long> valuesOf(Lease lease) {
    List<Long> values = new ArrayList<>();
    for (Chunk chunk : lease.chunks()) {
      for (int i = 0; i < chunk.takeRecords(); i++) {
        values.add(
            ByteBuffer.wrap(chunk.array(), chunk.offset(), chunk.length())
                .slice()
                .getLong((chunk.skipRecords() + i) * 16));
      }
    }
    return values;
  }

  private List<Long> lost() {
    List<Long> lost = new ArrayList<>();
    for (JournalEvent event : sim.events) {
      if (event instanceof JournalEvent.RecordsLost loss) {
        LongStream.range(loss.firstSequence(), loss.endSequence()).forEach(lost::add);
      }
    }
    return lost;
  }

  private static List<Long> sequences(long first, long end) {
    return LongStream.range(first, end).boxed().toList();
  }

  private List<Path> segmentFiles() throws Exception {
    return disk.list(LANE).stream()
        .filter(name -> name.endsWith(".seg"))
        .map(LANE::resolve)
        .toList();
  }

  /** The file whose header says ordinal. */
  private Path segmentFile(long ordinal) throws Exception {
    for (Path file : segmentFiles()) {
      if (ByteBuffer.wrap(disk.content(file)).getLong(40) == ordinal) {
        return file;
      }
    }
    throw new AssertionError("no segment " + ordinal);
  }

  private void flip(Path file, int position) {
    byte[] content = disk.content(file);
    content[position] ^= 1;
    disk.overwrite(file, content);
  }

  /** Positions of the frames of the segment in a file. */
  private List<Integer> frames(Path file) {
    byte[] content = disk.content(file);
    ByteBuffer buffer = ByteBuffer.wrap(content);
    return IntStream.range(512, content.length / 8)
        .map(i -> i * 8)
        .filter(at -> at + 72 <= content.length)
        .filter(
            at -> {
              FrameHeader header = FrameHeader.decode(buffer, at);
              return header != null && header.use().ordinal() == buffer.getLong(40);
            })
        .boxed()
        .toList();
  }

  @Test
  void aFlippedBitInAnyByteOfAFrameCostsThatFrameAndIsReported() throws Exception {
    open();
    appendFrames(5);
    disk.kill();
    Path file = segmentFile(1);
    byte[] intact = disk.content(file);
    int position = frames(file).get(2);
    int bytes = (int) FrameLayout.frameBytes(RECORDS_PER_FRAME * 16, 0);
    for (int offset = 0; offset < bytes; offset++) {
      disk.overwrite(file, intact);
      flip(file, position + offset);
      open();
      assertThat(drain()).as("offset %d", offset).isEqualTo(without(sequences(0, 15), 6, 9));
      assertThat(lost()).as("offset %d", offset).isEqualTo(sequences(6, 9));
      assertThat(sim.journal.recordCount()).isZero();
      disk.kill();
      // Back to the state before the acknowledgements.
      disk.list(LANE).stream()
          .filter(name -> !name.equals(file.getFileName().toString()) && !name.equals("lane.id"))
          .forEach(name -> disk.lose(LANE.resolve(name)));
      disk.list(SimJournal.CHECKPOINTS).stream()
          .filter(name -> name.endsWith(".checkpoint"))
          .forEach(name -> disk.lose(SimJournal.CHECKPOINTS.resolve(name)));
    }
  }

  private static List<Long> without(List<Long> all, long first, long end) {
    return all.stream().filter(sequence -> sequence < first || sequence >= end).toList();
  }

  @Test
  void aTornTailAtAnyByteOfTheLastFrameLosesThatFrameOnlyAndAppendingGoesOn() throws Exception {
    open();
    appendFrames(4);
    disk.kill();
    Path file = segmentFile(1);
    byte[] intact = disk.content(file);
    int position = frames(file).get(3);
    int payloadEnd = position + FrameLayout.HEADER_BYTES + RECORDS_PER_FRAME * 16;
    for (int cut = position; cut < payloadEnd; cut++) {
      SimDisk copy = new SimDisk(new Random(cut));
      for (Path directory : List.of(LANE, SimJournal.CHECKPOINTS)) {
        copy.createDirectories(directory);
        for (String name : disk.list(directory)) {
          copy.create(directory.resolve(name)).close();
          copy.overwrite(directory.resolve(name), disk.content(directory.resolve(name)));
        }
        copy.forceDirectory(directory);
      }
      byte[] torn = intact.clone();
      Arrays.fill(torn, cut, torn.length, (byte) 0);
      copy.overwrite(file, torn);
      SimJournal reopened =
          SimJournal.open(copy, SimJournal.options(1).build(), new Random(cut), new long[1]);
      sim = reopened;
      byte[] payload = JournalOnRealDiskTest.records(9, 1);
      var future = reopened.journal.append(payload, 0, payload.length, 1);
      reopened.settle();
      assertThat(future).isCompleted();
      assertThat(drain()).as("cut at %d", cut).isEqualTo(sequences(0, 10));
      assertThat(lost()).isEmpty();
    }
  }

  @Test
  void aLostOrGarbledCheckpointCostsNothing() throws Exception {
    for (int variant = 0; variant < 3; variant++) {
      SimDisk before = disk;
      open(SimJournal.options(1).build());
      long next = sim.journal.statistics().lanes().get(0).nextSequence();
      append(next, 0);
      append(next + RECORDS_PER_FRAME, 0);
      Lease lease = sim.journal.poll(2, 1000);
      lease.acknowledge();
      sim.journal.close();
      Path checkpoint = SimJournal.CHECKPOINTS.resolve("lane-00000.checkpoint");
      switch (variant) {
        case 0 -> before.lose(checkpoint);
        case 1 -> before.overwrite(checkpoint, new byte[0]);
        default -> flip(checkpoint, 40);
      }
      open(SimJournal.options(1).build());
      assertThat(drain()).isEqualTo(sequences(next + 2, next + 6));
      assertThat(lost()).isEmpty();
      sim.journal.close();
    }
  }

  @Test
  void aLostSegmentInTheMiddleIsReportedExactlyAndTheRestIsDelivered() throws Exception {
    open();
    for (int i = 0; i < 12; i++) {
      append((long) i * RECORDS_PER_FRAME, 9_000);
    }
    disk.kill();
    // Segments of 32 KiB hold two such frames each.
    disk.lose(segmentFile(3));
    open();
    assertThat(drain()).isEqualTo(without(sequences(0, 36), 12, 18));
    assertThat(lost()).isEqualTo(sequences(12, 18));
    assertThat(sim.journal.recordCount()).isZero();
  }

  @Test
  void theLastSegmentLostIsKnownFromTheCheckpoint() throws Exception {
    open(SimJournal.options(1).build());
    for (int i = 0; i < 4; i++) {
      append((long) i * RECORDS_PER_FRAME, 9_000);
    }
    sim.journal.close();
    disk.lose(segmentFile(2));
    open();
    assertThat(lost()).isEqualTo(sequences(6, 12));
    append(12, 0);
    assertThat(drain()).isEqualTo(without(sequences(0, 15), 6, 12));
  }

  @Test
  void aDamagedSegmentHeaderCostsNothing() throws Exception {
    open();
    for (int i = 0; i < 6; i++) {
      append((long) i * RECORDS_PER_FRAME, 9_000);
    }
    disk.kill();
    for (long ordinal = 1; ordinal <= 3; ordinal++) {
      flip(segmentFile(ordinal), 60);
    }
    open();
    assertThat(drain()).isEqualTo(sequences(0, 18));
    assertThat(lost()).isEmpty();
  }

  @Test
  void staleFramesOfARecycledSegmentAreNeverTakenForNewOnes() throws Exception {
    open();
    long next = 0;
    for (int i = 0; i < 30; i++) {
      append(next, 3_000);
      next += RECORDS_PER_FRAME;
      assertThat(drain()).isEqualTo(sequences(next - RECORDS_PER_FRAME, next));
    }
    // The segment in use now has a few new frames, and frames of its last use behind them.
    disk.kill();
    assertThat(segmentFiles().size()).isLessThanOrEqualTo(4);
    open();
    append(next, 0);
    assertThat(drain()).isEqualTo(sequences(next, next + RECORDS_PER_FRAME));
    assertThat(lost()).isEmpty();
  }

  @Test
  void aDamagedAcknowledgementLogCostsRedeliveryAndNothingElse() throws Exception {
    open();
    appendFrames(5);
    sim.journal.poll(6, 10_000).acknowledge();
    sim.settle();
    disk.kill();
    for (String name : disk.list(LANE)) {
      if (name.endsWith(".ack")) {
        disk.overwrite(LANE.resolve(name), new byte[4096]);
      }
    }
    open();
    assertThat(drain()).isEqualTo(sequences(0, 15));
    assertThat(lost()).isEmpty();
  }

  @Test
  void lostIdentityFilesAreRebuilt() throws Exception {
    open();
    appendFrames(2);
    var id = sim.journal.id();
    sim.journal.close();
    disk.lose(LANE.resolve("lane.id"));
    disk.lose(SimJournal.CHECKPOINTS.resolve("journal.id"));
    open();
    assertThat(sim.journal.id()).isEqualTo(id);
    assertThat(drain()).isEqualTo(sequences(0, 6));
  }

  @Test
  void aLaterFormatIsRefusedAndNothingIsTouched() throws Exception {
    open();
    appendFrames(2);
    sim.journal.close();
    Path file = segmentFile(1);
    byte[] content = disk.content(file);
    ByteBuffer header = ByteBuffer.wrap(content);
    header.putShort(8, (short) 2);
    header.putInt(124, Checksums.crc32c(content, 0, 124));
    disk.overwrite(file, content);
    long calls = disk.callCount();
    assertThatThrownBy(this::open)
        .isInstanceOfSatisfying(
            JournalException.class,
            e -> assertThat(e.code()).isEqualTo(JournalException.Code.FORMAT_NEWER));
    assertThat(disk.callCount()).isEqualTo(calls);
  }

  @Test
  void quarantinedBytesAreKeptBesideTheirSegment() throws Exception {
    open();
    appendFrames(3);
    disk.kill();
    Path file = segmentFile(1);
    int position = frames(file).get(1);
    flip(file, position + FrameLayout.HEADER_BYTES + 5);
    byte[] expected =
        Arrays.copyOfRange(
            disk.content(file),
            position,
            position + (int) FrameLayout.frameBytes(RECORDS_PER_FRAME * 16, 0));
    open();
    drain();
    String bad = file.getFileName().toString().replace(".seg", ".bad");
    assertThat(disk.content(LANE.resolve(bad))).containsSequence(expected);
    assertThat(position).isGreaterThanOrEqualTo(SegmentHeaderLayout.BLOCK_BYTES);
  }
}
