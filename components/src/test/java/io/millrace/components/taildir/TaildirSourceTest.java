/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.Source;
import io.millrace.api.TransientException;
import io.millrace.components.testing.ToySourceContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class TaildirSourceTest {
  @TempDir Path temporary;
  private final ToySourceContext context = new ToySourceContext();

  @Test
  void linesFlowWhileItRunsAndPositionsAreSavedWhenItStops() throws Exception {
    TailerHarness harness = new TailerHarness(temporary);
    harness.append("app.log", "one\n");
    Source source = harness.options().build(context);
    source.start();
    await().until(() -> context.output().bodies().equals(List.of("one")));
    harness.append("app.log", "two\n");
    await().until(() -> context.output().bodies().equals(List.of("one", "two")));
    source.stop();
    source.stop();
    assertThat(harness.positionFile.path()).content().contains("\"pos\":8");
    harness.append("app.log", "three\n");
    source.start();
    await().until(() -> context.output().bodies().equals(List.of("one", "two", "three")));
    source.stop();
  }

  @Test
  void aStopWaitsForAnswers() throws Exception {
    TailerHarness harness = new TailerHarness(temporary);
    harness.append("app.log", "one\n");
    context.output().hold();
    Source source = harness.options().build(context);
    source.start();
    await().until(() -> context.output().pending().size() == 1);
    Thread stopper =
        new Thread(
            () -> {
              try {
                source.stop();
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    stopper.start();
    context.output().release();
    stopper.join();
    assertThat(harness.positionFile.path()).content().contains("\"pos\":4");
  }

  @Test
  void withoutAnyDirectoryStartFailsAndCanBeTriedAgain() throws Exception {
    TailerHarness harness = new TailerHarness(temporary);
    Files.delete(harness.directory);
    Source source = harness.options().build(context);
    assertThatThrownBy(source::start)
        .isInstanceOf(TransientException.class)
        .hasMessageContaining(harness.directory.toString());
    Files.createDirectory(harness.directory);
    harness.append("app.log", "one\n");
    source.start();
    await().until(() -> context.output().bodies().equals(List.of("one")));
    source.stop();
  }

  @Test
  void aPositionFileInUseKeepsASecondSourceFromStarting() throws Exception {
    TailerHarness harness = new TailerHarness(temporary);
    Source first = harness.options().build(context);
    Source second = harness.options().build(context);
    first.start();
    assertThatThrownBy(second::start)
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("in use by another source");
    first.stop();
    second.start();
    second.stop();
  }

  @Test
  void aDamagedPositionFileIsKeptAsideAndFilesAreReadFromTheirBeginning() throws Exception {
    TailerHarness harness = new TailerHarness(temporary);
    harness.append("app.log", "one\n");
    Files.writeString(harness.positionFile.path(), "[{\"inode\":1,");
    Source source = harness.options().build(context);
    source.start();
    await().until(() -> context.output().bodies().equals(List.of("one")));
    source.stop();
    assertThat(temporary.resolve("positions.json.damaged-1")).hasContent("[{\"inode\":1,");
  }

  @Test
  void parentDirectoriesOfThePositionFileAreCreated() throws IOException {
    Path nested = temporary.resolve("a/b/positions.json");
    TailerHarness harness = new TailerHarness(temporary);
    TaildirOptions plain = harness.options();
    TaildirOptions options =
        new TaildirOptions(
            plain.filegroups(),
            plain.groupPatterns(),
            nested,
            plain.headers(),
            plain.byteOffsetHeader(),
            plain.skipToEnd(),
            plain.idleTimeout(),
            plain.writePosInterval(),
            plain.batchSize(),
            plain.maxBatchCount(),
            plain.cachePatternMatching(),
            plain.fileHeader(),
            plain.fileHeaderKey(),
            plain.backoffSleepIncrement(),
            plain.maxBackoffSleep(),
            plain.maxLineLength(),
            plain.maxOpenFiles(),
            plain.multiline());
    TaildirSource source = new TaildirSource(options, context);
    source.start();
    try {
      source.stop();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    assertThat(nested).exists();
  }

  @Test
  void groupsAreCheckedWithNameAndRemedy() {
    assertThatThrownBy(() -> FileGroup.parse("g", "x.log", Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("expected: a directory, a slash");
    assertThat(FileGroup.parse("g", "relative/x", Map.of()).directory())
        .isEqualTo(Path.of("relative").toAbsolutePath());
    assertThatThrownBy(() -> FileGroup.parse("g", "/var/log/", Map.of()))
        .isInstanceOf(ConfigurationException.class);
    assertThatThrownBy(() -> FileGroup.parse("g", "/var/log/*.log", Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("'*.log' is not a regular expression");
    TailerHarness harness = new TailerHarness(temporary);
    harness.groups.put("h", "");
    assertThatThrownBy(harness::options)
        .isInstanceOf(ConfigurationException.class)
        .extracting("option")
        .isEqualTo("filegroups.h");
  }
}
