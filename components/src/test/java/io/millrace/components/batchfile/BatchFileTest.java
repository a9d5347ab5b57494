/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.batchfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataSize;
import io.millrace.api.EventBatch;
import io.millrace.api.EventSerializer;
import io.millrace.api.EventView;
import io.millrace.components.testing.Events;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is written into batch files comes back; damage costs what it hits. */
final class BatchFileTest {
  private static final Instant NOW = Instant.parse("2026-11-23T14:00:00Z");

  @TempDir private Path directory;

  /** Blocks of ten events each. */
  private byte[] file(int blocks) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    EventSerializer serializer =
        new BatchSerializerOptions(DataSize.ofBytes(1 << 20))
            .build(new Random(7), InstantSource.fixed(NOW))
            .open(bytes);
    serializer.begin();
    for (int block = 0; block < blocks; block++) {
      for (EventView event : Events.numbered(100 + block * 10, 110 + block * 10)) {
        serializer.write(event);
      }
      serializer.flush();
    }
    serializer.end();
    return bytes.toByteArray();
  }

  private List<BatchFileReader.Part> parts(byte[] bytes) throws IOException {
    return parts(bytes, Long.MAX_VALUE);
  }

  private List<BatchFileReader.Part> parts(byte[] bytes, long limit) throws IOException {
    Path file = Files.write(directory.resolve("f"), bytes);
    List<BatchFileReader.Part> parts = new ArrayList<>();
    try (BatchFileReader reader = BatchFileReader.open(file, limit)) {
      for (BatchFileReader.Part part = reader.next(); part != null; part = reader.next()) {
        parts.add(part);
      }
    }
    return parts;
  }

  private static List<String> bodies(List<BatchFileReader.Part> parts) {
    List<String> bodies = new ArrayList<>();
    for (BatchFileReader.Part part : parts) {
      if (part instanceof BatchFileReader.Block block) {
        bodies.addAll(Events.bodies(block.events()));
      }
    }
    return bodies;
  }

  @Test
  void theFirstBytesAreTheseForEver() throws IOException {
    byte[] bytes = file(1);
    assertThat(hex(bytes, 0, 8)).isEqualTo("4d52424600010020");
    assertThat(hex(bytes, 16, 24)).isEqualTo("000001a208b4db00");
    assertThat(hex(bytes, 32, 40)).isEqualTo("4d52424b00300000");
    assertThat(hex(bytes, 40, 48)).isEqualTo(hex(bytes, 8, 16));
    // First event 0, 10 events, 52 bytes; the first event is {no headers, "100"}.
    assertThat(hex(bytes, 48, 64)).isEqualTo("00000000000000000000000a00000034");
    assertThat(hex(bytes, 80, 86)).isEqualTo("140006313030");
  }

  private static String hex(byte[] bytes, int from, int to) {
    return HexFormat.of().formatHex(bytes, from, to);
  }

  @Test
  void eventsComeBackAsTheyWereWithTheTimeOfTheirBlock() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    EventSerializer serializer =
        new BatchSerializerOptions(DataSize.ofBytes(1024))
            .build(new Random(7), InstantSource.fixed(NOW))
            .open(bytes);
    EventBatch large = EventBatch.of(Map.of("host", "web1", "empty", ""), new byte[5000]);
    serializer.begin();
    for (EventView event : EventBatch.join(List.of(large, Events.of("", "a\nb"), large))) {
      serializer.write(event);
    }
    serializer.end();

    List<BatchFileReader.Part> parts = parts(bytes.toByteArray());

    List<EventBatch> batches = new ArrayList<>();
    for (BatchFileReader.Part part : parts) {
      BatchFileReader.Block block = (BatchFileReader.Block) part;
      assertThat(block.writtenMillis()).isEqualTo(NOW.toEpochMilli());
      batches.add(block.events());
    }
    assertThat(batches).hasSize(2);
    List<Map<String, String>> headers = new ArrayList<>();
    List<String> bodies = new ArrayList<>();
    for (EventView event : EventBatch.join(batches)) {
      headers.add(event.headers());
      bodies.add(event.bodyText());
    }
    assertThat(headers.get(0)).isEqualTo(Map.of("host", "web1", "empty", ""));
    assertThat(bodies.subList(1, 3)).containsExactly("", "a\nb");
  }

  /** Goal: whatever single byte flips, at most its block is lost, and it is counted exactly. */
  @Test
  void aFlippedBitInAnyByteCostsAtMostItsBlockAndIsCounted() throws IOException {
    byte[] whole = file(3);
    int blockBytes = (whole.length - 32) / 3;
    for (int at = 0; at < whole.length; at++) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 0x10;
      if (at >= 4 && at < 6) {
        // Of another version the head says so itself, with a checksum that holds; here it does not.
        assertThat(BatchFileReader.isOne(damaged)).isTrue();
      }
      List<BatchFileReader.Part> parts = parts(damaged);
      List<String> bodies = bodies(parts);
      long told =
          parts.stream()
              .filter(BatchFileReader.Damage.class::isInstance)
              .mapToLong(part -> ((BatchFileReader.Damage) part).lostEvents())
              .sum();
      boolean endsEarly = parts.stream().anyMatch(BatchFileReader.Unfinished.class::isInstance);
      assertThat(bodies.size()).as("byte %d", at).isGreaterThanOrEqualTo(20);
      if (at >= 32 + 2 * blockBytes && endsEarly) {
        assertThat(bodies).as("byte %d", at).hasSize(20);
      } else {
        assertThat(bodies.size() + told).as("byte %d", at).isEqualTo(30);
      }
      assertThat(parts.get(parts.size() - 1).endPosition()).isEqualTo(whole.length);
    }
  }

  @Test
  void aFileCutOffAnywhereGivesEveryWholeBlockAndSaysSo() throws IOException {
    byte[] whole = file(3);
    int blockBytes = (whole.length - 32) / 3;
    for (int length = 33; length < whole.length; length++) {
      List<BatchFileReader.Part> parts = parts(Arrays.copyOf(whole, length));
      int wholeBlocks = (length - 32) / blockBytes;
      assertThat(bodies(parts)).as("%d bytes", length).hasSize(10 * wholeBlocks);
      boolean isCut = (length - 32) % blockBytes != 0;
      assertThat(parts.stream().anyMatch(BatchFileReader.Unfinished.class::isInstance))
          .as("%d bytes", length)
          .isEqualTo(isCut);
      assertThat(parts(whole, length)).as("limit of %d bytes", length).hasSameSizeAs(parts);
    }
  }

  @Test
  void aBlockOfAnotherFileIsNotTakenForOneOfThis() throws IOException {
    byte[] one = file(2);
    ByteArrayOutputStream other = new ByteArrayOutputStream();
    EventSerializer serializer =
        new BatchSerializerOptions(DataSize.ofBytes(1024))
            .build(new Random(8), InstantSource.fixed(NOW))
            .open(other);
    serializer.begin();
    for (EventView event : Events.numbered(500, 510)) {
      serializer.write(event);
    }
    serializer.end();
    byte[] both = Arrays.copyOf(one, one.length + other.size() - 32);
    System.arraycopy(other.toByteArray(), 32, both, one.length, other.size() - 32);

    List<BatchFileReader.Part> parts = parts(both);

    assertThat(bodies(parts)).isEqualTo(Events.numbers(100, 120));
    assertThat(parts.get(2)).isInstanceOf(BatchFileReader.Unfinished.class);
  }

  @Test
  void aLaterVersionIsRefusedByName() throws IOException {
    byte[] bytes = file(1);
    bytes[5] = 9;
    ByteBuffer.wrap(bytes).putInt(28, BatchFileLayout.crc(bytes, 0, 28));
    assertThatThrownBy(() -> parts(bytes)).hasMessageContaining("version 9 (expected: 1)");
  }

  @Test
  void textIsNoBatchFile() {
    assertThat(BatchFileReader.isOne("MRBX some text".getBytes(StandardCharsets.UTF_8))).isFalse();
    assertThat(BatchFileReader.isOne(new byte[0])).isFalse();
  }
}
