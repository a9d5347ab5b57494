/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import static io.millrace.components.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
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
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolDirSourceTest {
  private static final Schema FLUMES =
      SchemaBuilder.record("TransferStateFileMeta")
          .namespace("org.apache.flume.serialization")
          .fields()
          .requiredLong("offset")
          .endRecord();

  @TempDir private Path temporary;

  private final ToySourceContext context = new ToySourceContext();
  private SpoolerHarness harness;
  private Source source;

  @BeforeEach
  void harness() {
    harness = new SpoolerHarness(temporary);
  }

  @AfterEach
  void stop() throws Exception {
    context.output().release();
    if (source != null) {
      source.stop();
      source.stop();
    }
  }

  private void start() throws Exception {
    source = harness.options().build(context);
    source.start();
  }

  private List<String> bodies() {
    return context.output().bodies();
  }

  private Path flumesMeta() {
    return harness.directory.resolve(".flumespool/.flumespool-main.meta");
  }

  private void writeFlumesMeta(Path file, long... offsets) throws IOException {
    Files.createDirectories(flumesMeta().getParent());
    try (DataFileWriter<GenericRecord> writer =
        new DataFileWriter<>(new GenericDatumWriter<>(FLUMES))) {
      writer.setMeta("file", file.toString());
      writer.create(FLUMES, flumesMeta().toFile());
      for (long offset : offsets) {
        GenericRecord record = new GenericData.Record(FLUMES);
        record.put("offset", offset);
        writer.append(record);
        writer.sync();
      }
    }
  }

  @Test
  void filesThatComeAreReadAndAStopWaitsForTheAnswers() throws Exception {
    start();
    harness.write("a", "1\n2\n");
    await().until(() -> bodies().equals(List.of("1", "2")));
    await().until(() -> harness.names().equals(List.of("a.COMPLETED")));
    source.stop();
    start();
    harness.write("b", "3\n");
    await().until(() -> bodies().equals(List.of("1", "2", "3")));
  }

  @Test
  void readingGoesOnWhereFlumeStopped() throws Exception {
    Path file = harness.write("a", "one\ntwo\nthree\n");
    writeFlumesMeta(file, 4, 8);
    start();
    await().until(() -> bodies().equals(List.of("three")));
    await().until(() -> !Files.exists(flumesMeta()));

    assertThat(flumesMeta().resolveSibling(".flumespool-main.meta.taken-over")).exists();
  }

  @Test
  void anEmptyOrDamagedPositionOfFlumeHindersNothing() throws Exception {
    Files.createDirectories(flumesMeta().getParent());
    Files.write(flumesMeta(), new byte[0]);
    harness.write("a", "1\n");
    start();
    await().until(() -> bodies().equals(List.of("1")));
    source.stop();
    Files.writeString(flumesMeta(), "garbage");
    harness.write("b", "2\n");
    start();
    await().until(() -> bodies().equals(List.of("1", "2")));
  }

  @Test
  void aPositionOfFlumeBehindTheEndIsOfAnotherFile() throws Exception {
    Path file = harness.write("a", "one\n");
    writeFlumesMeta(file, 400);
    start();
    await().until(() -> bodies().equals(List.of("one")));
  }

  @Test
  void aStopInTheMiddleOfAFileLosesAndRepeatsNothing() throws Exception {
    harness.batchSize = 1;
    harness.write("a", "1\n2\n3\n");
    context.output().hold();
    start();
    await().until(() -> context.output().pending().size() == 3);
    context.output().pending().get(0).accept();
    context.output().pending().get(0).fail(new TransientException("stopping"));
    context.output().pending().get(0).fail(new TransientException("stopping"));
    source.stop();
    context.output().release();
    start();
    await().until(() -> bodies().equals(List.of("1", "2", "3")));
  }

  @Test
  void aMissingDirectoryAndASecondSourceAreAnsweredAndTriedAgain() throws Exception {
    start();
    assertThatThrownBy(() -> harness.options().build(context).start())
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("in use by another source");
    SpoolerHarness other = new SpoolerHarness(temporary.resolve("other"));
    Files.delete(other.directory);
    assertThatThrownBy(() -> other.options().build(context).start())
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("is not there");
  }

  @Test
  void badOptionsAreRefused() {
    harness.includePattern = "(";
    assertThatThrownBy(() -> harness.options())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("'(' is not a regular expression");
  }

  @Test
  void optionsWithoutEffectAreAnswered() {
    harness.deletePolicy = SpoolDirOptions.DeletePolicy.IMMEDIATE;
    assertThat(harness.options().ineffective()).containsKey("trackingPolicy");
    assertThat(harness.options().inputCharset()).isEqualTo(UTF_8);
  }
}
