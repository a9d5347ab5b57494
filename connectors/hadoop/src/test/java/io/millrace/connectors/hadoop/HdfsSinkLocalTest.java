/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.api.Outcome;
import io.millrace.api.TransientException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocalFileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the sink has to do itself on a disk of this machine, where HDFS does it for its clients. */
class HdfsSinkLocalTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final UnaryOperator<Path> NONE_INSTEAD = path -> path;

  @TempDir java.nio.file.Path directory;
  private final FileSystem raw = new RawLocalFileSystem();
  private final String name = UUID.randomUUID().toString();

  @BeforeEach
  void open() throws IOException {
    raw.initialize(java.net.URI.create("file:///"), new Configuration());
  }

  private Path path(String file) {
    return new Path(directory.resolve(file).toUri());
  }

  private HdfsSinkOptions options(String root, Object... more) {
    Object[] settings = {
      "hdfs.fileType",
      "DataStream",
      "millrace.hadoop.fs.watched.impl",
      WatchedFileSystem.class.getName(),
      "millrace.hadoop.watched.name",
      name
    };
    Object[] all = java.util.Arrays.copyOf(settings, settings.length + more.length);
    System.arraycopy(more, 0, all, settings.length, more.length);
    return Settings.sink(root, all);
  }

  @Test
  void fileSystemWhoseClientIsMissingIsAnsweredWithThePlaceForIt() {
    HdfsSinkOptions options = Settings.sink("abfs://container@account.example.org/logs");

    assertThatThrownBy(() -> Run.of(options))
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("abfs")
        .hasMessageContaining("hadoop/libext");
  }

  private List<String> calls(String file) {
    List<String> calls = WatchedFileSystem.calls(name);
    synchronized (calls) {
      return calls.stream()
          .filter(call -> call.startsWith(file))
          .map(call -> call.substring(call.lastIndexOf(' ') + 1))
          .toList();
    }
  }

  private List<String> names(String below) throws IOException {
    try (Stream<java.nio.file.Path> files = Files.list(directory.resolve(below))) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(file -> !file.startsWith("."))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DataStream, hsync",
    "DataStream, hflush",
    "CompressedStream, hsync",
    "SequenceFile, hsync"
  })
  void everythingInAFileIsSyncedBeforeItIsClosed(String type, String sync) throws Exception {
    Object[] settings =
        type.equals("CompressedStream")
            ? new Object[] {"hdfs.fileType", type, "hdfs.codeC", "gzip"}
            : new Object[] {"hdfs.fileType", type};
    Object[] all = java.util.Arrays.copyOf(settings, settings.length + 6);
    all[settings.length] = "millrace.release";
    all[settings.length + 1] = "close";
    all[settings.length + 2] = "hdfs.rollCount";
    all[settings.length + 3] = "3";
    all[settings.length + 4] = "millrace.sync";
    all[settings.length + 5] = sync;
    try (Run run = Run.of(options("watched://" + directory + "/out", all))) {
      assertThat(run.deliver(Run.numbered(0, 3)).isFullyDelivered()).isTrue();
    }
    assertThat(names("out")).hasSize(1).noneMatch(file -> file.endsWith(".tmp"));
    List<String> calls = calls("FlumeData");
    assertThat(calls).contains("write");
    assertThat(calls.subList(calls.lastIndexOf("write") + 1, calls.size()))
        .startsWith("hsync")
        .contains("close");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sinksThatMeetInTheSameNamesLoseNoFile(boolean isChecksummed) throws Exception {
    int count = 300;
    LocalFileSystem local = new LocalFileSystem();
    local.initialize(java.net.URI.create("file:///"), new Configuration());
    FileSystem files = isChecksummed ? local : raw;
    TreeSet<String> expected = new TreeSet<>();
    for (String sink : List.of("x", "y")) {
      for (int i = 0; i < count; i++) {
        try (var out = files.create(path("f." + i + "." + sink + ".tmp"))) {
          out.writeBytes(sink + i);
        }
        expected.add(sink + i);
      }
    }
    CyclicBarrier together = new CyclicBarrier(2);
    List<Thread> threads =
        Stream.of("x", "y")
            .map(
                sink ->
                    new Thread(
                        () -> {
                          try {
                            for (int i = 0; i < count; i++) {
                              together.await(60, TimeUnit.SECONDS);
                              Renames.toFreeName(
                                  files,
                                  path("f." + i + "." + sink + ".tmp"),
                                  path("f." + i),
                                  NONE_INSTEAD);
                            }
                          } catch (Exception e) {
                            throw new IllegalStateException(e);
                          }
                        }))
            .toList();
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    TreeSet<String> texts = new TreeSet<>();
    for (String file : names(".")) {
      // By the file system: it looks at the checksums, where there are any.
      try (var in = files.open(path(file))) {
        texts.add(new String(in.readAllBytes()));
      }
    }
    assertThat(texts).isEqualTo(expected);
    assertThat(names(".")).noneMatch(file -> file.endsWith(".tmp"));
  }

  @Test
  void nameThatARunGaveBeforeItDiedIsKept() throws Exception {
    Files.writeString(directory.resolve("a.1"), "another's");
    Files.writeString(directory.resolve("a.1.tmp"), "ours");
    // The name was taken, so the file got another one; then the agent died.
    Files.createLink(directory.resolve("a.2"), directory.resolve("a.1.tmp"));
    Path named = Renames.toFreeName(raw, path("a.1.tmp"), path("a.1"), NONE_INSTEAD);
    assertThat(named.getName()).isEqualTo("a.2");
    assertThat(names(".")).containsExactly("a.1", "a.2");
    assertThat(Renames.toFreeName(raw, path("a.1.tmp"), path("a.2"), NONE_INSTEAD).getName())
        .as("done before is done")
        .isEqualTo("a.2");
  }

  @Test
  void sinksWithoutNamesInUseNeverWriteIntoOneFile() throws Exception {
    Files.writeString(directory.resolve("taken"), "another's");
    FileFormat format =
        new FileFormat(
            Settings.sink("/x", "hdfs.fileType", "DataStream", "hdfs.emptyInUseSuffix", "true"),
            new Configuration());
    FileSystem blind =
        new RawLocalFileSystem() {
          @Override
          public boolean exists(Path path) {
            // As if the other one came a moment later.
            return false;
          }
        };
    blind.initialize(java.net.URI.create("file:///"), new Configuration());
    org.assertj.core.api.Assertions.assertThatThrownBy(
            () -> format.create(blind, path("taken"), false))
        .isInstanceOf(IOException.class);
    assertThat(Files.readString(directory.resolve("taken"))).isEqualTo("another's");
  }

  @Test
  void fileWhoseCreationGotNoAnswerIsRemoved() throws Exception {
    Run run = Run.of(options("watched://" + directory + "/lost/x"));
    try {
      Outcome outcome = run.deliver(Run.numbered(0, 1));
      assertThat(outcome.isFullyDelivered()).isTrue();
      assertThat(calls("FlumeData").stream().filter("create"::equals)).hasSize(2);
      await().atMost(LIMIT).until(() -> names("lost/x").size() == 1);
    } finally {
      run.close();
    }
    assertThat(names("lost/x")).hasSize(1).noneMatch(file -> file.endsWith(".tmp"));
  }

  @Test
  void streamOfAFileThatWasGivenUpIsClosed() throws Exception {
    Run run = Run.of(options("watched://" + directory + "/broken/x"));
    try {
      assertThat(run.deliver(Run.numbered(0, 1)).isFullyDelivered()).isTrue();
      assertThat(run.deliver(Run.numbered(1, 2)).isFullyDelivered()).isTrue();
      String first = WatchedFileSystem.calls(name).get(0);
      String broken = first.substring(0, first.indexOf(':'));
      await().atMost(LIMIT).until(() -> calls(broken).contains("close"));
      await().atMost(LIMIT).until(() -> run.metric("PendingCloses") == 0);
    } finally {
      run.close();
    }
    String all =
        names("broken/x").stream()
            .map(
                file -> {
                  try {
                    return Files.readString(directory.resolve("broken/x").resolve(file));
                  } catch (IOException e) {
                    throw new IllegalStateException(e);
                  }
                })
            .reduce("", String::concat);
    assertThat(all.lines()).contains("e0", "e1");
    assertThat(names("broken/x")).hasSize(2).noneMatch(file -> file.endsWith(".tmp"));
  }

  /** A stream fails when it is closed, or, where a file begins with something, at once. */
  @ParameterizedTest
  @ValueSource(strings = {"DataStream", "SequenceFile"})
  void objectThatWasGivenUpIsNotStoredAfterwards(String type) throws Exception {
    String root = "watched://" + directory + "/objects/x";
    Run run = Run.of(options(root, "hdfs.fileType", type, "hdfs.rollCount", "1"));
    try {
      assertThat(run.deliver(Run.numbered(0, 1)).isFullyDelivered()).isTrue();
      String first = WatchedFileSystem.calls(name).get(0);
      String broken = first.substring(0, first.indexOf(':'));
      await().atMost(LIMIT).until(() -> calls(broken).contains("abort"));
      assertThat(calls(broken)).doesNotContain("close");
      await().atMost(LIMIT).until(() -> run.metric("PendingCloses") == 0);
    } finally {
      run.close();
    }
    assertThat(names("objects/x")).hasSize(1).noneMatch(file -> file.endsWith(".tmp"));
  }

  @Test
  void eventWhosePathIsTooLongForADiskIsRejected() throws Exception {
    String deep =
        IntStream.range(0, 60).mapToObj(i -> "d".repeat(100)).reduce("a", (a, b) -> a + "/" + b);
    try (Run run =
        Run.of(Settings.sink("file://" + directory + "/%{h}", "hdfs.fileType", "DataStream"))) {
      Outcome outcome = run.deliver(Run.batch(Map.of("h", deep), "e"));
      assertThat(outcome.rejections().get(0)).contains("4095");
      assertThat(run.deliver(Run.batch(Map.of("h", "a"), "e")).isFullyDelivered()).isTrue();
    }
  }
}
