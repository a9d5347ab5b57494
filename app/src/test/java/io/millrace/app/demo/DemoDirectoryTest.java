/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.app.CommandFailedException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DemoDirectoryTest {
  @TempDir private Path temporary;

  @Test
  void aDirectoryOfSomebodyElseIsLeftAlone() throws IOException {
    Path letter = Files.writeString(temporary.resolve("letter.txt"), "dear");

    assertThatThrownBy(() -> DemoDirectory.take(temporary))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageContaining("not made by a demo")
        .hasMessageContaining("--dir");
    assertThat(letter).hasContent("dear");
  }

  @Test
  void anEarlierDemoIsClearedAndWhatTheUserAddedIsNot() throws IOException {
    Path root = temporary.resolve("demo");
    DemoDirectory.take(root).close();
    Files.writeString(root.resolve("store/1"), "old");
    Path note = Files.writeString(root.resolve("note.txt"), "mine");

    try (DemoDirectory again = DemoDirectory.take(root)) {
      assertThat(again.isReused()).isTrue();
      assertThat(again.store()).isEmptyDirectory();
    }
    assertThat(note).hasContent("mine");
  }

  @Test
  void twoDemosDoNotShareADirectory() throws IOException {
    try (DemoDirectory first = DemoDirectory.take(temporary.resolve("demo"))) {
      assertThatThrownBy(() -> DemoDirectory.take(first.root()))
          .isInstanceOf(CommandFailedException.class)
          .hasMessageContaining("Another demo is running");
    }
  }

  @Test
  void aPathThatIsAFileIsRefused() throws IOException {
    Path file = Files.writeString(temporary.resolve("file"), "x");

    assertThatThrownBy(() -> DemoDirectory.take(file)).isInstanceOf(CommandFailedException.class);
  }

  @Test
  void configurationsAreWrittenWithoutPlaceholders() throws IOException {
    try (DemoDirectory directory = DemoDirectory.take(temporary.resolve("de mo"))) {
      Properties collector =
          read(directory.writeCollector(4711, StoreKind.FILES, directory.store().toString()));
      Properties edge =
          read(
              directory.writeEdge(
                  "edge-1", List.of(new FollowedFiles(directory.logs("web"), "a\\.log.*")), 4711));

      assertThat(collector.values()).noneSatisfy(v -> assertThat(v.toString()).contains("${"));
      assertThat(collector)
          .containsEntry("collector.sources.edges.port", "4711")
          .containsEntry("collector.sinks.store.sink.directory", directory.store().toString());
      assertThat(edge)
          .containsEntry("edge.sinks.uplink.port", "4711")
          .containsEntry("edge.sources.tail.filegroups", "logs")
          .containsEntry("edge.sources.tail.filegroups.logs", directory.logs("web") + "/a\\.log.*");
    }
  }

  @Test
  void severalFollowedPathsBecomeSeveralFileGroups() throws IOException {
    Path file = Files.writeString(temporary.resolve("größe (1).log"), "x\n");
    FollowedFiles group = FollowedFiles.of(file);
    assertThat(group.list()).containsExactly(file.toAbsolutePath());

    try (DemoDirectory directory = DemoDirectory.take(temporary.resolve("demo"))) {
      Properties edge =
          read(directory.writeEdge("edge-1", List.of(group, FollowedFiles.of(temporary)), 1));

      assertThat(edge.getProperty("edge.sources.tail.filegroups")).isEqualTo("logs1 logs2");
      String value = edge.getProperty("edge.sources.tail.filegroups.logs1");
      String pattern = value.substring(value.lastIndexOf('/') + 1);
      assertThat(Pattern.matches(pattern, "größe (1).log")).isTrue();
    }
  }

  @Test
  void hiddenAndCompressedFilesOfADirectoryAreNotFollowed() throws IOException {
    for (String name : List.of("a.log", "a.log.1", ".hidden", "a.log.2.gz", "b.zst")) {
      Files.writeString(temporary.resolve(name), "x\n");
    }

    assertThat(FollowedFiles.of(temporary).list())
        .extracting(path -> path.getFileName().toString())
        .containsExactly("a.log", "a.log.1");
  }

  private static Properties read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file, StandardCharsets.ISO_8859_1)) {
      properties.load(reader);
    }
    return properties;
  }
}
