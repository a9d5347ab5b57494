/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.Delivery;
import io.millrace.api.EventView;
import io.millrace.api.TransientException;
import io.millrace.components.filechannel.flume.FlumeLogWriter.Kind;
import io.millrace.components.testing.Events;
import io.millrace.journal.disk.NioDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FlumeTakeoverTest {
  @TempDir Path temporary;

  private OldChannel old;

  @BeforeEach
  void name() {
    old = new OldChannel(temporary);
  }

  private static FlumeLogWriter threeEvents(int id, Kind kind) {
    FlumeLogWriter log = new FlumeLogWriter(id, kind);
    for (int i = 1; i <= 3; i++) {
      log.committed(id * 100L + i * 2, id + "-" + i);
    }
    return log;
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void whatWasCommittedAndNotTakenIsDeliveredInItsOrder(Kind kind) throws Exception {
    FlumeLogWriter log = new FlumeLogWriter(1, kind);
    long first = log.committed(10, "first");
    log.put(20, 20, Map.of("host", "h-1", "long", "é".repeat(200)), "second");
    log.put(20, 21, Map.of(), "");
    log.commit(20, 22, 1);
    log.put(30, 30, "rolled back");
    log.rollback(30, 31);
    log.put(40, 40, "never ended");
    log.take(50, 50, first);
    log.commit(50, 51, 2);
    long third = log.committed(60, "third");
    log.take(70, 70, third);
    log.rollback(70, 71);
    log.take(80, 80, third);
    log.fill(100).save(old.data(1));

    try (FlumeBacklog backlog = old.open()) {
      assertThat(backlog.eventCount()).isEqualTo(3);
      assertThat(backlog.hasEvents()).isTrue();
      try (Delivery delivery = backlog.take(10, Long.MAX_VALUE)) {
        assertThat(Events.bodies(delivery.batch())).containsExactly("second", "", "third");
        EventView second = delivery.batch().iterator().next();
        assertThat(second.headers()).isEqualTo(Map.of("host", "h-1", "long", "é".repeat(200)));
        delivery.acknowledge();
      }
      assertThat(backlog.take(10, Long.MAX_VALUE)).isNull();
    }
    assertThat(old.files()).isEmpty();
    assertThat(old.deliverAll()).isEmpty();
  }

  @Test
  void directoriesThatAreNotFlumesAreNotTouched() throws Exception {
    Files.createDirectories(old.data(1));
    Files.writeString(old.data(1).resolve("lane.id"), "ours");

    assertThat(old.deliverAll()).isEmpty();
    assertThat(old.files()).containsExactly("data-1/lane.id");
    assertThat(old.checkpoint()).doesNotExist();
  }

  @Test
  void transactionsSpanFilesAndAreMergedOverDirectories() {
    FlumeLogWriter log1 = FlumeLogWriter.v3(1);
    FlumeLogWriter log2 = FlumeLogWriter.v3(2);
    FlumeLogWriter log3 = FlumeLogWriter.v3(3);
    log1.put(10, 10, "a");
    long b = log1.put(10, 11, "b");
    log2.put(12, 12, "d");
    log3.put(10, 13, "c");
    log3.commit(10, 14, 1);
    log2.commit(12, 15, 1);
    log2.take(16, 16, b);
    log2.commit(16, 17, 2);
    log1.save(old.data(1));
    log2.save(old.data(2));
    log3.save(old.data(1));

    assertThat(old.deliverAll()).containsExactly("a", "c", "d");
  }

  @Test
  void aTakeThatIsReadBeforeItsPutIsCommittedCounts() {
    FlumeLogWriter log1 = FlumeLogWriter.v3(1);
    FlumeLogWriter log2 = FlumeLogWriter.v3(2);
    long a = log1.put(10, 10, "a");
    log1.put(10, 11, "b");
    log1.commit(10, 20, 1);
    log2.take(12, 12, a);
    log2.commit(12, 13, 2);
    log2.take(14, 14, LogRecord.pointer(77, 5));
    log2.commit(14, 15, 2);
    log1.save(old.data(1));
    log2.save(old.data(2));

    assertThat(old.deliverAll()).containsExactly("b");
  }

  @Test
  void filesAreMovedToAFolderAndOnlyThose() throws Exception {
    threeEvents(1, Kind.V3).save(old.data(1));
    Files.writeString(old.data(1).resolve("notes.txt"), "the operator's");
    Files.writeString(old.data(1).resolve("log-1.bak"), "copy");
    Files.createDirectories(old.checkpoint().resolve("queueset"));
    Files.writeString(old.checkpoint().resolve("queueset/db"), "scratch");
    Files.writeString(old.checkpoint().resolve("checkpoint"), "pointers");
    Files.writeString(old.checkpoint().resolve("inflightputs"), "");
    Files.createDirectories(temporary.resolve("backup"));
    Files.writeString(temporary.resolve("backup/backupComplete"), "");

    FlumeBacklog backlog = old.open();

    assertThat(old.files())
        .contains(
            "backup/flume-files/backupComplete",
            "checkpoint/flume-files/checkpoint",
            "checkpoint/flume-files/inflightputs",
            "checkpoint/flume-files/queueset/db",
            "data-1/flume-files/log-1",
            "data-1/flume-files/log-1.bak",
            "data-1/flume-files/log-1.meta",
            "data-1/in_use.lock",
            "data-1/notes.txt")
        .doesNotContain("data-1/log-1", "checkpoint/checkpoint");
    assertThat(OldChannel.drain(backlog)).hasSize(3);
    backlog.close();
    assertThat(old.files()).containsExactly("data-1/notes.txt");
    assertThat(old.folder()).doesNotExist();
    assertThat(old.home()).doesNotExist();
  }

  @Test
  void anAgentOfFlumeThatStillRunsIsNotDisturbed() throws Exception {
    threeEvents(1, Kind.V3).save(old.data(1));
    List<String> before = old.files();
    try (AutoCloseable running = new NioDisk().tryLock(old.data(1).resolve("in_use.lock"))) {
      assertThatThrownBy(old::open)
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("still runs")
          .hasMessageContaining("in_use.lock");
    }
    assertThat(old.files()).containsAll(before).doesNotContain("data-1/flume-files/log-1");
    assertThat(old.deliverAll()).hasSize(3);
  }

  @Test
  void whileItIsDeliveredTheDirectoriesAreLockedForFlume() throws Exception {
    threeEvents(1, Kind.V3).save(old.data(1));

    try (FlumeBacklog backlog = old.open()) {
      assertThat(backlog.eventCount()).isEqualTo(3);
      assertThat(new NioDisk().tryLock(old.data(1).resolve("in_use.lock"))).isNull();
      assertThatThrownBy(old::open).isInstanceOf(TransientException.class);
    }
    assertThat(old.deliverAll()).hasSize(3);
  }

  @Test
  void aMissingKeyIsNamedBeforeAnythingIsTouched() throws Exception {
    threeEvents(4, Kind.ENCRYPTED).save(old.data(1));

    assertThatThrownBy(() -> old.open(alias -> Optional.empty(), new NioDisk()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(FlumeLogWriter.ALIAS)
        .hasMessageContaining("log-4")
        .hasMessageContaining("encryption.keyProvider");
    assertThat(old.files()).contains("data-1/log-4");
    assertThat(old.deliverAll()).containsExactly("4-1", "4-2", "4-3");
  }

  @Test
  void aWrongKeyIsNotTakenForDamage() throws Exception {
    threeEvents(4, Kind.ENCRYPTED).fill(20).save(old.data(1));

    assertThatThrownBy(
            () ->
                old.open(
                    alias -> Optional.of(new SecretKeySpec(new byte[16], "AES")), new NioDisk()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(FlumeLogWriter.ALIAS)
        .hasMessageContaining("log-4");
    assertThat(old.deliverAll()).containsExactly("4-1", "4-2", "4-3");
  }

  @ParameterizedTest
  @ValueSource(strings = {".meta.tmp", ".meta.old"})
  void metadataOfAnInterruptedRewriteAreUsed(String suffix) throws Exception {
    FlumeLogWriter log = threeEvents(1, Kind.ENCRYPTED);
    log.save(old.data(1));
    Files.move(old.data(1).resolve("log-1.meta"), old.data(1).resolve("log-1" + suffix));

    assertThat(old.deliverAll()).containsExactly("1-1", "1-2", "1-3");
  }

  @Test
  void emptyFilesAreNothing() throws Exception {
    threeEvents(1, Kind.V3).save(old.data(1));
    Files.writeString(old.data(1).resolve("log-2"), "");
    Files.writeString(old.data(1).resolve("log-2.meta"), "");
    FlumeLogWriter.v3(3).fill(50).save(old.data(2));

    assertThat(old.deliverAll()).hasSize(3);
    assertThat(old.files()).isEmpty();
    assertThat(old.lost()).isZero();
  }

  @Test
  void withoutMetadataPlainRecordsAreReadAllTheSame() throws Exception {
    threeEvents(1, Kind.V3).save(old.data(1));
    Files.writeString(old.data(1).resolve("log-1.meta"), "");

    assertThat(old.deliverAll()).hasSize(3);
  }

  @Test
  void aNewerFormatIsRefusedAndNotTouched() throws Exception {
    FlumeLogWriter log = threeEvents(1, Kind.V3);
    log.save(old.data(1));
    Files.write(old.data(1).resolve("log-1.meta"), log.meta(4));

    assertThatThrownBy(old::open)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("version 4");
    assertThat(old.files()).contains("data-1/log-1");
  }

  @Test
  void aCheckpointWithoutDataFilesIsRefusedAndNotTouched() throws Exception {
    Files.createDirectories(old.checkpoint());
    Files.writeString(old.checkpoint().resolve("checkpoint"), "theirs");

    assertThatThrownBy(old::open)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("dataDirs");
    assertThat(old.files()).contains("checkpoint/checkpoint");
  }

  @Test
  void filesOfTwoChannelsAreRefusedAndNotTouched() throws Exception {
    threeEvents(1, Kind.V3).save(old.data(1));
    threeEvents(1, Kind.V3).save(old.data(2));

    assertThatThrownBy(old::open)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("same number");
    assertThat(old.files()).contains("data-1/log-1", "data-2/log-1");
  }

  @Test
  void filesThatFlumeWroteAfterTheTakeoverAreRefusedAndNotTouched() throws Exception {
    threeEvents(1, Kind.V3).save(old.data(1));
    old.open().close();
    threeEvents(2, Kind.V3).save(old.data(1));

    assertThatThrownBy(old::open)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("in between")
        .hasMessageContaining("log-2");
    assertThat(old.files()).contains("data-1/log-2", "data-1/flume-files/log-1");
    Files.delete(old.data(1).resolve("log-2"));
    Files.delete(old.data(1).resolve("log-2.meta"));
    assertThat(old.deliverAll()).hasSize(3);
  }

  @Test
  void afterARestartOnlyWhatWasInFlightComesAgainWithTheSameOrigin() throws Exception {
    FlumeLogWriter log = FlumeLogWriter.v3(1);
    for (int i = 0; i < 20; i++) {
      log.committed(100 + i * 2, Integer.toString(i));
    }
    log.save(old.data(1));
    FlumeBacklog before = old.open();
    Delivery first = before.take(5, Long.MAX_VALUE);
    Delivery second = before.take(5, Long.MAX_VALUE);
    Delivery third = before.take(5, Long.MAX_VALUE);
    second.acknowledge();
    first.acknowledge(0, 2);
    before.close();
    assertThatThrownBy(third::acknowledge).isInstanceOf(TransientException.class);

    try (FlumeBacklog after = old.open()) {
      assertThat(after.eventCount()).isEqualTo(13);
      try (Delivery rest = after.take(10, Long.MAX_VALUE)) {
        assertThat(Events.bodies(rest.batch())).containsExactly("2", "3", "4");
        assertThat(rest.origin().journal()).isEqualTo(first.origin().journal());
        assertThat(rest.origin().first()).isEqualTo(2);
      }
      List<String> expected = new ArrayList<>(List.of("2", "3", "4"));
      expected.addAll(Events.numbers(10, 20));
      assertThat(OldChannel.drain(after)).isEqualTo(expected);
    }
    assertThat(old.files()).isEmpty();
  }

  @Test
  void deliveriesGivenBackComeAgainInOrderBeforeNewerEvents() throws Exception {
    FlumeLogWriter log = FlumeLogWriter.v3(1);
    for (int i = 0; i < 12; i++) {
      log.committed(100 + i * 2, Integer.toString(i));
    }
    log.save(old.data(1));
    try (FlumeBacklog backlog = old.open()) {
      Delivery first = backlog.take(4, Long.MAX_VALUE);
      Delivery second = backlog.take(4, Long.MAX_VALUE);
      second.acknowledge(1, 2);
      second.close();
      first.close();
      first.close();

      assertThat(backlog.eventCount()).isEqualTo(11);
      assertThat(OldChannel.drain(backlog))
          .containsExactly("0", "1", "2", "3", "4", "6", "7", "8", "9", "10", "11");
    }
  }

  @Test
  void aTakeStopsGrowingAtItsBytesButHoldsOneEvent() throws Exception {
    FlumeLogWriter log = FlumeLogWriter.v3(1);
    for (int i = 0; i < 4; i++) {
      log.committed(100 + i * 2, Integer.toString(i).repeat(1000));
    }
    // More than a window of the file, and more than what is parsed at the replay.
    log.committed(200, "x".repeat(300_000));
    log.save(old.data(1));
    try (FlumeBacklog backlog = old.open()) {
      for (long maxBytes : new long[] {0, 100, 1100, 1100, 1}) {
        try (Delivery delivery = backlog.take(10, maxBytes)) {
          assertThat(delivery.batch().eventCount()).isEqualTo(1);
          delivery.acknowledge();
        }
      }
      assertThat(backlog.eventCount()).isZero();
    }
  }

  @Test
  void aLostOrTornProgressCostsDuplicatesAndNoEvent() throws IOException {
    threeEvents(1, Kind.V3).save(old.data(1));
    try (FlumeBacklog backlog = old.open();
        Delivery delivery = backlog.take(2, Long.MAX_VALUE)) {
      delivery.acknowledge();
    }
    Files.write(old.home().resolve(ProgressLog.NAME), new byte[100]);

    assertThat(old.deliverAll()).hasSize(3);
    assertThat(old.files()).isEmpty();
  }

  @Test
  void aDamagedQueueIsFoundAgainAndTheProgressStillHolds() throws IOException {
    threeEvents(1, Kind.V3).save(old.data(1));
    try (FlumeBacklog backlog = old.open();
        Delivery delivery = backlog.take(2, Long.MAX_VALUE)) {
      delivery.acknowledge();
    }
    Path queue = old.home().resolve(QueueFile.NAME);
    byte[] content = Files.readAllBytes(queue);
    content[content.length - 1] ^= 1;
    Files.write(queue, content);

    assertThat(old.deliverAll()).containsExactly("1-3");
  }
}
