/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Origin;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records of what was committed: whose are read, and whose are touched. */
class CommitLogTest {
  private static final UUID JOURNAL = new UUID(7, 9);

  @TempDir java.nio.file.Path directory;
  private final ToyContext context = new ToyContext("k1");
  private final CallPool pool =
      new CallPool(2, Duration.ofSeconds(60), context.threads("call"), context);
  private final FileSystem files = new RawLocalFileSystem();

  @BeforeEach
  void open() throws IOException {
    files.initialize(java.net.URI.create("file:///"), new Configuration());
  }

  @AfterEach
  void close() {
    pool.close();
  }

  private interface Work {
    void run(CallPool.Turn turn) throws IOException;
  }

  private static void inTurn(CallPool pool, Work work) throws Exception {
    CompletableFuture<Void> done = new CompletableFuture<>();
    pool.submit(
        new CallPool.Turn(pool) {
          @Override
          void work() {
            try {
              work.run(this);
              done.complete(null);
            } catch (IOException | RuntimeException e) {
              done.completeExceptionally(e);
            }
          }

          @Override
          void abandoned(String message) {
            done.completeExceptionally(new IOException(message));
          }
        });
    done.get(60, TimeUnit.SECONDS);
  }

  private CommitLog log(String mark, String session) {
    return new CommitLog(new Path(directory.toUri()), mark, session);
  }

  private static byte[] record(long from, long to) throws IOException {
    SequenceBits bits = new SequenceBits();
    bits.add(from, to);
    return new CommitRecord(
            new Path("/none/a.tmp"),
            new Path("/none/a"),
            Map.of(new CommitRecord.Lane(JOURNAL, 0), bits))
        .encoded();
  }

  private java.nio.file.Path put(String mark, int number, byte[] bytes) throws IOException {
    java.nio.file.Path run = directory.resolve(mark + "/commits/c00000001");
    Files.createDirectories(run);
    return Files.write(run.resolve(JOURNAL + "." + number + ".commit"), bytes);
  }

  private static Origin origin(long first, int count, long floor) {
    return new Origin(JOURNAL, 0, first, count, 1, floor, false, "");
  }

  private static byte[] half(byte[] whole) {
    return java.util.Arrays.copyOf(whole, whole.length / 2);
  }

  /** Only the front reached the disk, but the file has its length. */
  private static byte[] frontOf(byte[] whole, int bytes) {
    return java.util.Arrays.copyOf(java.util.Arrays.copyOf(whole, bytes), whole.length);
  }

  @Test
  void recordThatAnotherSinkIsAboutToWriteStaysAsItIs() throws Exception {
    java.nio.file.Path whole = put("other", 0, record(0, 5));
    java.nio.file.Path underWay = put("other", 1, half(record(5, 9)));
    CommitLog log = log("me", "c00000002");
    inTurn(pool, turn -> log.learn(turn, files, JOURNAL));
    assertThat(log.had(origin(0, 9, 0)).cardinality()).isEqualTo(5);
    assertThat(underWay).hasBinaryContent(half(record(5, 9)));
    // Nor does it delete what has become of no use: that is for whose it is.
    log.floor(origin(9, 1, 9));
    assertThat(log.takeObsolete()).isEmpty();
    assertThat(whole).exists();
  }

  @Test
  void ownRecordsThatACrashCutOffAreRemovedAndTheOthersCount() throws Exception {
    put("me", 0, record(0, 5));
    put("me", 1, half(record(5, 9)));
    put("me", 2, new byte[0]);
    put("me", 3, new byte[200]);
    // Within the head of gzip's format, within the data, and all but the end.
    put("me", 4, frontOf(record(5, 9), 5));
    put("me", 5, frontOf(record(5, 9), record(5, 9).length / 2));
    put("me", 6, frontOf(record(5, 9), record(5, 9).length - 4));
    CommitLog log = log("me", "c00000002");
    inTurn(pool, turn -> log.recover(turn, files));
    assertThat(log.had(origin(0, 9, 0)).cardinality()).isEqualTo(5);
    try (var left = Files.list(directory.resolve("me/commits/was-c00000001"))) {
      assertThat(left).hasSize(1);
    }
    log.floor(origin(9, 1, 9));
    List<Path> obsolete = log.takeObsolete();
    assertThat(obsolete).hasSize(1);
    assertThat(log.takeObsolete()).isEmpty();
    log.putBack(obsolete);
    assertThat(log.takeObsolete()).isEqualTo(obsolete);
  }

  @Test
  void damagedRecordIsNeitherTakenForTrueNorRemoved() throws Exception {
    byte[] damaged = record(0, 5);
    // In the checksum: elsewhere it may look cut off, which is another case.
    damaged[damaged.length - 8] ^= 0x10;
    put("me", 0, damaged);
    CommitLog log = log("me", "c00000002");
    assertThatThrownBy(() -> inTurn(pool, turn -> log.recover(turn, files)))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining(".0.commit")
        .hasMessageContaining("is damaged");
    java.nio.file.Path moved = directory.resolve("me/commits/was-c00000001");
    assertThat(moved.resolve(JOURNAL + ".0.commit")).hasBinaryContent(damaged);
    // What the guide tells the operator to do.
    Files.delete(moved.resolve(JOURNAL + ".0.commit"));
    inTurn(pool, turn -> log.recover(turn, files));
    assertThat(log.had(origin(0, 5, 0))).isNull();
  }

  @Test
  void thereIsAPlaceForRecordsOnceTheEarlierOnesAreRead() throws Exception {
    CommitLog log = log("me", "c00000002");
    inTurn(
        pool,
        turn -> {
          log.recover(turn, files);
          log.open(turn, files);
        });
    assertThat(directory.resolve("me/commits/c00000002")).isDirectory();
    log.close(files);
    assertThat(directory.resolve("me/commits")).doesNotExist();
  }

  /** Reading all of them takes twice the time that a call has. */
  @Test
  void thereMayBeMoreRecordsOfOthersThanOneCallHasTimeFor() throws Exception {
    for (int i = 0; i < 12; i++) {
      put("other", i, record(i, i + 1));
    }
    FileSystem slow =
        new RawLocalFileSystem() {
          @Override
          public org.apache.hadoop.fs.FSDataInputStream open(Path path, int bufferSize)
              throws IOException {
            java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
            return super.open(path, bufferSize);
          }
        };
    slow.initialize(java.net.URI.create("file:///"), new Configuration());
    CallPool impatient = new CallPool(2, Duration.ofMillis(600), context.threads("call"), context);
    Thread watch =
        new Thread(
            () -> {
              while (!Thread.interrupted()) {
                impatient.watch();
                java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
              }
            });
    watch.start();
    try {
      CommitLog log = log("me", "c00000002");
      // A machine that is busy may let a call be late: what was read is not read again then.
      boolean isDone = false;
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (!isDone && System.nanoTime() - end < 0) {
        try {
          inTurn(impatient, turn -> log.learn(turn, slow, JOURNAL));
          isDone = true;
        } catch (ExecutionException e) {
          isDone = false;
        }
      }
      assertThat(isDone).isTrue();
      assertThat(log.had(origin(0, 12, 0)).cardinality()).isEqualTo(12);
    } finally {
      watch.interrupt();
      watch.join();
      impatient.close();
    }
  }
}
