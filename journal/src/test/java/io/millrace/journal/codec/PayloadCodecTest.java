/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.journal.TestCodecs;
import io.millrace.journal.codec.UndecodableException.Reason;
import io.millrace.journal.format.SegmentFeatures;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Payloads come back as they were, or not at all. */
class PayloadCodecTest {
  private static final byte[] TEXT = "the same line again and again, ".repeat(20).getBytes(UTF_8);

  private final PayloadCodec both =
      PayloadCodec.of(
          List.of(TestCodecs.DEFLATE),
          Optional.of(TestCodecs.DEFLATE),
          TestCodecs.keys("old", "new"),
          Optional.of("new"));

  private static byte[] bytesOf(StoredPayload stored) {
    return Arrays.copyOfRange(stored.array(), stored.offset(), stored.offset() + stored.bytes());
  }

  private static byte[] decode(PayloadCodec codec, StoredPayload stored, int recordCount)
      throws UndecodableException {
    return codec.decode(stored.codec(), stored.keyId(), bytesOf(stored), recordCount);
  }

  @Test
  void packedAndSealedPayloadsComeBackAndShowNothingOfTheirText() throws Exception {
    StoredPayload stored = both.encode(TEXT, 0, TEXT.length, 20);
    assertThat(stored.codec()).isEqualTo(Compression.LZ4);
    assertThat(stored.keyId()).isEqualTo(1);
    assertThat(stored.bytes()).isLessThan(TEXT.length / 2);
    assertThat(new String(bytesOf(stored), UTF_8)).doesNotContain("line", "again");
    assertThat(decode(both, stored, 20)).isEqualTo(TEXT);
    assertThat(both.features()).isEqualTo(SegmentFeatures.PACKED | SegmentFeatures.SEALED);
  }

  @Test
  void whatPackingDoesNotShortenIsStoredAsItIs() throws Exception {
    PayloadCodec packing =
        PayloadCodec.of(
            List.of(TestCodecs.DEFLATE),
            Optional.of(TestCodecs.DEFLATE),
            TestCodecs.keys(),
            Optional.empty());
    StoredPayload tiny = packing.encode(TEXT, 3, 10, 1);
    assertThat(tiny.codec()).isEqualTo(Compression.NONE);
    assertThat(tiny.array()).isSameAs(TEXT);
    assertThat(decode(packing, tiny, 1)).isEqualTo(Arrays.copyOfRange(TEXT, 3, 13));
  }

  @Test
  void noTwoSealedPayloadsAreAlikeNorShareAnything() {
    Set<ByteBuffer> seen = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      PayloadCodec codec = i % 100 == 0 ? TestCodecs.sealing("new", TestCodecs.keys("new")) : both;
      byte[] stored = bytesOf(codec.encode(TEXT, 0, TEXT.length, 1));
      assertThat(seen.add(ByteBuffer.wrap(stored, stored.length - 16, 16))).isTrue();
    }
  }

  @Test
  void aChangeOfAnyBitIsNoticed() {
    PayloadCodec sealing = TestCodecs.sealing("new", TestCodecs.keys("new"));
    StoredPayload stored = sealing.encode(TEXT, 0, 40, 2);
    byte[] bytes = bytesOf(stored);
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] changed = bytes.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      assertThatThrownBy(() -> sealing.decode(0, 1, changed, 2))
          .as("bit " + bit)
          .isInstanceOf(UndecodableException.class);
    }
    for (int length = 0; length < bytes.length; length++) {
      byte[] cut = Arrays.copyOf(bytes, length);
      assertThatThrownBy(() -> sealing.decode(0, 1, cut, 2))
          .isInstanceOf(UndecodableException.class);
    }
    assertThatThrownBy(() -> sealing.decode(0, 1, bytes, 3)).hasMessageContaining("key new");
    assertThatThrownBy(() -> sealing.decode(1, 1, bytes, 2)).hasMessageContaining("key new");
  }

  @Test
  void payloadsOfAnOldKeyAreReadAfterItsRotation() throws Exception {
    StoredPayload old =
        TestCodecs.sealing("old", TestCodecs.keys("old")).encode(TEXT, 0, TEXT.length, 1);
    assertThat(decode(both, old, 1)).isEqualTo(TEXT);
  }

  @Test
  void aMissingKeyIsNamed() {
    StoredPayload stored = both.encode(TEXT, 0, TEXT.length, 1);
    assertThatThrownBy(() -> decode(PayloadCodec.plain(), stored, 1))
        .isInstanceOfSatisfying(
            UndecodableException.class, e -> assertThat(e.reason()).isEqualTo(Reason.KEY_MISSING))
        .hasMessageContaining("key new");
    assertThatThrownBy(() -> TestCodecs.sealing("gone", TestCodecs.keys("new")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("gone");
  }

  @Test
  void aKeyOfTheSameNameThatIsAnotherIsToldFromAMissingOne() {
    StoredPayload stored = both.encode(TEXT, 0, TEXT.length, 1);
    PayloadCodec other =
        PayloadCodec.of(
            List.of(TestCodecs.DEFLATE),
            Optional.empty(),
            alias -> TestCodecs.keys("another").key("another"),
            Optional.empty());
    assertThatThrownBy(() -> decode(other, stored, 1))
        .isInstanceOfSatisfying(
            UndecodableException.class, e -> assertThat(e.reason()).isEqualTo(Reason.KEY_WRONG));
  }

  /** Made from the format description alone, without this project's code. */
  @Test
  void aSealedPayloadOfTheFormatDescriptionOpens() throws Exception {
    byte[] sealed =
        HexFormat.of()
            .parseHex(
                "026b30000102030405060708090a0b0c0d0e0f0000000000000007"
                    + "315557b0182c460ab9415373d748af280ab390bd54e642fc990cd7ea84");
    PayloadCodec codec = TestCodecs.sealing("k0", TestCodecs.keys("k0"));
    assertThat(new String(codec.decode(0, 1, sealed, 3), UTF_8)).isEqualTo("three records");
  }

  @Test
  void absurdSizesAllocateNothing() {
    byte[] bomb = ByteBuffer.allocate(12).putInt(Integer.MAX_VALUE).array();
    assertThatThrownBy(() -> both.decode(Compression.LZ4, 0, bomb, 1))
        .isInstanceOfSatisfying(
            UndecodableException.class, e -> assertThat(e.reason()).isEqualTo(Reason.MALFORMED));
    assertThatThrownBy(() -> both.decode(7, 0, bomb, 1)).hasMessageContaining("packing 7");
    assertThatThrownBy(() -> both.decode(Compression.LZ4, 0, new byte[2], 1))
        .isInstanceOf(UndecodableException.class);
  }
}
