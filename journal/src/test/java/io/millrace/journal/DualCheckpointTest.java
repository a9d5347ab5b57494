/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.disk.NioDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The second checkpoint: what one copy loses, the other knows. */
class DualCheckpointTest {
  private static final String FILE = "lane-00000.checkpoint";

  @TempDir Path directory;
  private final List<JournalEvent> events = new CopyOnWriteArrayList<>();
  private Path first;
  private Path backup;

  @BeforeEach
  void names() {
    first = directory.resolve("checkpoint");
    backup = directory.resolve("backup");
  }

  private Journal open() {
    return Journal.open(
        JournalOptions.in(first, List.of(directory.resolve("data")))
            .backupCheckpointDirectory(Optional.of(backup))
            .segmentBytes(256 * 1024)
            .reserveBytes(0)
            .build(),
        new NioDisk(),
        events::add);
  }

  private void appendAndClose() throws Exception {
    try (Journal journal = open()) {
      journal.append(new byte[100], 0, 100, 10).get(60, TimeUnit.SECONDS);
      journal.poll(4, Long.MAX_VALUE).acknowledge();
    }
  }

  @Test
  void bothCopiesAreTheSame() throws Exception {
    appendAndClose();
    assertThat(backup.resolve(FILE)).hasSameBinaryContentAs(first.resolve(FILE));
  }

  @Test
  void aDamagedOrLostCopyIsReplacedByTheOther() throws Exception {
    appendAndClose();
    forgetEveryAcknowledgementBut(backup);
    Files.write(first.resolve(FILE), new byte[200]);
    try (Journal journal = open()) {
      assertThat(journal.recordCount()).isEqualTo(6);
      assertThat(events).anyMatch(e -> e.message().contains("checkpoint is damaged"));
    }
    forgetEveryAcknowledgementBut(first);
    Files.delete(backup.resolve(FILE));
    try (Journal journal = open()) {
      assertThat(journal.recordCount()).isEqualTo(6);
    }
  }

  /** So that only the checkpoint in {@code kept} can tell what was acknowledged. */
  private void forgetEveryAcknowledgementBut(Path kept) throws IOException {
    assertThat(kept.resolve(FILE)).exists();
    try (var files = Files.newDirectoryStream(directory.resolve("data"), "*.ack")) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
  }

  @Test
  void aBackupDirectoryThatIsNoneIsDoneWithoutAndToldOf() throws Exception {
    Files.writeString(backup, "a file");
    try (Journal journal = open()) {
      journal.append(new byte[100], 0, 100, 10).get(60, TimeUnit.SECONDS);
    }
    assertThat(events)
        .anyMatch(e -> e.message().contains("backup checkpoint directory"))
        .anyMatch(e -> e instanceof JournalEvent.CheckpointNotWritten bad && bad.isBackup());
    Files.delete(backup);
    try (Journal journal = open()) {
      assertThat(journal.recordCount()).isEqualTo(10);
    }
  }
}
