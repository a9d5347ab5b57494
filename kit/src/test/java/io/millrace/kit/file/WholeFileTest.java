/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WholeFileTest {
  @TempDir private Path directory;

  @Test
  void aFileIsReplacedAndNothingIsLeftAside() throws Exception {
    Path file = directory.resolve("state");
    Path aside = directory.resolve("state.new");
    Files.writeString(aside, "longer than what comes: left by a crash");

    WholeFile.replace(file, aside, new byte[] {1, 2});
    assertThat(file).hasBinaryContent(new byte[] {1, 2});
    WholeFile.replaceUnsynced(file, aside, new byte[] {3});
    assertThat(file).hasBinaryContent(new byte[] {3});
    assertThat(aside).doesNotExist();
  }

  @Test
  void aFailureLeavesTheOldContent() throws Exception {
    Path file = directory.resolve("state");
    WholeFile.replace(file, directory.resolve("state.new"), new byte[] {1});
    Path aside = Files.createDirectory(directory.resolve("in the way"));

    assertThatThrownBy(() -> WholeFile.replace(file, aside, new byte[] {2}))
        .isInstanceOf(IOException.class);
    assertThat(file).hasBinaryContent(new byte[] {1});
  }
}
