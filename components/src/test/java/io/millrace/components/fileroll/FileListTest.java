/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.components.testing.LogCapture;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the list names was written by its sink, whatever happened to the list. */
final class FileListTest {
  private static final Path DIRECTORY = Path.of("/events");
  private static final Path FIRST = DIRECTORY.resolve("1763900000000-1.log");
  private static final Path SECOND = DIRECTORY.resolve("below/1763900000000 2.log");

  private final SimRollDisk disk = new SimRollDisk();
  private final FileList list = new FileList(disk, DIRECTORY, "a1", "k1");

  private void append(byte[] bytes) throws IOException {
    disk.append(list.path()).write(bytes, 0, bytes.length);
  }

  private FileList reopened() {
    return new FileList(disk, DIRECTORY, "a1", "k1");
  }

  @Test
  void namesAreReadInTheirOrderAndOnce() throws Exception {
    assertThat(list.read()).isEmpty();
    list.add(SECOND);
    list.add(FIRST);
    list.add(SECOND);

    assertThat(reopened().read()).containsExactly(SECOND, FIRST);
  }

  @Test
  void aLineThatAFullDiskToreNamesNothingOnceTheNextLineEndsIt() throws Exception {
    list.add(FIRST);
    disk.fillUpAfter(0);
    assertThatThrownBy(() -> list.add(DIRECTORY.resolve("1763900000000-2.log")))
        .hasMessageContaining("No space left");
    disk.freeSpace();
    list.add(SECOND);

    assertThat(reopened().read()).containsExactly(FIRST, SECOND);
  }

  @Test
  void noPartOfALineNamesAFile() throws Exception {
    String line = FileList.line("1763900000000-2.log");
    for (int end = 1; end < line.length(); end++) {
      append((line.substring(0, end) + "\n").getBytes(UTF_8));
      append((line.substring(end) + "\n").getBytes(UTF_8));
    }

    assertThat(reopened().read()).isEmpty();
  }

  @Test
  void whatCannotBeReadIsLeftOutAndSaidOnce() throws Exception {
    list.add(FIRST);
    append(new byte[300]);
    // A whole line, of a name that no file system takes.
    append(("\n" + FileList.line("17639\0.log") + "\n").getBytes(UTF_8));
    append("\u00e9\u00e8".getBytes(ISO_8859_1));
    list.add(SECOND);
    FileList reopened = reopened();
    try (LogCapture log = new LogCapture(FileList.class)) {
      assertThat(reopened.read()).containsExactly(FIRST, SECOND);
      assertThat(reopened.read()).containsExactly(FIRST, SECOND);

      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().get(0)).contains("3 of ").contains("never removed");
    }
  }

  // A start that is tried again reads it again.
  @Test
  void aListThatIsReadTwiceIsNoLongerForThat() throws Exception {
    for (int i = 0; i < 600; i++) {
      list.add(DIRECTORY.resolve("1763900000000-" + i + ".log"));
    }
    FileList reopened = reopened();
    reopened.read();
    reopened.read();
    reopened.compact(List.of());

    assertThat(reopened.read()).hasSize(600);
  }
}
