/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.DataSize;
import io.millrace.api.TransientException;
import io.millrace.components.serializer.TextSerializerOptions;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyMetrics;
import io.millrace.components.testing.ToySinkContext;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** The oldest files of a sink go when there are too many, and no others ever. */
final class RetentionTest {
  private static final Path DIRECTORY = Path.of("/events");
  private static final String TEN_BYTES = "123456789";

  private final SimRollDisk disk = new SimRollDisk();
  private final ToyMetrics metrics = new ToyMetrics();
  private final AtomicLong nanos = new AtomicLong();
  private FileRollWriter writer;

  private FileRollWriter open(RetentionOptions limits) {
    FileRollSinkOptions options =
        new FileRollSinkOptions(
            DIRECTORY,
            new SeriesPathManagerOptions("", "log"),
            Duration.ZERO,
            new TextSerializerOptions(true),
            100,
            true,
            limits);
    ToySinkContext context = new ToySinkContext("k1", 100, metrics);
    Retention retention = new Retention(context, options, disk, nanos::get, () -> disk.now);
    writer = new FileRollWriter("k1", options, disk, metrics, nanos::get, retention);
    writer.open();
    return writer;
  }

  private static RetentionOptions limits(long rollSize, long total, long ageSeconds, long free) {
    return new RetentionOptions(
        DataSize.ofBytes(rollSize),
        DataSize.ofBytes(total),
        Duration.ofSeconds(ageSeconds),
        DataSize.ofBytes(free));
  }

  /** A file of ten bytes, then time enough to look at the disk. */
  private void writeFile() {
    writer.write(List.of(Events.of(TEN_BYTES)));
    pass(Duration.ofSeconds(6));
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
    disk.now = disk.now.plus(time);
    writer.doWhatIsDue();
  }

  /** Of the sink's files, without the list. */
  private List<String> files() {
    return disk.names().stream().filter(name -> !name.startsWith(".")).toList();
  }

  @Test
  void aFileIsClosedAsSoonAsItIsLargeEnough() {
    open(limits(15, 0, 0, 0));
    writer.write(List.of(Events.of(TEN_BYTES)));
    writer.write(List.of(Events.of(TEN_BYTES)));
    writer.write(List.of(Events.of(TEN_BYTES)));

    assertThat(files()).hasSize(2);
    assertThat(disk.durableLines()).containsExactly(TEN_BYTES, TEN_BYTES, TEN_BYTES);
    assertThat(disk.names()).as("without limits there is no list").hasSize(2);
  }

  @Test
  void theOldestFilesGoOnceThereIsMoreThanTheTotal() {
    open(limits(10, 80, 0, 0));
    for (int i = 0; i < 12; i++) {
      writeFile();
    }

    assertThat(files()).hasSize(8);
    assertThat(files().get(0)).endsWith("-5.log");
    assertThat(metrics.value("FileRemovedCount")).isEqualTo(4);
    assertThat(metrics.value("FileRemovedBytes")).isEqualTo(40);
    assertThat(metrics.value("FinishedFileBytes")).isEqualTo(80);
  }

  @Test
  void theTotalAloneKeepsTheCurrentFileSmallAgainstIt() {
    assertThat(limits(0, 800, 0, 0).rollBytes()).isEqualTo(100);
    assertThat(limits(50, 800, 0, 0).rollBytes()).isEqualTo(50);
    assertThat(limits(0, 0, 0, 0).rollBytes()).isEqualTo(Long.MAX_VALUE);
  }

  @Test
  void filesGoByAgeWithoutTraffic() {
    open(limits(10, 0, 60, 0));
    writeFile();
    pass(Duration.ofSeconds(30));
    writeFile();
    assertThat(files()).hasSize(2);

    pass(Duration.ofSeconds(40));
    assertThat(files()).hasSize(1);
    pass(Duration.ofSeconds(40));
    assertThat(files()).isEmpty();
    assertThat(writer.nanosToDue()).isEqualTo(FileRollWriter.NEVER_NANOS);
  }

  @Test
  void filesOfOthersAreNeverTouchedWhateverTheirNames() throws Exception {
    String theirs = "1763900000000-1.log";
    disk.create(DIRECTORY.resolve(theirs)).write("theirs\n".getBytes(UTF_8), 0, 7);
    open(limits(10, 20, 1, Long.MAX_VALUE / 4));
    disk.setDiskBytes(Long.MAX_VALUE / 2);
    for (int i = 0; i < 5; i++) {
      writeFile();
    }
    pass(Duration.ofHours(1));

    assertThat(files()).containsExactly(theirs);
  }

  @Test
  void theListOutlivesARestartAndATornLineInIt() throws Exception {
    open(limits(10, 1000, 0, 0));
    writeFile();
    writeFile();
    Path list = DIRECTORY.resolve(".file_roll.a1.k1.list");
    disk.append(list).write("17639".getBytes(UTF_8), 0, 5);
    disk.append(DIRECTORY.resolve("17639")).write(new byte[100], 0, 100);
    open(limits(10, 30, 0, 0));
    writeFile();
    writeFile();
    writeFile();

    assertThat(files()).hasSize(4).contains("17639");
    assertThat(metrics.value("FinishedFiles")).isEqualTo(3);
  }

  @Test
  void aShorterListStillNamesTheFileThatIsBeingWritten() throws Exception {
    open(limits(30, 60, 0, 0));
    Path list = DIRECTORY.resolve(".file_roll.a1.k1.list");
    int longest = 0;
    int length = 0;
    while (length >= longest) {
      longest = length;
      writeFile();
      length = disk.read(list).length;
      assertThat(longest).as("the list is written anew at some time").isLessThan(1_000_000);
    }
    writer.close();
    List<String> written = files();
    open(limits(30, 60, 0, 0));

    assertThat(metrics.value("FinishedFiles")).isEqualTo(written.size());
  }

  @Test
  void aListThatLeadsOutOfTheDirectoryRemovesNothingThere() throws Exception {
    Path passwords = Path.of("/etc/passwd");
    disk.append(passwords).write(new byte[50], 0, 50);
    String text = FileList.line("../etc/passwd") + "\n" + FileList.line("/etc/passwd") + "\n\n";
    byte[] lines = text.getBytes(UTF_8);
    disk.append(DIRECTORY.resolve(".file_roll.a1.k1.list")).write(lines, 0, lines.length);
    open(limits(10, 10, 1, 0));
    writeFile();
    pass(Duration.ofHours(1));

    assertThat(disk.facts(passwords)).isNotNull();
  }

  @Test
  void spaceIsLeftToOthersAndWithoutAFileToRemoveNothingIsWritten() {
    disk.setDiskBytes(10_000);
    open(limits(10, 0, 0, 7_200));
    for (int i = 0; i < 80; i++) {
      writeFile();
    }
    // The list of the files takes space too.
    assertThat(files()).hasSizeBetween(10, 70);
    assertThat(metrics.value("FileRemovedCount")).isEqualTo(80 - files().size());

    disk.setDiskBytes(5_000);
    pass(Duration.ofSeconds(10));
    assertThat(files()).isEmpty();
    assertThatThrownBy(() -> writer.write(List.of(Events.of(TEN_BYTES))))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("millrace.min-free-space")
        .hasMessageContaining("stay in the channel");
    assertThat(metrics.value("FreeSpaceShortCount")).isEqualTo(1);

    disk.setDiskBytes(20_000);
    writer.write(List.of(Events.of(TEN_BYTES)));
    assertThat(files()).hasSize(1);
  }

  @Test
  void aFileThatCannotBeRemovedIsTriedAgainAndHoldsUpNoWriting() {
    open(limits(10, 20, 0, 0));
    writeFile();
    writeFile();
    writer.write(List.of(Events.of(TEN_BYTES)));
    nanos.addAndGet(Duration.ofSeconds(6).toNanos());
    // Facts, then the removal.
    disk.failCalls(disk.calls() + 2, disk.calls() + 3);
    writer.doWhatIsDue();
    assertThat(disk.failedCalls()).containsExactly("delete");
    assertThat(files()).hasSize(3);
    assertThat(metrics.value("FileRemoveFailCount")).isEqualTo(1);

    pass(Duration.ofSeconds(6));
    assertThat(files()).hasSize(2);
    assertThat(disk.lines()).contains(TEN_BYTES);
  }

  @Test
  void aFileThatCouldNotBeListedIsKept() {
    open(limits(10, 10, 0, 0));
    // Before it: creation, then the list.
    disk.failCalls(disk.calls() + 2, disk.calls() + 3);
    writeFile();
    assertThat(disk.failedCalls()).containsExactly("append");
    assertThat(disk.lines()).contains(TEN_BYTES);
  }
}
