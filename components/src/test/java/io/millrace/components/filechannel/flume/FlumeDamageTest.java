/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Delivery;
import io.millrace.components.filechannel.flume.FlumeLogWriter.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Damage costs what is damaged, is said, and never stops the channel. */
final class FlumeDamageTest {
  private static final List<String> ALL = List.of("event-0", "event-1", "event-2", "event-3");

  @TempDir Path temporary;

  private OldChannel old;
  private FlumeLogWriter log;

  /** Position of each event's record; its commit follows. */
  private final List<Integer> positions = new ArrayList<>();

  @BeforeEach
  void writeFourEvents() {
    old = new OldChannel(temporary);
    write(Kind.V3);
  }

  private void write(Kind kind) {
    positions.clear();
    log = new FlumeLogWriter(3, kind);
    for (int i = 0; i < ALL.size(); i++) {
      positions.add(log.size());
      log.committed(100 + 2 * i, ALL.get(i));
    }
  }

  private static List<String> without(int... indices) {
    List<String> rest = new ArrayList<>(ALL);
    for (int index : indices) {
      rest.remove(ALL.get(index));
    }
    return rest;
  }

  private void assertDamagedFileIsKept(byte[] content, String... words) throws IOException {
    Path kept = old.data(1).resolve(TakenOver.DAMAGED_FOLDER);
    assertThat(kept.resolve("log-3")).hasBinaryContent(content);
    assertThat(kept.resolve("log-3.meta")).exists();
    assertThat(Files.readString(report())).contains("log-3: ").contains(words);
    assertThat(old.folder()).doesNotExist();
    assertThat(old.home()).doesNotExist();
    // What is kept is not taken over again, and not in the way of the next one.
    assertThat(old.deliverAll()).isEmpty();
    new FlumeLogWriter(3, Kind.V3).save(old.data(1));
    assertThat(old.deliverAll()).isEmpty();
    assertThat(kept.resolve("log-3")).exists();
  }

  private Path report() {
    return old.checkpoint().resolve(TakenOver.DAMAGED_FOLDER).resolve(DamageReport.NAME);
  }

  @Test
  void aRecordThatIsCutInItsFirstBytesEndsTheFile() throws Exception {
    int end = log.size();
    byte[] content = log.write(new byte[] {0x7f, 0, 0}).content();
    log.save(old.data(1));

    assertThat(old.deliverAll()).isEqualTo(ALL);
    assertDamagedFileIsKept(content, "3 bytes at position " + end);
  }

  @Test
  void aLengthBeyondTheFileCostsTheRestOfTheFile() throws Exception {
    byte[] content = log.content();
    content[positions.get(1) + 1] = 0x10;
    log.save(old.data(1), content);
    FlumeLogWriter other = FlumeLogWriter.v3(4);
    other.committed(200, "other");
    other.save(old.data(1));

    assertThat(old.deliverAll()).containsExactly("event-0", "other");
    assertDamagedFileIsKept(
        content,
        content.length - positions.get(1) + " bytes at position " + positions.get(1),
        "rest of the file");
    assertThat(old.data(1).resolve(TakenOver.DAMAGED_FOLDER).resolve("log-4")).doesNotExist();
  }

  @Test
  void aRecordThatCannotBeReadBetweenGoodOnesCostsItself() throws Exception {
    byte[] content = log.content();
    content[positions.get(1) + 6] ^= 0x40;
    log.save(old.data(1), content);

    assertThat(old.deliverAll()).isEqualTo(without(1));
    assertDamagedFileIsKept(content, "at position " + positions.get(1), "record cannot be read");
  }

  @Test
  void aCommitThatCannotBeReadDoesNotCostTheEventsItCommitted() throws Exception {
    byte[] content = log.content();
    int commit = positions.get(2) - 36;
    assertThat(content[commit]).isEqualTo((byte) 0x7f);
    content[commit + 6] ^= 0x40;
    log.save(old.data(1), content);

    assertThat(old.deliverAll()).containsExactlyInAnyOrderElementsOf(ALL);
    assertDamagedFileIsKept(content, "at position " + commit);
  }

  @Test
  void anUnknownFirstByteCostsTheRestOfTheFile() throws Exception {
    byte[] content = log.content();
    content[positions.get(2)] = 0x11;
    log.save(old.data(1), content);

    assertThat(old.deliverAll()).isEqualTo(without(2, 3));
    assertDamagedFileIsKept(content, "cannot begin with the byte 11");
  }

  @Test
  void recordsThatTheOldToolDisabledAreNoDamage() throws Exception {
    byte[] content = log.content();
    content[positions.get(2)] = 0;
    log.save(old.data(1), content);

    assertThat(old.deliverAll()).isEqualTo(without(2));
    assertThat(old.files()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(names = {"V3", "ENCRYPTED"})
  void aBodyWithAWrongChecksumIsPassedOverCountedAndKept(Kind kind) throws Exception {
    write(kind);
    byte[] content = log.content();
    int body = positions.get(2) + 5 + 24 + 5 + 3;
    content[body] ^= 1;
    log.save(old.data(1), content);

    assertThat(old.deliverAll()).isEqualTo(without(2));
    assertThat(old.lost()).isEqualTo(1);
    assertDamagedFileIsKept(content, "CRC-32", "at position " + positions.get(2));
  }

  @Test
  void damageFoundLaterDoesNotShiftWhatWasDelivered() throws Exception {
    log.save(old.data(1));
    try (FlumeBacklog backlog = old.open();
        Delivery delivery = backlog.take(1, Long.MAX_VALUE)) {
      delivery.acknowledge();
    }
    byte[] content = log.content();
    content[positions.get(0)] = 0x11;
    content[positions.get(2) + 1] = 0x7f;
    Files.write(old.folder().resolve("log-3"), content);

    assertThat(old.deliverAll()).isEqualTo(without(0, 2));
    assertThat(old.lost()).isEqualTo(1);
    assertDamagedFileIsKept(content, "position " + positions.get(2));
  }

  @Test
  void aDataFileThatIsGoneCostsItsEvents() throws Exception {
    log.save(old.data(1));
    FlumeLogWriter other = FlumeLogWriter.v3(4);
    other.committed(200, "other");
    other.save(old.data(2));
    old.open().close();
    Files.delete(old.folder().resolve("log-3"));

    assertThat(old.deliverAll()).containsExactly("other");
    assertThat(old.lost()).isEqualTo(4);
    assertThat(Files.readString(report())).contains("log-3", "gone");
  }

  @Test
  void aFileWhoseMetadataAndContentSayNothingIsPassedOverAndKept() throws Exception {
    byte[] content = "garbage, or encrypted".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    log.save(old.data(1), content);
    Files.write(old.data(1).resolve("log-3.meta"), new byte[] {7});
    FlumeLogWriter other = FlumeLogWriter.v3(4);
    other.committed(200, "other");
    other.save(old.data(1));

    assertThat(old.deliverAll()).containsExactly("other");
    assertDamagedFileIsKept(content, "metadata are lost");
  }

  @Test
  void damageInAFileOfVersionTwoCostsItsRest() throws Exception {
    write(Kind.V2);
    byte[] content = log.content();
    content[positions.get(2) + 2] ^= 1;
    log.save(old.data(1), content);

    assertThat(old.deliverAll()).isEqualTo(without(2, 3));
    assertThat(Files.readString(report())).contains("rest of the file");
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void aFlippedBitAnywhereInventsNothingAndStopsNothing(Kind kind) throws Exception {
    log = new FlumeLogWriter(3, kind);
    log.committed(100, ALL.get(0));
    log.committed(102, ALL.get(1));
    List<String> written = ALL.subList(0, 2);
    List<String> silent = new ArrayList<>();
    for (int position = 0; position < log.size(); position += kind == Kind.V3 ? 1 : 3) {
      OldChannel flipped = new OldChannel(temporary.resolve("flip-" + position));
      byte[] content = log.content();
      content[position] ^= (byte) (1 << position % 8);
      log.save(flipped.data(1), content);

      List<String> delivered = flipped.deliverAll(CrashingDisk.unsynced());

      if (kind != Kind.V2) {
        // Without a checksum another body is a body like any other.
        assertThat(delivered)
            .as("flipped at %d", position)
            .isSubsetOf(written)
            .doesNotHaveDuplicates();
      }
      boolean isSaid = !flipped.files().isEmpty();
      if (delivered.size() < written.size() && !isSaid) {
        silent.add(position + ": " + delivered);
      }
    }
    if (kind != Kind.V2) {
      assertThat(silent).as("events missing without a word").isEmpty();
    }
  }
}
