/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChannelStateTest {
  @TempDir Path directory;
  private Path live;

  @BeforeEach
  void fillTheLiveDirectory() throws Exception {
    live = Files.createDirectories(directory.resolve("live/data")).getParent();
    Files.writeString(live.resolve("data/1.seg"), "one");
    Files.writeString(live.resolve("data/2.seg"), "two");
  }

  @Test
  void whatAnAgentChangedAddedOrDeletedIsAsItWasAfterARestore() throws Exception {
    ChannelState state = ChannelState.keep(live, directory.resolve("kept"));
    Map<String, String> before = contents(live);

    Files.writeString(live.resolve("data/1.seg"), "ONE"); // the same length
    Files.delete(live.resolve("data/2.seg"));
    Files.createDirectories(live.resolve("checkpoint"));
    Files.writeString(live.resolve("checkpoint/new"), "new");
    state.restore(live);

    assertThat(contents(live)).isEqualTo(before);
    assertThat(live.resolve("checkpoint")).doesNotExist();
  }

  @Test
  void aLiveDirectoryThatIsGoneComesBack() throws Exception {
    ChannelState state = ChannelState.keep(live, directory.resolve("kept"));
    Map<String, String> before = contents(live);

    Path elsewhere = directory.resolve("elsewhere");
    state.restore(elsewhere);

    assertThat(contents(elsewhere)).isEqualTo(before);
  }

  @Test
  void aLaterStateSharesWhatDidNotChangeAndLeavesTheOlderAsItWas() throws Exception {
    ChannelState older = ChannelState.keep(live, directory.resolve("older"));
    Map<String, String> before = contents(live);
    Files.writeString(live.resolve("data/2.seg"), "changed");
    ChannelState.keepSince(older, live, directory.resolve("later"));

    assertThat(contents(directory.resolve("later"))).isEqualTo(contents(live));
    assertThat(contents(directory.resolve("older"))).isEqualTo(before);
    assertThat(inode("later/data/1.seg")).isEqualTo(inode("older/data/1.seg"));
    assertThat(inode("later/data/2.seg")).isNotEqualTo(inode("older/data/2.seg"));

    older.restore(live);
    assertThat(inode("live/data/1.seg")).isNotEqualTo(inode("older/data/1.seg"));
  }

  private Object inode(String file) throws Exception {
    return Files.getAttribute(directory.resolve(file), "unix:ino");
  }

  private static Map<String, String> contents(Path root) throws Exception {
    Map<String, String> contents = new TreeMap<>();
    try (Stream<Path> files = Files.walk(root)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        contents.put(root.relativize(file).toString(), Files.readString(file));
      }
    }
    return contents;
  }
}
