/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.codec.StoredPayload;
import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.disk.NioDisk;
import io.millrace.journal.format.Checksums;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentUse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentWriterTest {
  private static final int BLOCK_BYTES = 4096;
  private static final int FILE_BYTES = 1 << 20;

  @TempDir Path directory;

  /** One write: where, how much. */
  private record Write(long position, int bytes) {}

  /** Passes on, and remembers the writes. */
  private static final class WatchedFile implements DiskFile {
    private final DiskFile file;
    private final List<Write> writes = new ArrayList<>();

    WatchedFile(DiskFile file) {
      this.file = file;
    }

    @Override
    public void write(ByteBuffer source, long position) throws IOException {
      writes.add(new Write(position, source.remaining()));
      file.write(source, position);
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      return file.read(target, position);
    }

    @Override
    public void force() throws IOException {
      file.force();
    }

    @Override
    public long sizeBytes() throws IOException {
      return file.sizeBytes();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  /** A group larger than the buffer is cut at blocks, wherever its frames end. */
  @Test
  void everyWriteIsOfWholeBlocksAndTheFramesAreWhole() throws Exception {
    Random random = new Random(11);
    Disk disk = NioDisk.uncached();
    Path path = directory.resolve("0000000001.seg");
    WatchedFile watched = new WatchedFile(disk.create(path));
    SegmentUse use = new SegmentUse(1, 77);
    Segment segment = new Segment(new SegmentFile(disk, path, FILE_BYTES, watched), use, 0);
    SegmentWriter writer = new SegmentWriter(2 * BLOCK_BYTES);
    writer.begin(segment, new SegmentHeader(new UUID(1, 2), 0, 0, use, 0, 0));
    List<byte[]> payloads = new ArrayList<>();
    List<Long> positions = new ArrayList<>();
    for (int group = 0; group < 5; group++) {
      for (int i = 0; i < 40; i++) {
        byte[] payload = new byte[random.nextInt(3000)];
        random.nextBytes(payload);
        int crc = Checksums.crc32c(payload, 0, payload.length);
        positions.add(
            writer.put(
                new StoredPayload(0, 0, payload, 0, payload.length, crc),
                1,
                payloads.size(),
                0,
                null,
                null));
        payloads.add(payload);
      }
      writer.endGroup();
    }
    writer.force();

    assertThat(watched.writes)
        .hasSizeGreaterThan(20)
        .allSatisfy(
            write -> {
              assertThat(write.position() % BLOCK_BYTES).isZero();
              assertThat(write.bytes() % BLOCK_BYTES).isZero();
              assertThat(write.bytes()).isPositive();
            });
    SegmentReader reader = new SegmentReader(segment.file(), use);
    for (int i = 0; i < payloads.size(); i++) {
      FrameHeader header = reader.headerAt(positions.get(i));
      assertThat(header).as("frame %d", i).isNotNull();
      assertThat(reader.payload(header)).isEqualTo(payloads.get(i));
    }
    segment.file().close();
  }
}
