/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Holds the codecs to the bytes that docs/formats/journal-v1.md describes. */
class GoldenVectorTest {
  private static final UUID ID = new UUID(0x0123456789ABCDEFL, 0x8877665544332211L);
  private static final SegmentUse USE = new SegmentUse(5, 0x1122334455667788L);

  private static String hex(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.limit()];
    buffer.duplicate().clear().limit(buffer.limit()).get(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Test
  void checksumIsCrc32c() {
    assertThat(
            Checksums.crc32c(
                "123456789".getBytes(java.nio.charset.StandardCharsets.US_ASCII), 0, 9))
        .isEqualTo(0xE3069283);
  }

  @Test
  void frameHeader() {
    FrameHeader header = new FrameHeader(USE, 4096, 0, 0, 1000, 3, 990, 48, 0, 0, 0xCAFEBABE);
    ByteBuffer bytes = ByteBuffer.allocate(FrameLayout.HEADER_BYTES);
    header.encode(bytes);
    assertThat(hex(bytes))
        .isEqualTo(
            "4d4a4631"
                + "01"
                + "00"
                + "0000"
                + "00000000"
                + "00000000"
                + "00000030"
                + "00000003"
                + "00000000000003e8"
                + "00000000000003de"
                + "1122334455667788"
                + "0000000000000005"
                + "00001000"
                + "00000000"
                + "cafebabe"
                + "1c753190");
    assertThat(FrameHeader.decode(bytes, 0)).isEqualTo(header);
  }

  @Test
  void segmentHeader() throws Exception {
    SegmentHeader header = new SegmentHeader(ID, 2, 0, USE, 1000, 700);
    ByteBuffer bytes = ByteBuffer.allocate(SegmentHeaderLayout.BLOCK_BYTES);
    header.encodeBlock(bytes);
    assertThat(hex(bytes).substring(0, 256))
        .isEqualTo(
            "4d494c4c53454731"
                + "0001"
                + "0001"
                + "00000000"
                + "0123456789abcdef8877665544332211"
                + "00000002"
                + "00000000"
                + "0000000000000005"
                + "1122334455667788"
                + "00000000000003e8"
                + "00000000000002bc"
                + "00".repeat(52)
                + "4c67db11");
    assertThat(hex(bytes).substring(256)).isEqualTo("00".repeat(4096 - 128));
    assertThat(SegmentHeader.decode(bytes.flip())).isEqualTo(header);
  }

  @Test
  void ackBlock() {
    long laneKey = AckBlock.laneKey(ID, 2);
    AckBlock block = new AckBlock(true, laneKey, 9, 0, 700, List.of(new SequenceRange(710, 720)));
    assertThat(hex(block.encode()))
        .isEqualTo(
            "4d4a4131"
                + "01"
                + "01"
                + "0000"
                + "89542332cd98effc"
                + "0000000000000009"
                + "00000000"
                + "00000001"
                + "00000000000002bc"
                + "00000000000002c6"
                + "00000000000002d0"
                + "8389cad0"
                + "00".repeat(4));
    assertThat(AckBlock.decode(block.encode(), 0, laneKey)).isEqualTo(block);
    assertThat(AckBlock.decode(block.encode(), 0, laneKey + 1)).isNull();
  }

  @Test
  void checkpoint() {
    Checkpoint checkpoint =
        new Checkpoint(
            ID, 2, 1003, USE, 8192, 1003, 700, List.of(new SequenceRange(710, 720)), null);
    assertThat(hex(checkpoint.encode()))
        .isEqualTo(
            "4d494c4c43484b31"
                + "00000001"
                + "00000002"
                + "0123456789abcdef8877665544332211"
                + "00000000000003eb"
                + "0000000000000005"
                + "1122334455667788"
                + "0000000000002000"
                + "00000000000003eb"
                + "00000000000002bc"
                + "00000001"
                + "00000000000002c6"
                + "00000000000002d0"
                + "8777e620");
    assertThat(Checkpoint.decode(checkpoint.encode())).isEqualTo(checkpoint);
  }

  @Test
  void checkpointWithADigest() {
    byte[] digest = "digest!".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    List<SequenceRange> ranges = List.of(new SequenceRange(710, 720));
    ByteBuffer plain = new Checkpoint(ID, 2, 1003, USE, 8192, 1003, 700, ranges, null).encode();
    ByteBuffer bytes = new Checkpoint(ID, 2, 1003, USE, 8192, 1003, 700, ranges, digest).encode();
    assertThat(hex(bytes))
        .isEqualTo(hex(plain.limit(100)) + "00000007" + "64696765737421" + "62fce9a5");
    Checkpoint decoded = Checkpoint.decode(bytes);
    assertThat(decoded.digest()).isEqualTo(digest);
    assertThat(decoded.ranges()).isEqualTo(ranges);
  }

  @Test
  void identity() throws Exception {
    Identity identity = new Identity(ID, 2);
    assertThat(hex(identity.encode()))
        .isEqualTo(
            "4d494c4c49443031"
                + "00000001"
                + "00000002"
                + "0123456789abcdef8877665544332211"
                + "590f6668");
    assertThat(Identity.decode(identity.encode())).isEqualTo(identity);
  }
}
