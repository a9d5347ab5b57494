/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.connectors.hadoop.SharedHdfs.Shared;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** What becomes of the files of an agent that died, and of events that come again. */
@ExtendWith(SharedHdfs.class)
class HdfsSinkCrashTest {
  private static final UUID JOURNAL = new UUID(7, 9);

  private final Shared hdfs;

  HdfsSinkCrashTest(Shared hdfs) {
    this.hdfs = hdfs;
  }

  private static Origin again(long first, int count, long floor) {
    return new Origin(JOURNAL, 0, first, count, 1, floor, false, "");
  }

  private HdfsSinkOptions options(String root, String release, Object... more) {
    Object[] settings = {
      "hdfs.fileType", "DataStream", "millrace.release", release, "millrace.id", "me"
    };
    Object[] all = java.util.Arrays.copyOf(settings, settings.length + more.length);
    System.arraycopy(more, 0, all, settings.length, more.length);
    return Settings.sink(root, all);
  }

  /** A file as a dead writer leaves it: open, under a lease, with bytes that were synced. */
  private void leaveOpen(String root, String name, String text) throws Exception {
    FileSystem dead = hdfs.server().newFileSystem();
    FSDataOutputStream out = dead.create(new Path(root, name));
    out.writeBytes(text);
    out.hflush();
    Path marks = new Path(root, ".millrace/me/directories/0011");
    try (FSDataOutputStream mark = hdfs.files().create(marks)) {
      mark.writeBytes(root);
    }
    // Not closed: the lease stays with a client that never comes back.
  }

  @Test
  void fileOfADeadWriterIsRecoveredAndRenamed() throws Exception {
    String root = hdfs.newRoot();
    leaveOpen(root, "FlumeData.17.me-s00000001.tmp", "old\n");
    leaveOpen(root, "FlumeData.18.other-s00000001.tmp", "not ours\n");
    try (Run run = Run.of(options(root, "sync"))) {
      await().atMost(Duration.ofSeconds(40)).until(() -> run.metric("FileRecoveredCount") == 1);
      run.deliver(Run.numbered(0, 1));
    }
    Map<String, Path> files = Run.files(hdfs.files(), root);
    assertThat(files.keySet())
        .hasSize(3)
        .contains("FlumeData.17", "FlumeData.18.other-s00000001.tmp");
    assertThat(new String(Run.bytes(hdfs.files(), files.get("FlumeData.17")))).isEqualTo("old\n");
    assertThat(hdfs.files().exists(new Path(root, ".millrace/me"))).isFalse();
  }

  @Test
  void fileWhoseEventsComeAgainIsRemoved() throws Exception {
    String root = hdfs.newRoot();
    leaveOpen(root, "FlumeData.17.me-c00000001.tmp", "again\n");
    try (Run run = Run.of(options(root, "close"))) {
      await().atMost(Duration.ofSeconds(40)).until(() -> run.metric("FileDiscardedCount") == 1);
    }
    assertThat(Run.files(hdfs.files(), root)).isEmpty();
  }

  @Test
  void eventsAreReleasedWhenTheirFileHasItsName() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(options(root, "close", "hdfs.rollCount", "10"))) {
      CompletableFuture<Outcome> held = run.sink.deliver(Run.numbered(0, 5), again(0, 5, 0));
      assertThatThrownBy(() -> held.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
      run.deliver(Run.numbered(5, 10), again(5, 5, 0));
      assertThat(held.get(10, TimeUnit.SECONDS).isFullyDelivered()).isTrue();
      assertThat(Run.files(hdfs.files(), root).keySet()).allMatch(n -> n.matches("FlumeData.\\d+"));
    }
  }

  @Test
  void eventsThatAreInAFileAreNotWrittenAgainByTheNextRun() throws Exception {
    String root = hdfs.newRoot();
    HdfsSinkOptions options = options(root, "close", "hdfs.rollCount", "10");
    try (Run run = Run.of(options)) {
      run.deliver(Run.numbered(0, 10), again(0, 10, 0));
    }
    // The acknowledgement was not synced: the events come again, cut anew, with others behind.
    try (Run run = Run.of(options)) {
      CompletableFuture<Outcome> outcome = run.sink.deliver(Run.numbered(5, 25), again(5, 20, 0));
      await().until(() -> run.metric("EventDuplicateCount") == 5);
      run.sink.stop();
      assertThat(outcome.get(10, TimeUnit.SECONDS).isFullyDelivered()).isTrue();
    }
    assertThat(Run.lines(hdfs.files(), root)).hasSize(25).doesNotHaveDuplicates();
  }

  @Test
  void committedFileIsRenamedByTheNextRunAndItsEventsCount() throws Exception {
    String root = hdfs.newRoot();
    Path inUse = new Path(root, "FlumeData.17.me-c00000001.tmp");
    Path whole = new Path(root, "FlumeData.17");
    try (FSDataOutputStream out = hdfs.files().create(inUse)) {
      out.writeBytes("e0\ne1\n");
    }
    SequenceBits bits = new SequenceBits();
    bits.add(0, 2);
    CommitRecord record =
        new CommitRecord(inUse, whole, Map.of(new CommitRecord.Lane(JOURNAL, 0), bits));
    CommitLog dead = new CommitLog(new Path(root, ".millrace"), "me", "c00000001");
    hdfs.files().mkdirs(new Path(root, ".millrace/me/commits/c00000001"));
    dead.commit(hdfs.files(), dead.pathFor(record), record);
    try (Run run = Run.of(options(root, "close", "hdfs.rollCount", "1"))) {
      assertThat(run.deliver(Run.numbered(0, 3), again(0, 3, 0)).isFullyDelivered()).isTrue();
      assertThat(run.metric("EventDuplicateCount")).isEqualTo(2);
    }
    assertThat(Run.lines(hdfs.files(), root)).containsExactlyInAnyOrder("e0", "e1", "e2");
    // A thread of the dead run that wakes up now must not claim anything.
    assertThatThrownBy(() -> dead.commit(hdfs.files(), dead.pathFor(record), record))
        .isInstanceOf(java.io.IOException.class);
  }

  @Test
  void recordCutByTheCrashDoesNotCount() throws Exception {
    String root = hdfs.newRoot();
    Path torn = new Path(root, ".millrace/me/commits/c00000001/" + JOURNAL + ".0.commit");
    SequenceBits bits = new SequenceBits();
    bits.add(0, 2);
    byte[] bytes =
        new CommitRecord(
                new Path(root, "a"),
                new Path(root, "b"),
                Map.of(new CommitRecord.Lane(JOURNAL, 0), bits))
            .encoded();
    try (FSDataOutputStream out = hdfs.files().create(torn)) {
      out.write(bytes, 0, bytes.length - 12);
    }
    try (Run run = Run.of(options(root, "close", "hdfs.rollCount", "2"))) {
      assertThat(run.deliver(Run.numbered(0, 2), again(0, 2, 0)).isFullyDelivered()).isTrue();
      assertThat(run.metric("EventDuplicateCount")).isZero();
    }
    assertThat(Run.lines(hdfs.files(), root)).containsExactly("e0", "e1");
  }

  @Test
  void anotherSinkOfTheChannelKnowsWhatTheFirstCommitted() throws Exception {
    String root = hdfs.newRoot();
    try (Run run = Run.of(options(root, "close", "hdfs.rollCount", "2"))) {
      run.deliver(Run.numbered(0, 2), again(0, 2, 0));
    }
    HdfsSinkOptions other = options(root, "close", "hdfs.rollCount", "2", "millrace.id", "other");
    try (Run run = Run.of("k2", other)) {
      assertThat(run.deliver(Run.numbered(0, 4), again(0, 4, 0)).isFullyDelivered()).isTrue();
    }
    assertThat(Run.lines(hdfs.files(), root)).hasSize(4).doesNotHaveDuplicates();
  }

  @Test
  void freshEventsAreNeverTakenForOldOnes() throws Exception {
    String root = hdfs.newRoot();
    HdfsSinkOptions options = options(root, "close", "hdfs.rollCount", "2");
    EventBatch batch = Run.numbered(0, 2);
    try (Run run = Run.of(options)) {
      run.deliver(batch, again(0, 2, 0));
      Origin fresh = new Origin(JOURNAL, 0, 0, 2, 2, 0, true, "");
      run.deliver(batch, fresh);
    }
    assertThat(Run.lines(hdfs.files(), root)).hasSize(4);
  }

  @Test
  void bytesHeldInOpenFilesAreBounded() throws Exception {
    String root = hdfs.newRoot();
    HdfsSinkOptions options = options(root, "close", "millrace.maxBytesInFlight", "1MiB");
    String[] bodies = new String[100];
    java.util.Arrays.fill(bodies, "x".repeat(2000));
    EventBatch batch = Run.batch(Map.of(), bodies);
    try (Run run = Run.of(options)) {
      for (int i = 0; i < 20; i++) {
        run.sink.deliver(batch, again(i * 100L, 100, 0));
        assertThat(run.metric("BytesInFlight")).isLessThan(2 << 20);
      }
      assertThat(run.metric("ConnectionClosedCount")).isPositive();
    }
    assertThat(Run.lines(hdfs.files(), root)).hasSize(2000);
  }

  @Test
  void wholeFileWhoseNameAHeaderMadeLikeALeftoverIsKept() throws Exception {
    String root = hdfs.newRoot();
    Object[] settings = {"hdfs.filePrefix", "%{h}", "hdfs.rollCount", "1"};
    try (Run run = Run.of(options(root, "sync", settings))) {
      run.deliver(Run.batch(Map.of("h", "x.me-c00000001.tmp"), "kept"));
      await().atMost(Duration.ofSeconds(60)).until(() -> run.metric("PendingCloses") == 0);
    }
    // As after a crash: the next start looks into the directory.
    try (FSDataOutputStream mark =
        hdfs.files().create(new Path(root, ".millrace/me/directories/0011"))) {
      mark.writeBytes(root);
    }
    try (Run run = Run.of(options(root, "sync", settings))) {
      Path note = new Path(root, ".millrace/me/directories/0011");
      await().atMost(Duration.ofSeconds(60)).until(() -> !hdfs.files().exists(note));
    }
    assertThat(Run.lines(hdfs.files(), root)).containsExactly("kept");
  }
}
