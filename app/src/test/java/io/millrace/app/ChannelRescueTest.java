/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.Journal;
import io.millrace.journal.JournalOptions;
import io.millrace.journal.disk.NioDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Getting events out of a file channel, and a file channel into order. */
class ChannelRescueTest {
  @TempDir private Path root;
  private ChannelOnDisk disk;

  @BeforeEach
  void name() {
    disk = new ChannelOnDisk(root);
  }

  @ParameterizedTest
  @ValueSource(strings = {"avro_event", "text", "header_and_text", "json"})
  void exportWritesWhatWaitsAndSaysThatItStays(String format) throws IOException {
    disk.fill(40, 30);
    Path to = disk.root.resolve("rescue");

    CommandRun run =
        disk.run("export", "--to", to.toString(), "--format", format, "--roll-size", "20KiB");

    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out()).contains("Exported 90 events").contains("The channel still holds them");
    String content;
    try (Stream<Path> files = Files.list(to)) {
      List<Path> written = files.sorted().toList();
      assertThat(written).hasSizeGreaterThan(1).noneMatch(file -> file.toString().endsWith(".tmp"));
      content = written.stream().map(ChannelRescueTest::text).collect(Collectors.joining());
    }
    for (int i = 30; i < 120; i++) {
      assertThat(content).containsOnlyOnce("event " + i + ".");
    }
    assertThat(content).doesNotContain("event 29.");
    CommandRun again = disk.run("export", "--to", to.toString());
    assertThat(again.status()).isEqualTo(2);
    assertThat(again.err()).contains("not empty").contains("--force");
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void exportLeavesOutWhatIsDamagedAndSaysSo() throws IOException {
    disk.fill(10, 0);
    disk.damage(6);

    CommandRun run = disk.run("export", "--to", disk.root.resolve("rescue").toString());

    assertThat(run.status()).isEqualTo(1);
    assertThat(run.out()).contains("Exported 27 events").contains("costs 3 events: sequences 6-8");
  }

  @Test
  void nothingButARepairThatIsMeantWrites() throws IOException {
    disk.fill(40, 30);
    disk.damage(60);
    Path to = Files.createDirectory(disk.root.resolve("rescue"));
    Map<String, String> before = disk.tree();

    disk.run("info");
    disk.run("verify", "--json");
    disk.run("dump", "--all", "--limit", "0");
    disk.run("repair");
    assertThat(disk.tree()).isEqualTo(before);

    disk.run("export", "--to", to.toString());
    Map<String, String> after = disk.tree();
    after.keySet().removeIf(name -> name.startsWith(to.toString()));
    before.keySet().removeIf(name -> name.startsWith(to.toString()));
    assertThat(after).isEqualTo(before);
  }

  @Test
  void aChannelInUseIsReadWithAWarningAndNotRepaired() {
    try (Journal journal = Journal.open(disk.options().build(), new NioDisk(), event -> {})) {
      ChannelOnDisk.append(journal, 10);

      CommandRun verify = disk.run("verify");
      assertThat(verify.status()).as(verify.out()).isZero();
      assertThat(verify.err()).contains("running agent").contains("move");
      assertThat(disk.run("info").out()).contains("in use      yes").contains("30 events");
      assertThat(disk.run("dump", "--limit", "0").out().lines()).hasSize(30);

      CommandRun repair = disk.run("repair", "--yes");
      assertThat(repair.status()).isEqualTo(1);
      assertThat(repair.err()).contains("Stop it first");
      ChannelOnDisk.append(journal, 1);
      assertThat(journal.recordCount()).isEqualTo(33);
    }
  }

  @Test
  void repairDoesWhatItSaidAndKeepsACopy() throws IOException {
    disk.fill(10, 0);
    Files.delete(disk.data.resolve("lane.id"));
    Files.delete(disk.checkpoint.resolve("lane-00000.checkpoint"));
    disk.damage(24);

    CommandRun dry = disk.run("repair");
    assertThat(dry.status()).isZero();
    assertThat(dry.out())
        .contains("rebuilds " + disk.data.resolve("lane.id"))
        .contains("reports 3 events lost (sequences 24-26)")
        .contains("Nothing was written");
    assertThat(disk.data.resolve("lane.id")).doesNotExist();

    CommandRun run = disk.run("repair", "--yes");
    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(run.out())
        .contains("3 records (sequences 24-26) are missing")
        .contains("27 events wait")
        .contains("Done.");
    assertThat(disk.data.resolve("lane.id")).exists();
    try (Stream<Path> siblings = Files.list(disk.root)) {
      assertThat(siblings.map(path -> path.getFileName().toString()))
          .anyMatch(name -> name.startsWith("data.backup-"))
          .anyMatch(name -> name.startsWith("checkpoint.backup-"));
    }
    assertThat(disk.run("verify").out()).contains("The channel is whole");
  }

  @Test
  void aLaneThatIsLostForGoodCanBeForgotten() throws IOException {
    Path second = disk.root.resolve("second");
    JournalOptions two =
        JournalOptions.in(disk.checkpoint, List.of(disk.data, second))
            .segmentBytes(32 * 1024)
            .reserveBytes(0)
            .build();
    try (Journal journal = Journal.open(two, new NioDisk(), event -> {})) {
      ChannelOnDisk.append(journal, 10);
    }

    CommandRun verify = disk.run("verify");
    assertThat(verify.status()).isEqualTo(1);
    assertThat(verify.out()).contains("lane 1").contains("directory missing");
    assertThat(disk.run("info").out()).contains("repair --forget-lane 1");
    assertThat(disk.run("repair", "--forget-lane", "0", "--yes").err()).contains("no such lane");

    CommandRun run = disk.run("repair", "--forget-lane", "1", "--yes");
    assertThat(run.status()).as(run.err()).isZero();
    assertThat(disk.run("verify").status()).isZero();
  }
}
