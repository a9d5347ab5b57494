/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.app.CommandFailedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashDirectoryTest {
  @TempDir private Path temporary;

  private static CrashRecord record(int second) {
    return new CrashRecord(
        Instant.parse("2026-11-23T01:00:00.5Z").plusSeconds(second),
        "agent -n a1",
        4711,
        Instant.parse("2026-11-23T00:00:00Z"),
        Duration.ofMillis(3500),
        2,
        ExitText.of(137, false),
        "it ended by itself",
        "VmRSS: 1 kB",
        "MemAvailable: 2 kB",
        List.of("the last line"),
        List.of(),
        List.of());
  }

  @Test
  void aRecordSaysWhatHappened() throws IOException {
    Path file = CrashDirectory.open(temporary, 5).write(record(0));
    assertThat(file.getFileName()).hasToString("crash-20261123T010000.500Z-4711.txt");
    assertThat(file)
        .content()
        .contains("signal 9 (SIGKILL, not by this supervisor", "lived 3.5 s", "the last line")
        .contains("none was taken", "it left none");
  }

  @Test
  void theOldestRecordsGoAndForeignFilesStay() throws IOException {
    Path foreign = Files.createFile(temporary.resolve("crash-notes.txt"));
    CrashDirectory directory = CrashDirectory.open(temporary, 2);
    for (int i = 0; i < 5; i++) {
      directory.write(record(i));
    }
    try (Stream<Path> files = Files.list(temporary)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder(
              foreign.getFileName().toString(),
              "crash-20261123T010003.500Z-4711.txt",
              "crash-20261123T010004.500Z-4711.txt");
    }
  }

  @Test
  void aPlaceThatCannotBeWrittenIsNamed() throws IOException {
    Path file = Files.createFile(temporary.resolve("file"));
    assertThatThrownBy(() -> CrashDirectory.open(file.resolve("below"), 2))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining("--crash-dir none");
  }

  @Test
  void statusesAreSaidInWords() {
    assertThat(ExitText.of(1, false)).contains("configuration cannot run");
    assertThat(ExitText.of(3, false)).contains("out of memory");
    assertThat(ExitText.of(134, false)).contains("signal 6 (SIGABRT");
    assertThat(ExitText.of(137, true)).contains("by this supervisor");
    assertThat(ExitText.of(77, false)).contains("status 77");
  }
}
