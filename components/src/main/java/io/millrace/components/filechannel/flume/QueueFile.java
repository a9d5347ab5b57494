/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The pointers to the events that were in Flume's channel, in their order: what the replay found,
 * written once, so that an index means the same event after every restart whatever happens to the
 * data files later. Stateless. Big-endian.
 *
 * <pre>
 *   offset  bytes
 *   0       8      magic "MRFLUMEQ"
 *   8       4      version 1
 *   12      4      0
 *   16      16     id
 *   32      8      number of pointers
 *   40      4      CRC-32C of the pointers
 *   44      4      CRC-32C of the 44 bytes before
 *   48      8 * n  pointers: file id int32, position int32
 * </pre>
 */
final class QueueFile {
  static final String NAME = "millrace.queue";
  private static final String UNFINISHED = NAME + ".new";
  private static final long MAGIC = 0x4d52464c554d4551L;
  private static final int VERSION = 1;
  private static final int HEADER_BYTES = 48;
  private static final int HEADER_CRC_OFFSET = 44;
  private static final int BUFFER_BYTES = 64 << 10;

  private QueueFile() {}

  /** What the file holds. */
  record Content(UUID id, PointerList pointers) {}

  /** Writes aside, syncs and renames: the file is there in full, or not at all. */
  static void write(Disk disk, Path folder, Content content) throws IOException {
    Path unfinished = folder.resolve(UNFINISHED);
    disk.delete(unfinished);
    try (DiskFile file = disk.create(unfinished)) {
      int crc = writePointers(file, content.pointers());
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
      header.putLong(MAGIC).putInt(VERSION).putInt(0);
      header.putLong(content.id().getMostSignificantBits());
      header.putLong(content.id().getLeastSignificantBits());
      header.putLong(content.pointers().size()).putInt(crc);
      header.putInt(crcOf(header.duplicate().flip()));
      file.write(header.flip(), 0);
      file.force();
    }
    disk.rename(unfinished, folder.resolve(NAME));
    disk.forceDirectory(folder);
  }

  private static int writePointers(DiskFile file, PointerList pointers) throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    long position = HEADER_BYTES;
    for (long i = 0; i < pointers.size(); i++) {
      buffer.putLong(pointers.get(i));
      if (!buffer.hasRemaining() || i == pointers.size() - 1) {
        buffer.flip();
        crc.update(buffer.duplicate());
        position += buffer.remaining();
        file.write(buffer, position - buffer.limit());
        buffer.clear();
      }
    }
    return (int) crc.getValue();
  }

  /** Empty if the file is damaged. */
  static Optional<Content> read(Disk disk, Path folder) throws IOException {
    try (DiskFile file = disk.open(folder.resolve(NAME))) {
      ByteBuffer header = ByteBuffer.allocate(HEADER_BYTES);
      int headerBytes = file.read(header, 0);
      header.flip();
      if (headerBytes < HEADER_BYTES
          || header.getInt(HEADER_CRC_OFFSET)
              != crcOf(header.duplicate().limit(HEADER_CRC_OFFSET))) {
        return Optional.empty();
      }
      long magic = header.getLong();
      int version = header.getInt();
      header.getInt();
      UUID id = new UUID(header.getLong(), header.getLong());
      PointerList pointers = new PointerList();
      int crc = readPointers(file, header.getLong(), pointers);
      boolean isWhole = magic == MAGIC && version == VERSION && crc == header.getInt();
      return isWhole ? Optional.of(new Content(id, pointers)) : Optional.empty();
    }
  }

  private static int readPointers(DiskFile file, long count, PointerList target)
      throws IOException {
    CRC32C crc = new CRC32C();
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    long position = HEADER_BYTES;
    while (target.size() < count) {
      buffer.clear().limit((int) Math.min(BUFFER_BYTES, (count - target.size()) * Long.BYTES));
      if (file.read(buffer, position) < buffer.limit()) {
        break;
      }
      position += buffer.limit();
      crc.update(buffer.flip().duplicate());
      while (buffer.hasRemaining()) {
        target.add(buffer.getLong());
      }
    }
    return (int) crc.getValue();
  }

  private static int crcOf(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
