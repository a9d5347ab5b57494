/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.EventBatch;
import io.millrace.api.Outcome;
import io.millrace.connectors.hadoop.SharedHdfs.Shared;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.io.BytesWritable;
import org.apache.hadoop.io.LongWritable;
import org.apache.hadoop.io.SequenceFile;
import org.apache.hadoop.io.Text;
import org.apache.hadoop.io.Writable;
import org.apache.hadoop.io.compress.CompressionCodecFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is in the files, read back with Hadoop's own readers. */
@ExtendWith(SharedHdfs.class)
class HdfsSinkFormatTest {
  private final Shared hdfs;

  HdfsSinkFormatTest(Shared hdfs) {
    this.hdfs = hdfs;
  }

  private Path onlyFile(String root) throws Exception {
    Map<String, Path> files = Run.files(hdfs.files(), root);
    assertThat(files).hasSize(1);
    return files.values().iterator().next();
  }

  @Test
  void textStandsInADataStreamOneALine() throws Exception {
    String root = hdfs.newRoot();
    try (Run run =
        Run.of(Settings.sink(root, "hdfs.fileType", "DataStream", "hdfs.fileSuffix", ".log"))) {
      assertThat(run.deliver(Run.numbered(0, 100)).isFullyDelivered()).isTrue();
      Path open = onlyFile(root);
      assertThat(open.getName())
          .matches("FlumeData\\.\\d+\\.log\\.[0-9a-f]{10}-s[0-9a-f]{8}\\.tmp");
      // Released means that a reader sees it, before the file is closed.
      assertThat(Run.lines(hdfs.files(), root)).hasSize(100).startsWith("e0", "e1");
      run.deliver(Run.numbered(100, 150));
    }
    assertThat(onlyFile(root).getName()).matches("FlumeData\\.\\d+\\.log");
    assertThat(Run.lines(hdfs.files(), root)).hasSize(150).endsWith("e148", "e149");
    assertThat(hdfs.files().exists(new Path(root, ".millrace"))).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "gzip,.gz",
    "GzipCodec,.gz",
    "bzip2,.bz2",
    "snappy,.snappy",
    "lz4,.lz4",
    "deflate,.deflate",
    "org.apache.hadoop.io.compress.DefaultCodec,.deflate",
    "zstd,.zst"
  })
  void compressedStreamIsReadBackWhole(String codec, String extension) throws Exception {
    String root = hdfs.newRoot();
    try (Run run =
        Run.of(Settings.sink(root, "hdfs.fileType", "CompressedStream", "hdfs.codeC", codec))) {
      for (int i = 0; i < 5; i++) {
        // Each delivery is synced: a member of its own.
        run.deliver(Run.numbered(i * 1000, (i + 1) * 1000));
      }
    }
    Path file = onlyFile(root);
    assertThat(file.getName()).endsWith(extension);
    assertThat(lines(file, codec)).hasSize(5000).startsWith("e0").endsWith("e4999");
  }

  private List<String> lines(Path file, String codec) throws Exception {
    Configuration configuration = hdfs.server().clientConfiguration();
    try (InputStream raw = hdfs.files().open(file);
        InputStream in =
            codec.equals("zstd")
                ? new ZstdCodec().createInputStream(raw)
                : new CompressionCodecFactory(configuration)
                    .getCodec(file)
                    .createInputStream(raw)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "gzip", "bzip2", "snappy", "lz4", "deflate"})
  void sequenceFileHasTimeAndBytes(String codec) throws Exception {
    String root = hdfs.newRoot();
    Object[] settings = codec.isEmpty() ? new Object[] {} : new Object[] {"hdfs.codeC", codec};
    try (Run run = Run.of(Settings.sink(root, settings))) {
      run.deliver(Run.batch(Map.of("timestamp", "1700000000000"), "one", "two"));
      // What was synced can be read from the open file.
      assertThat(records(onlyFile(root), new BytesWritable())).hasSize(2);
      run.deliver(Run.batch(Map.of(), "three"));
    }
    List<String> records = records(onlyFile(root), new BytesWritable());
    assertThat(records).hasSize(3);
    assertThat(records.get(0)).isEqualTo("1700000000000 one");
    assertThat(records.get(1)).isEqualTo("1700000000000 two");
    assertThat(records.get(2)).endsWith(" three");
  }

  @Test
  void sequenceFileOfTextHasTexts() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(Settings.sink(root, "hdfs.writeFormat", "Text"))) {
      run.deliver(Run.batch(Map.of("timestamp", "5"), "ä"));
    }
    assertThat(records(onlyFile(root), new Text())).containsExactly("5 ä");
  }

  private List<String> records(Path file, Writable value) throws Exception {
    List<String> records = new ArrayList<>();
    LongWritable key = new LongWritable();
    try (SequenceFile.Reader reader =
        new SequenceFile.Reader(
            hdfs.server().clientConfiguration(), SequenceFile.Reader.file(file))) {
      while (reader.next(key, value)) {
        String text =
            value instanceof BytesWritable bytes
                ? new String(bytes.copyBytes(), StandardCharsets.UTF_8)
                : value.toString();
        records.add(key.get() + " " + text);
      }
    }
    return records;
  }

  @Test
  void codecThatCannotWorkIsRefusedWithWhatCan() {
    assertThatThrownBy(
            () -> new HdfsSink(new ToyContext("k1"), Settings.sink("/x", "hdfs.codeC", "zstd")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("native library");
    assertThatThrownBy(
            () -> new HdfsSink(new ToyContext("k1"), Settings.sink("/x", "hdfs.codeC", "lzop")))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("gzip, bzip2");
  }

  @Test
  void localFilesAreWrittenAsWell(@org.junit.jupiter.api.io.TempDir java.nio.file.Path directory)
      throws Exception {
    String root = directory.toUri().toString();
    try (Run run = Run.of(Settings.sink(root + "%{h}", "hdfs.fileType", "DataStream"))) {
      run.deliver(Run.batch(Map.of("h", "web"), "one"));
      try (var files = java.nio.file.Files.list(directory.resolve("web"))) {
        assertThat(files.map(java.nio.file.Files::isRegularFile)).containsExactly(true);
      }
    }
    try (var files = java.nio.file.Files.list(directory.resolve("web"))) {
      java.nio.file.Path file = files.findFirst().orElseThrow();
      assertThat(file.getFileName().toString()).matches("FlumeData\\.\\d+");
      assertThat(java.nio.file.Files.readString(file)).isEqualTo("one\n");
    }
  }

  @Test
  void eventWhoseFileCannotHaveItsPathIsRejectedAndHoldsUpNoOther() throws Exception {
    String root = hdfs.newRoot();
    String deep = "d/".repeat(1100) + "d";
    String wide = ("w".repeat(150) + "/").repeat(60) + "w";
    try (Run run = Run.of(Settings.sink(root + "/%{h}", "hdfs.fileType", "DataStream"))) {
      Outcome outcome =
          run.deliver(
              EventBatch.join(
                  List.of(
                      Run.batch(Map.of("h", "good"), "e0"),
                      Run.batch(Map.of("h", deep), "e1", "e2"),
                      Run.batch(Map.of("h", wide), "e3"),
                      Run.batch(Map.of("h", "good"), "e4"))));
      assertThat(outcome.retryCount()).isZero();
      assertThat(outcome.rejections()).containsOnlyKeys(1, 2, 3);
      assertThat(outcome.rejections().get(1)).contains("levels (expected: at most 1000)");
      assertThat(outcome.rejections().get(3)).contains("characters (expected: at most 8000)");
      assertThat(run.deliver(Run.batch(Map.of("h", deep), "e5")).rejections()).containsOnlyKeys(0);
    }
    assertThat(Run.lines(hdfs.files(), root)).containsExactly("e0", "e4");
  }

  @ParameterizedTest
  @ValueSource(strings = {"255", "0"})
  void nameThatTheNameNodeDoesNotTakeRejectsItsEvent(String limitThatTheClientKnows)
      throws Exception {
    String root = hdfs.newRoot();
    Object[] settings = {
      "hdfs.fileType",
      "DataStream",
      "hdfs.filePrefix",
      "%{h}",
      "hdfs.fileSuffix",
      "-" + "s".repeat(40),
      "millrace.id",
      "i".repeat(40),
      "millrace.hadoop.dfs.namenode.fs-limits.max-component-length",
      limitThatTheClientKnows
    };
    try (Run run = Run.of(Settings.sink(root, settings))) {
      Outcome outcome = run.deliver(Run.batch(Map.of("h", "p".repeat(170)), "e0"));
      assertThat(outcome.rejections()).containsOnlyKeys(0);
      assertThat(outcome.rejections().get(0)).containsAnyOf("at most 255", "the name node");
      assertThat(run.deliver(Run.batch(Map.of("h", "p"), "e1")).isFullyDelivered()).isTrue();
    }
    assertThat(Run.lines(hdfs.files(), root)).containsExactly("e1");
  }
}
