/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.format.SequenceRange;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * Which events of the queue were acknowledged. Confined to its owner's lock. Each acknowledgement
 * is written at once, so that the end of the process forgets none; it is synced when {@link #force}
 * is called. All of its space is allocated when it is made: a full disk does not stop it.
 *
 * <pre>
 *   file     header, slot, slot
 *   header   magic "MRFLUMEP", id 16, number of events int64, CRC-32C of these; 4096 bytes
 *   slot     2048 records of 32 bytes
 *   record   generation int64, first int64, end int64, kind int32, CRC-32C of the id and these
 *
 *   slot     HEAD (first: number of ranges n, end: low water), n * RANGE, then a RANGE for each
 *            acknowledgement
 * </pre>
 *
 * <p>A full slot is followed by the other one, whose head sums up what is known; it counts once its
 * n ranges are there. The slot of the higher generation is the valid one. A record that is damaged
 * costs itself: its events come again after a restart.
 */
final class ProgressLog implements Closeable {
  static final String NAME = "millrace.progress";
  private static final long MAGIC = 0x4d52464c554d4550L;
  private static final int HEADER_BYTES = 4096;
  private static final int HEADER_CRC_OFFSET = 32;
  private static final int RECORD_BYTES = 32;
  private static final int RECORD_CRC_OFFSET = 28;
  static final int SLOT_RECORDS = 2048;
  private static final int SLOT_BYTES = SLOT_RECORDS * RECORD_BYTES;
  private static final int KIND_HEAD = 1;
  private static final int KIND_RANGE = 2;

  private final DiskFile file;
  private final UUID id;
  private final long eventCount;
  private final SequenceSet acknowledged;
  private long generation;

  /** Index of the next record in the slot. */
  private int next;

  private boolean isBehind;

  private ProgressLog(
      DiskFile file, UUID id, long eventCount, long generation, SequenceSet acknowledged) {
    this.file = file;
    this.id = id;
    this.eventCount = eventCount;
    this.generation = generation;
    this.acknowledged = acknowledged;
  }

  /** A new one, in place of any other; nothing is acknowledged. */
  static ProgressLog create(Disk disk, Path folder, UUID id, long eventCount) throws IOException {
    Path path = folder.resolve(NAME);
    disk.delete(path);
    DiskFile file = disk.create(path);
    try {
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES + 2 * SLOT_BYTES);
      header.putLong(MAGIC).putLong(id.getMostSignificantBits());
      header.putLong(id.getLeastSignificantBits()).putLong(eventCount);
      header.putInt(crcOf(header.duplicate().flip())).clear();
      file.write(header, 0);
      ProgressLog log = new ProgressLog(file, id, eventCount, 0, SequenceSet.below(0));
      log.startSlot();
      disk.forceDirectory(folder);
      return log;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  /** Empty if there is none or it is damaged beyond use. */
  static Optional<ProgressLog> open(Disk disk, Path folder) throws IOException {
    Path path = folder.resolve(NAME);
    if (!disk.exists(path)) {
      return Optional.empty();
    }
    DiskFile file = disk.open(path);
    try {
      ByteBuffer content = ByteBuffer.allocate(HEADER_BYTES + 2 * SLOT_BYTES);
      file.read(content, 0);
      Optional<ProgressLog> log = recover(file, content.clear());
      if (log.isEmpty()) {
        file.close();
      }
      return log;
    } catch (IOException e) {
      file.close();
      throw e;
    }
  }

  private static Optional<ProgressLog> recover(DiskFile file, ByteBuffer content)
      throws IOException {
    if (content.getLong(0) != MAGIC
        || content.getInt(HEADER_CRC_OFFSET) != crcOf(content.slice(0, HEADER_CRC_OFFSET))) {
      return Optional.empty();
    }
    UUID id = new UUID(content.getLong(8), content.getLong(16));
    ProgressLog newest = null;
    for (int slot = 0; slot < 2; slot++) {
      ByteBuffer records = content.slice(HEADER_BYTES + slot * SLOT_BYTES, SLOT_BYTES);
      long generation = records.getLong(0);
      SequenceSet set = readSlot(id, records);
      if (set != null && (newest == null || generation > newest.generation)) {
        newest = new ProgressLog(file, id, content.getLong(24), generation, set);
      }
    }
    if (newest != null) {
      newest.startSlot();
    }
    return Optional.ofNullable(newest);
  }

  /** Null if the head is not whole. */
  private static SequenceSet readSlot(UUID id, ByteBuffer records) {
    if (!isValid(id, records, 0, KIND_HEAD)) {
      return null;
    }
    long generation = records.getLong(0);
    long ranges = records.getLong(8);
    SequenceSet set = SequenceSet.below(records.getLong(16));
    for (int i = 1; i < SLOT_RECORDS; i++) {
      int at = i * RECORD_BYTES;
      if (isValid(id, records, i, KIND_RANGE) && records.getLong(at) == generation) {
        set.add(records.getLong(at + 8), records.getLong(at + 16));
      } else if (i <= ranges) {
        return null;
      }
    }
    return set;
  }

  private static boolean isValid(UUID id, ByteBuffer records, int index, int kind) {
    ByteBuffer record = records.slice(index * RECORD_BYTES, RECORD_BYTES);
    return record.getInt(RECORD_CRC_OFFSET - 4) == kind
        && record.getInt(RECORD_CRC_OFFSET) == recordCrc(id, record);
  }

  UUID id() {
    return id;
  }

  /** How many events the queue has that this belongs to. */
  long eventCount() {
    return eventCount;
  }

  SequenceSet acknowledged() {
    return acknowledged;
  }

  /**
   * Adds the events {@code [first, end)}. After an exception they are acknowledged all the same;
   * only a restart may not know it, unless a later call succeeds.
   */
  void acknowledge(long first, long end) throws IOException {
    acknowledged.add(first, end);
    if (isBehind || next == SLOT_RECORDS) {
      startSlot();
      return;
    }
    isBehind = true;
    write(next, record(first, end, KIND_RANGE));
    next++;
    isBehind = false;
  }

  /** Sums up in the other slot what is known, durably. */
  private void startSlot() throws IOException {
    isBehind = true;
    List<SequenceRange> ranges = acknowledged.ranges();
    // More gaps than there are records are only forgotten: such events come twice after a crash.
    int kept = Math.min(ranges.size(), SLOT_RECORDS / 2);
    generation++;
    ByteBuffer start = ByteBuffer.allocate((kept + 1) * RECORD_BYTES);
    start.put(record(kept, acknowledged.lowWater(), KIND_HEAD));
    for (SequenceRange range : ranges.subList(0, kept)) {
      start.put(record(range.first(), range.end(), KIND_RANGE));
    }
    write(0, start.flip());
    next = kept + 1;
    file.force();
    isBehind = false;
  }

  /** Makes everything acknowledged so far durable. */
  void force() throws IOException {
    if (isBehind) {
      startSlot();
    } else {
      file.force();
    }
  }

  private void write(int index, ByteBuffer records) throws IOException {
    long slot = HEADER_BYTES + (generation & 1) * SLOT_BYTES;
    file.write(records, slot + (long) index * RECORD_BYTES);
  }

  private ByteBuffer record(long first, long end, int kind) {
    ByteBuffer record = ByteBuffer.allocate(RECORD_BYTES);
    record.putLong(generation).putLong(first).putLong(end).putInt(kind);
    return record.putInt(recordCrc(id, record)).flip();
  }

  private static int recordCrc(UUID id, ByteBuffer record) {
    ByteBuffer covered = ByteBuffer.allocate(16 + RECORD_CRC_OFFSET);
    covered.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    covered.put(record.duplicate().clear().limit(RECORD_CRC_OFFSET));
    return crcOf(covered.flip());
  }

  private static int crcOf(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
