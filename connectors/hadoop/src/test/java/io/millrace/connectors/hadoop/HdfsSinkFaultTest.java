/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.connectors.hadoop.SharedHdfs.Shared;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Promise 4 and 6 for a store that fails: nothing is released that is not there, and it goes on.
 */
@Tag("long")
@ExtendWith(SharedHdfs.class)
class HdfsSinkFaultTest {
  private final Shared hdfs;

  HdfsSinkFaultTest(Shared hdfs) {
    this.hdfs = hdfs;
  }

  private static HdfsSinkOptions text(String path, Object... more) {
    Object[] settings = {
      "hdfs.fileType", "DataStream",
      "hdfs.callTimeout", "4000",
      "millrace.hadoop.ipc.client.connect.max.retries", "2",
      "millrace.hadoop.ipc.client.connect.retry.interval", "200"
    };
    Object[] all = java.util.Arrays.copyOf(settings, settings.length + more.length);
    System.arraycopy(more, 0, all, settings.length, more.length);
    return Settings.sink(path, all);
  }

  /** As the engine does: what has to be tried again comes again. */
  private static void deliverAll(Run run, EventBatch batch) throws Exception {
    EventBatch left = batch;
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    while (!left.isEmpty()) {
      assertThat(System.nanoTime()).as("time is up").isLessThan(end);
      Outcome outcome = run.sink.deliver(left, Origin.NONE).get(60, TimeUnit.SECONDS);
      EventBatch.Builder again = EventBatch.builder();
      int index = 0;
      for (var event : left) {
        if (outcome.isRetried(index++)) {
          again.add(event);
        }
      }
      left = again.build();
    }
  }

  private static List<String> names(java.nio.file.Path directory) throws IOException {
    try (Stream<java.nio.file.Path> files = java.nio.file.Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private static List<String> numbers(int count) {
    return IntStream.range(0, count).mapToObj(i -> "e" + i).toList();
  }

  @Test
  void writesGoOnAfterTheNameNodeWasAwayForAWhile() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(text(root, "hdfs.rollCount", "10"))) {
      deliverAll(run, Run.numbered(0, 5));
      hdfs.server().stopNameNode();
      CompletableFuture<Outcome> under = run.send(Run.numbered(5, 50));
      hdfs.server().startNameNode();
      Outcome outcome = under.get(60, TimeUnit.SECONDS);
      if (!outcome.isFullyDelivered()) {
        deliverAll(run, Run.numbered(5, 50));
      }
      deliverAll(run, Run.numbered(50, 60));
      await().atMost(Duration.ofSeconds(60)).until(() -> run.metric("PendingCloses") == 0);
    }
    assertThat(Run.lines(hdfs.files(), root)).containsAll(numbers(60));
    assertThat(Run.files(hdfs.files(), root).keySet()).noneMatch(name -> name.endsWith(".tmp"));
  }

  @Test
  void writesGoOnWhenADataNodeDiesInTheMiddle() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(text(root))) {
      deliverAll(run, Run.numbered(0, 50));
      hdfs.server().stopDataNode(1);
      deliverAll(run, Run.numbered(50, 100));
      hdfs.server().stopDataNode(2);
      deliverAll(run, Run.numbered(100, 150));
      assertThat(run.metric("UnderReplicationRollCount")).isPositive();
    } finally {
      hdfs.server().startDataNode(1);
      hdfs.server().startDataNode(2);
    }
    assertThat(Run.lines(hdfs.files(), root)).containsAll(numbers(150));
  }

  @Test
  void safeModeOnlyDelays() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(text(root))) {
      hdfs.server().safeMode(true);
      CompletableFuture<Outcome> under = run.send(Run.numbered(0, 10));
      await().until(() -> run.metric("ConnectionFailedCount") > 0);
      assertThat(under).isNotDone();
      hdfs.server().safeMode(false);
      assertThat(under.get(30, TimeUnit.SECONDS).isFullyDelivered()).isTrue();
    } finally {
      hdfs.server().safeMode(false);
    }
    assertThat(Run.lines(hdfs.files(), root)).hasSize(10);
  }

  @Test
  void fullDirectoryGivesItsEventsBackAndDoesNotStopTheOthers() throws Exception {
    String root = hdfs.newRoot();
    String full = Path.getPathWithoutSchemeAndAuthority(new Path(root, "full")).toString();
    hdfs.server().spaceQuota(full, 1024);
    try (Run run = Run.of(text(root + "/%{h}"))) {
      CompletableFuture<Outcome> stuck = run.send(Run.batch(Map.of("h", "full"), "e0"));
      for (int i = 0; i < 20; i++) {
        assertThat(run.deliver(Run.batch(Map.of("h", "free"), "f" + i)).isFullyDelivered())
            .isTrue();
      }
      assertThat(stuck.get(40, TimeUnit.SECONDS).isRetried(0)).isTrue();
      hdfs.server().spaceQuota(full, -1);
      deliverAll(run, Run.batch(Map.of("h", "full"), "e0"));
    }
    assertThat(Run.lines(hdfs.files(), root + "/full")).containsExactly("e0");
    assertThat(Run.lines(hdfs.files(), root + "/free")).hasSize(20);
  }

  @Test
  void userWithoutTheRightGetsHisEventsBackAndOwnsWhatHeMayWrite() throws Exception {
    String root = hdfs.newRoot();
    hdfs.files().mkdirs(new Path(root));
    hdfs.files().setPermission(new Path(root), new FsPermission((short) 0755));
    try (Run run = Run.of(text(root, "hdfs.proxyUser", "alice"))) {
      assertThat(run.deliver(Run.numbered(0, 1)).retryCount()).isEqualTo(1);
      hdfs.files().setPermission(new Path(root), new FsPermission((short) 0777));
      deliverAll(run, Run.numbered(0, 1));
    }
    Path file = Run.files(hdfs.files(), root).values().iterator().next();
    assertThat(hdfs.files().getFileStatus(file).getOwner()).isEqualTo("alice");
  }

  @Test
  void pathThatHangsHoldsUpNoOther(@TempDir java.nio.file.Path directory) throws Exception {
    String gate = directory.toString();
    HdfsSinkOptions options =
        text(
            "hang://" + directory + "/%{h}/x",
            "hdfs.callTimeout",
            "500",
            "hdfs.threadsPoolSize",
            "1",
            "millrace.hadoop.fs.hang.impl",
            HangingFileSystem.class.getName(),
            "millrace.hadoop.hang.gate",
            gate);
    try (Run run = Run.of(options)) {
      CompletableFuture<Outcome> stuck =
          run.send(
              EventBatch.join(
                  List.of(
                      Run.batch(Map.of("h", "stuck"), "s0"), Run.batch(Map.of("h", "ok"), "o"))));
      for (int i = 0; i < 20; i++) {
        assertThat(run.deliver(Run.batch(Map.of("h", "ok"), "o" + i)).isFullyDelivered()).isTrue();
      }
      await().until(() -> run.metric("CallTimeoutCount") > 0);
      assertThat(run.metric("StuckCalls")).isPositive();
      Outcome outcome = stuck.get(30, TimeUnit.SECONDS);
      assertThat(outcome.isRetried(0)).isTrue();
      assertThat(outcome.isRetried(1)).isFalse();
      HangingFileSystem.gate(gate).countDown();
      deliverAll(run, Run.batch(Map.of("h", "stuck"), "s0"));
      await().atMost(Duration.ofSeconds(30)).until(() -> run.metric("StuckCalls") == 0);
      await().atMost(Duration.ofSeconds(30)).until(() -> run.metric("PendingCloses") == 0);
    }
    assertThat(names(directory.resolve("ok/x"))).hasSize(1);
    // What the calls that hung made when they came back, to nobody, is gone.
    assertThat(names(directory.resolve("stuck/x"))).hasSize(1).noneMatch(n -> n.endsWith(".tmp"));
  }

  @Test
  void stopDoesNotWaitForAStoreThatIsAway() throws Exception {
    String root = hdfs.newRoot();
    Run run = Run.of(text(root, "hdfs.callTimeout", "30000"));
    try {
      deliverAll(run, Run.numbered(0, 5));
      hdfs.server().stopNameNode();
      CompletableFuture<Outcome> under = run.send(Run.batch(Map.of(), "x"));
      long begin = System.nanoTime();
      run.close();
      assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(9));
      assertThat(under).isDone();
    } finally {
      hdfs.server().startNameNode();
    }
    // The next start ends what was left.
    try (Run next = Run.of(text(root))) {
      await()
          .atMost(Duration.ofSeconds(40))
          .until(
              () ->
                  Run.files(hdfs.files(), root).keySet().stream()
                      .noneMatch(name -> name.endsWith(".tmp")));
      assertThat(next.metric("OpenFiles")).isZero();
    }
    assertThat(Run.lines(hdfs.files(), root)).containsAll(numbers(5));
  }
}
