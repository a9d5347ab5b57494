/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.api.TransientException;
import io.millrace.components.serializer.TextSerializerOptions;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyMetrics;
import io.millrace.components.testing.ToySinkContext;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class FileRollWriterTest {
  private static final Path DIRECTORY = Path.of("/events");

  private final SimRollDisk disk = new SimRollDisk();
  private final ToyMetrics metrics = new ToyMetrics();
  private final AtomicLong nanos = new AtomicLong();

  private FileRollWriter writer(SimRollDisk disk, String prefix, boolean isSynced) {
    FileRollSinkOptions options =
        new FileRollSinkOptions(
            DIRECTORY,
            new SeriesPathManagerOptions(prefix, "log"),
            Duration.ofSeconds(30),
            new TextSerializerOptions(true),
            100,
            isSynced,
            RetentionOptions.NONE);
    return writer(options, disk);
  }

  private FileRollWriter writer(FileRollSinkOptions options, SimRollDisk disk) {
    ToySinkContext context = new ToySinkContext("k1", 100, metrics);
    Retention retention = new Retention(context, options, disk, nanos::get, InstantSource.system());
    return new FileRollWriter("k1", options, disk, metrics, nanos::get, retention);
  }

  private FileRollWriter writer() {
    return writer(disk, "", true);
  }

  @Test
  void whatIsWrittenOutlivesAPowerCut() {
    FileRollWriter writer = writer();

    writer.write(List.of(Events.of("a", "b"), Events.of("c")));

    assertThat(disk.durableLines()).containsExactly("a", "b", "c");
    assertThat(disk.syncs).isEqualTo(1);
    assertThat(metrics.value("BytesCommittedCount")).isEqualTo(6);
  }

  @Test
  void withoutSyncTheBytesAreHandedToTheOperatingSystemOnly() {
    FileRollWriter writer = writer(disk, "", false);

    writer.write(List.of(Events.of("a")));

    assertThat(disk.lines()).containsExactly("a");
    assertThat(disk.syncs).isZero();
  }

  @Test
  void aFileIsClosedWhenItsTimeHasComeAndTheNextOneOpensWithTheNextEvent() {
    FileRollWriter writer = writer();
    assertThat(writer.nanosToRoll()).isEqualTo(FileRollWriter.NEVER_NANOS);
    writer.write(List.of(Events.of("a")));
    nanos.addAndGet(Duration.ofSeconds(29).toNanos());
    writer.doWhatIsDue();
    writer.write(List.of(Events.of("b")));
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    assertThat(writer.nanosToRoll()).isZero();

    writer.doWhatIsDue();
    assertThat(disk.names()).hasSize(1);
    nanos.addAndGet(Duration.ofHours(1).toNanos());
    writer.doWhatIsDue();
    assertThat(disk.names()).hasSize(1);
    writer.write(List.of(Events.of("c")));

    assertThat(disk.names()).hasSize(2);
    assertThat(disk.durableLines()).containsExactly("a", "b", "c");
  }

  @Test
  void aFullDiskIsWrittenToAgainByItselfAndLeavesNoEmptyFiles() {
    FileRollWriter writer = writer();
    writer.write(List.of(Events.of("a")));
    disk.fillUpAfter(3);
    for (int i = 0; i < 5; i++) {
      assertThatThrownBy(() -> writer.write(List.of(Events.of("does not fit"))))
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("No space left")
          .hasMessageContaining("k1");
    }
    assertThat(disk.names()).hasSize(1);

    disk.freeSpace();
    writer.write(List.of(Events.of("fits now")));

    assertThat(disk.lines()).containsExactly("a", "fits now");
    assertThat(disk.durableLines()).containsExactly("a", "fits now");
  }

  @Test
  void anExistingFileIsLeftAloneAndTheNextNameIsTaken() throws Exception {
    FileRollWriter writer = writer(disk, "x", true);
    String first = new SeriesPathManagerOptions("", "").build().next();
    assertThat(first).endsWith("-1");
    writer.write(List.of(Events.of("old")));
    nanos.addAndGet(Duration.ofMinutes(1).toNanos());
    writer.doWhatIsDue();
    String taken = disk.names().get(0).replace("-1.log", "-2.log");
    disk.create(DIRECTORY.resolve(taken)).write("theirs\n".getBytes(UTF_8), 0, 7);

    writer.write(List.of(Events.of("new")));

    assertThat(disk.names()).hasSize(3).contains(taken.replace("-2.log", "-3.log"));
    assertThat(disk.lines()).containsExactly("old", "theirs", "new");
  }

  @Test
  void aNameThatLeadsOutOfTheDirectoryIsRefused() {
    FileRollWriter writer = writer(disk, "../elsewhere/", true);

    assertThatThrownBy(() -> writer.write(List.of(Events.of("a"))))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("leads outside");
    assertThat(disk.names()).isEmpty();
  }

  /**
   * Goal: whichever call fails, once or for a while, no event that counts as written is lost in a
   * power cut at any later moment, no file is touched after a failed sync, and nothing is doubled
   * unless the disk refused to take the torn end away. Method: the same run with call 1, 2, 3 ...
   * failing, until a run has no failure; every batch is tried until it is written.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void whicheverCallFailsNothingIsLost(int failures) {
    for (int call = 1; ; call++) {
      SimRollDisk faulty = new SimRollDisk();
      faulty.failCalls(call, call + failures);
      FileRollWriter writer = writer(faulty, "", true);
      List<String> written = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        EventBatch batch = Events.numbered(i * 10, i * 10 + 10);
        writeUntilDone(writer, batch);
        written.addAll(Events.bodies(batch));
        assertThat(faulty.durableLines()).as("call %d", call).containsAll(written);
        nanos.addAndGet(Duration.ofSeconds(11).toNanos());
        writer.doWhatIsDue();
      }
      writer.close();
      assertThat(faulty.violations()).as("call %d", call).isEmpty();
      assertThat(faulty.durableLines()).as("call %d", call).containsAll(written);
      if (!faulty.failedCalls().contains("truncate") && !faulty.failedCalls().contains("delete")) {
        assertThat(faulty.lines()).as("call %d", call).containsExactlyElementsOf(written);
      }
      if (faulty.failedCalls().isEmpty()) {
        assertThat(call).isGreaterThan(15);
        return;
      }
    }
  }

  private static void writeUntilDone(FileRollWriter writer, EventBatch batch) {
    for (int tries = 0; tries < 20; tries++) {
      try {
        writer.write(List.of(batch));
        return;
      } catch (TransientException e) {
        assertThat(e).hasMessageContaining("injected failure");
      }
    }
    throw new AssertionError("the batch could not be written in 20 tries");
  }
}
