/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.api.EventBatch;
import io.millrace.connectors.hadoop.SharedHdfs.Shared;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Where events go, and when a file is closed and the next one begun. */
@ExtendWith(SharedHdfs.class)
class HdfsSinkRollTest {
  private static final Object[] TEXT = {"hdfs.fileType", "DataStream"};

  private final Shared hdfs;

  HdfsSinkRollTest(Shared hdfs) {
    this.hdfs = hdfs;
  }

  private static Object[] text(Object... more) {
    List<Object> all = new ArrayList<>(List.of(TEXT));
    all.addAll(List.of(more));
    return all.toArray();
  }

  private List<Integer> linesPerFile(String root) throws Exception {
    List<Integer> counts = new ArrayList<>();
    for (Path file : Run.files(hdfs.files(), root).values()) {
      counts.add((int) new String(Run.bytes(hdfs.files(), file)).lines().count());
    }
    return counts;
  }

  @Test
  void fileHoldsExactlyRollCountEventsWhateverTheBatches() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(Settings.sink(root, text("hdfs.rollCount", "10")))) {
      run.deliver(Run.numbered(0, 25));
      run.deliver(Run.numbered(25, 47));
    }
    assertThat(linesPerFile(root)).containsExactly(10, 10, 10, 10, 7);
    assertThat(Run.lines(hdfs.files(), root)).hasSize(47).startsWith("e0").endsWith("e46");
  }

  @Test
  void fileIsClosedWhenItHasRollSizeBytesOfBodies() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(Settings.sink(root, text("hdfs.rollSize", "10")))) {
      // Two bytes each: five make ten.
      run.deliver(Run.numbered(0, 10));
      assertThat(run.metric("ConnectionCreatedCount")).isEqualTo(2);
      await().until(() -> run.metric("ConnectionClosedCount") == 2);
    }
    assertThat(linesPerFile(root)).containsExactly(5, 5);
  }

  @Test
  void fileIsClosedByAgeAndByIdlenessWithoutTraffic() throws Exception {
    String byAge = hdfs.newRoot();
    String byIdleness = hdfs.newRoot();
    try (Run aged = Run.of("k1", Settings.sink(byAge, text("hdfs.rollInterval", "1")));
        Run idle = Run.of("k2", Settings.sink(byIdleness, text("hdfs.idleTimeout", "1")))) {
      aged.deliver(Run.numbered(0, 3));
      idle.deliver(Run.numbered(0, 3));
      await()
          .atMost(Duration.ofSeconds(30))
          .until(
              () ->
                  aged.metric("ConnectionClosedCount") == 1
                      && idle.metric("ConnectionClosedCount") == 1);
      assertThat(Run.files(hdfs.files(), byAge).keySet()).allMatch(name -> !name.endsWith(".tmp"));
      assertThat(aged.metric("OpenFiles")).isZero();
    }
  }

  @Test
  void eventsAreSplitByPathAndPrefixAndKeepTheirOrder() throws Exception {
    String root = hdfs.newRoot();
    HdfsSinkOptions options =
        Settings.sink(
            root + "/%Y/%{host}",
            text("hdfs.filePrefix", "p-%{app}", "hdfs.timeZone", "UTC", "hdfs.fileSuffix", ".x"));
    try (Run run = Run.of(options)) {
      EventBatch.Builder batch = EventBatch.builder();
      for (int i = 0; i < 300; i++) {
        Map<String, String> headers =
            Map.of(
                "timestamp",
                "1700000000000",
                "host",
                "h" + i % 3,
                "app",
                i % 2 == 0 ? "a" : "../b");
        batch.add(Run.batch(headers, "e" + i).iterator().next());
      }
      assertThat(run.deliver(batch.build()).isFullyDelivered()).isTrue();
    }
    Map<String, Path> files = Run.files(hdfs.files(), root);
    assertThat(files.keySet())
        .hasSize(6)
        .allMatch(name -> name.matches("2023/h[0-2]/p-(a|\\.\\.%2Fb)\\.\\d+\\.x"));
    for (Path file : files.values()) {
      List<Integer> numbers =
          new String(Run.bytes(hdfs.files(), file))
              .lines()
              .map(line -> Integer.valueOf(line.substring(1)))
              .toList();
      assertThat(numbers).hasSize(50).isSorted();
    }
  }

  @Test
  void eventWithoutTimestampIsWrittenUnderTheAgentsTimeAndCounted() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(Settings.sink(root + "/%Y", text()))) {
      assertThat(run.deliver(Run.numbered(0, 3)).isFullyDelivered()).isTrue();
      assertThat(run.metric("EventWithoutTimeCount")).isEqualTo(3);
    }
    assertThat(Run.lines(hdfs.files(), root)).hasSize(3);
  }

  @Test
  void leastRecentlyUsedFileIsClosedBeyondMaxOpenFiles() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(Settings.sink(root + "/%{h}", text("hdfs.maxOpenFiles", "3")))) {
      for (int i = 0; i < 10; i++) {
        run.deliver(Run.batch(Map.of("h", "h" + i), "x"));
      }
      await().until(() -> run.metric("OpenFiles") <= 3);
      await().until(() -> run.metric("ConnectionClosedCount") >= 7);
    }
    assertThat(Run.files(hdfs.files(), root)).hasSize(10);
  }

  @Test
  void manyDeliveriesShareASync() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(Settings.sink(root, text()))) {
      List<CompletableFuture<?>> all = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        all.add(run.send(Run.numbered(i * 10, i * 10 + 10)));
      }
      CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
      assertThat(run.metric("SyncCount")).isLessThan(100);
    }
    List<String> lines = Run.lines(hdfs.files(), root);
    assertThat(lines).hasSize(2000);
    assertThat(Collections.max(lines.stream().map(l -> Integer.valueOf(l.substring(1))).toList()))
        .isEqualTo(1999);
  }

  @Test
  void existingFileOfTheNameIsKept() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(Settings.sink(root, text()))) {
      run.deliver(Run.numbered(0, 3));
      String inUse = Run.files(hdfs.files(), root).keySet().iterator().next();
      Path taken = new Path(root, inUse.replaceAll("(FlumeData\\.\\d+).*", "$1"));
      hdfs.files().create(taken).close();
    }
    Map<String, Path> files = Run.files(hdfs.files(), root);
    assertThat(files).hasSize(2);
    assertThat(linesPerFile(root)).containsExactlyInAnyOrder(0, 3);
  }

  @Test
  void namesInUseAreAsTheOptionsSay() throws Exception {
    String root = hdfs.newRoot();
    HdfsSinkOptions options =
        Settings.sink(
            root,
            text("hdfs.inUsePrefix", "_", "hdfs.inUseSuffix", ".open", "millrace.id", "me_1"));
    try (Run run = Run.of(options)) {
      run.deliver(Run.numbered(0, 1));
      assertThat(Run.files(hdfs.files(), root).keySet())
          .allMatch(name -> name.matches("_FlumeData\\.\\d+\\.me_1-s[0-9a-f]{8}\\.open"));
    }
    String plain = hdfs.newRoot();
    try (Run run = Run.of(Settings.sink(plain, text("hdfs.emptyInUseSuffix", "true")))) {
      run.deliver(Run.numbered(0, 1));
      assertThat(Run.files(hdfs.files(), plain).keySet())
          .allMatch(name -> name.matches("FlumeData\\.\\d+"));
    }
    assertThat(Run.lines(hdfs.files(), plain)).containsExactly("e0");
  }
}
