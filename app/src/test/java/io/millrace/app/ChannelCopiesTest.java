/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.Journal;
import io.millrace.journal.JournalOptions;
import io.millrace.journal.disk.NioDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code millrace channel} on a channel whose lanes have two copies. */
class ChannelCopiesTest {
  @TempDir private Path root;

  private Path lane(int index) {
    return root.resolve("lane" + index);
  }

  private void fill() {
    ChannelOnDisk disk = new ChannelOnDisk(root);
    try (Journal journal =
        Journal.open(
            JournalOptions.in(disk.checkpoint, List.of(lane(0), lane(1)))
                .copies(2)
                .segmentBytes(32 * 1024)
                .reserveBytes(0)
                .build(),
            new NioDisk(),
            event -> {})) {
      ChannelOnDisk.append(journal, 10);
    }
  }

  private CommandRun run(String command, String... more) {
    return CommandRun.of(
        Stream.concat(
                Stream.of("channel", command, lane(0) + "", lane(1) + "", root + "/checkpoint"),
                Stream.of(more))
            .toArray(String[]::new));
  }

  private void loseFirst() throws IOException {
    try (Stream<Path> files = Files.list(lane(0))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  private String configured(String channel) throws IOException {
    return Files.writeString(
            root.resolve("agent.conf"),
            """
            a1.channels = c1
            a1.sinks = k1
            a1.channels.c1.type = %s
            a1.channels.c1.checkpointDir = %s
            a1.channels.c1.dataDirs = %s,%s
            a1.channels.c1.millrace.copies = 2
            a1.sinks.k1.type = null
            a1.sinks.k1.channel = c1
            """
                .formatted(channel, root.resolve("checkpoint"), lane(0), lane(1)))
        .toString();
  }

  @Test
  void whatOneCopyHasLostIsReadFromTheOther() throws IOException {
    fill();
    CommandRun sound = run("verify");
    assertThat(sound.status()).as(sound.out() + sound.err()).isZero();
    assertThat(sound.out()).contains("Read 30 events");
    for (int i = 0; i < 2; i++) {
      try (Stream<Path> files = Files.list(lane(i))) {
        for (Path file : files.filter(each -> each.toString().endsWith(".seg")).toList()) {
          byte[] content = Files.readAllBytes(file);
          Arrays.fill(content, 0, content.length, (byte) 7);
          Files.write(file, content);
        }
      }
    }

    CommandRun run = run("verify");
    assertThat(run.status()).as(run.out() + run.err()).isZero();
    assertThat(run.out()).contains("Read 30 events").contains("The channel is whole.");
    assertThat(run("dump").out().lines()).hasSize(30);
  }

  @Test
  void aLostDirectoryIsToldWithWhatTheNextStartDoes() throws IOException {
    fill();
    loseFirst();

    CommandRun run = CommandRun.of("channel", "info", "-f", configured("file"));
    assertThat(run.status()).as(run.err()).isZero();
    String out = new ChannelOnDisk(root).plain(run.out());
    assertThat(out)
        .contains("waiting     30 events")
        .contains(
            """
              copies      1 of 2 in sync
                          ROOT/lane0: lost: nothing of the lane is there
                          ROOT/lane1/copy: in sync
            """)
        .containsPattern(
            "  - lane \\d: serves from ROOT/lane1/copy and brings ROOT/lane0 up to date meanwhile"
                + " \\(copies \\d+\\.\\d KiB\\)")
        .doesNotContain("MISSING");
    assertThat(CommandRun.of("channel", "verify", "-f", root + "/agent.conf").out())
        .contains("Read 30 events");
    CommandRun repair = CommandRun.of("channel", "repair", "--yes", "-f", root + "/agent.conf");
    assertThat(repair.status()).as(repair.out() + repair.err()).isZero();
    assertThat(repair.out()).contains("30 events wait to be delivered.");
  }

  @Test
  void theCopyOfADirectoryThatIsNotNamedIsFoundAndRepairAsksForTheConfiguration()
      throws IOException {
    fill();

    CommandRun run = CommandRun.of("channel", "info", lane(1) + "", root + "/checkpoint");
    assertThat(run.out()).contains("waiting     30 events").contains(lane(1) + "/copy");
    CommandRun repair =
        CommandRun.of("channel", "repair", "--yes", lane(1) + "", root + "/checkpoint");
    assertThat(repair.status()).isEqualTo(1);
    assertThat(repair.err()).contains("--conf-file");
  }

  @Test
  void repairKeepsBothCopiesInUse() throws IOException {
    fill();
    CommandRun repair = run("repair", "--yes");
    assertThat(repair.status()).as(repair.out() + repair.err()).isZero();
    assertThat(run("info").out()).contains("2 of 2 in sync").doesNotContain("stale");
  }

  @Test
  void theDiskOfASpillableMemoryChannelIsLookedAtAlike() throws IOException {
    fill();
    CommandRun run = CommandRun.of("channel", "info", "-f", configured("spillablememory"));
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(run.out()).contains("c1 of agent a1").contains("waiting     30 events");
  }
}
