/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.format.FrameHeader;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentUse;
import io.millrace.journal.sim.SimDisk;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Holds a segment with notes and a digest to the bytes of docs/formats/journal-v1.md. */
class NoteVectorTest {
  private static final SegmentUse USE = new SegmentUse(5, 0x1122334455667788L);
  private static final int BLOCK_BYTES = 4096;

  private static byte[] ascii(String text) {
    return text.getBytes(US_ASCII);
  }

  @Test
  void theFirstFrameOfASegmentWithNoteAndDigest() throws Exception {
    SimDisk disk = new SimDisk(new Random(1));
    Path path = Path.of("/lane0/0000000001.seg");
    disk.createDirectories(path.getParent());
    disk.create(path).close();
    disk.overwrite(path, new byte[4 * BLOCK_BYTES]);
    SegmentFile file = new SegmentFile(disk, path, 4L * BLOCK_BYTES);
    SegmentWriter writer = new SegmentWriter(2 * BLOCK_BYTES);
    writer.begin(
        new Segment(file, USE, 1000), new SegmentHeader(new UUID(1, 2), 0, 0, USE, 1000, 700));
    PayloadCodec codec = PayloadCodec.plain();
    writer.put(
        codec.encode(ascii("abcdefgh"), 0, 8, 1), 1, 1000, 990, ascii("note"), ascii("digest!"));
    writer.put(codec.encode(ascii("second"), 0, 6, 1), 1, 1001, 990, null, null);
    writer.endGroup();

    byte[] frame = Arrays.copyOfRange(disk.content(path), BLOCK_BYTES, BLOCK_BYTES + 104);
    assertThat(HexFormat.of().formatHex(frame))
        .isEqualTo(
            "4d4a4631010000000000000000000013"
                + "000000080000000100000000000003e800000000000003de"
                + "1122334455667788000000000000000500001000000000080a9421b7ae0d220a"
                + "6162636465666768"
                + "6e6f7465ad6262ff"
                + "6469676573742179aee2e0"
                + "0000000000");
    SegmentReader reader = new SegmentReader(file, USE);
    FrameHeader first = reader.headerAt(BLOCK_BYTES);
    assertThat(reader.payload(first)).isEqualTo(ascii("abcdefgh"));
    assertThat(reader.note(first)).isEqualTo(ascii("note"));
    assertThat(reader.digest(first)).isEqualTo(ascii("digest!"));
    FrameHeader second = reader.headerAt(first.endPosition());
    assertThat(reader.payload(second)).isEqualTo(ascii("second"));
    assertThat(second.hasNote() || second.hasDigest()).isFalse();
    assertThat(reader.note(second)).isNull();
    assertThat(reader.digest(second)).isNull();
  }
}
