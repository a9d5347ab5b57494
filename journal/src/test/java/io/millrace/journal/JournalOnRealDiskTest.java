/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static io.millrace.journal.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.NioDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(300)
class JournalOnRealDiskTest {
  private static final int RECORD_BYTES = 16;

  @TempDir Path directory;

  private final ConcurrentLinkedQueue<JournalEvent> events = new ConcurrentLinkedQueue<>();

  private JournalOptions options(int laneCount) {
    List<Path> lanes = new ArrayList<>();
    for (int i = 0; i < laneCount; i++) {
      lanes.add(directory.resolve("lane" + i));
    }
    return JournalOptions.in(directory.resolve("checkpoint"), lanes)
        .segmentBytes(256 * 1024)
        .reserveBytes(0)
        .build();
  }

  Disk disk() {
    return new NioDisk();
  }

  private Journal open(int laneCount) {
    return Journal.open(options(laneCount), disk(), events::add);
  }

  @Test
  void aChunkTellsTheAppendedArrayFromOneThatWasReadBack() throws Exception {
    byte[] payload = records(0, 10);
    try (Journal journal = open(1)) {
      journal.append(payload, 0, payload.length, 10).get(60, TimeUnit.SECONDS);
      Chunk chunk = journal.poll(10, Long.MAX_VALUE).chunks().get(0);
      assertThat(chunk.isAsAppended()).isTrue();
      assertThat(chunk.array()).isSameAs(payload);
    }
    try (Journal journal = open(1)) {
      Chunk chunk = journal.poll(10, Long.MAX_VALUE).chunks().get(0);
      assertThat(chunk.isAsAppended()).isFalse();
      assertThat(chunk.array()).isEqualTo(payload);
    }
  }

  @Test
  void recordsSurviveReopeningUntilTheyAreAcknowledged() throws Exception {
    try (Journal journal = open(1)) {
      journal.append(records(0, 10), 0, 10 * RECORD_BYTES, 10).get(60, TimeUnit.SECONDS);
      journal.append(records(10, 5), 0, 5 * RECORD_BYTES, 5).get(60, TimeUnit.SECONDS);
      Lease lease = journal.poll(12, Long.MAX_VALUE);
      assertThat(valuesOf(lease)).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
      lease.acknowledge(0, 3);
      lease.acknowledge(5, 7);
    }
    try (Journal journal = open(1)) {
      assertThat(journal.recordCount()).isEqualTo(10);
      assertThat(valuesOf(journal.poll(100, Long.MAX_VALUE))).containsExactly(3L, 4L);
      assertThat(valuesOf(journal.poll(100, Long.MAX_VALUE)))
          .containsExactly(7L, 8L, 9L, 10L, 11L, 12L, 13L, 14L);
      assertThat(journal.poll(100, Long.MAX_VALUE)).isNull();
    }
  }

  @Test
  void aSecondJournalOnTheSameDirectoriesIsRefusedAndHarmsNothing() throws Exception {
    try (Journal journal = open(1)) {
      for (int attempt = 0; attempt < 2; attempt++) {
        assertThatThrownBy(() -> open(1))
            .isInstanceOfSatisfying(
                JournalException.class,
                e -> assertThat(e.code()).isEqualTo(JournalException.Code.LOCKED));
      }
      journal.append(records(0, 1), 0, RECORD_BYTES, 1).get(60, TimeUnit.SECONDS);
    }
    try (Journal journal = open(1)) {
      assertThat(journal.recordCount()).isEqualTo(1);
    }
  }

  /** Goal: nothing lost or doubled between threads. Method: every record carries its number. */
  @Test
  void concurrentAppendersAndConsumersSeeEveryRecordOnce() throws Exception {
    int appenders = 3;
    int framesEach = 400;
    int recordsPerFrame = 20;
    int total = appenders * framesEach * recordsPerFrame;
    Set<Long> seen = ConcurrentHashMap.newKeySet();
    try (Journal journal = open(2)) {
      List<Thread> threads = new ArrayList<>();
      for (int i = 0; i < appenders; i++) {
        int appender = i;
        threads.add(
            new Thread(
                () -> {
                  List<CompletableFuture<Void>> futures = new ArrayList<>();
                  for (int frame = 0; frame < framesEach; frame++) {
                    long first = ((long) appender * framesEach + frame) * recordsPerFrame;
                    byte[] payload = records(first, recordsPerFrame);
                    futures.add(journal.append(payload, 0, payload.length, recordsPerFrame));
                  }
                  futures.forEach(CompletableFuture::join);
                }));
      }
      for (int i = 0; i < 2; i++) {
        boolean releasesSome = i == 0;
        threads.add(new Thread(() -> consume(journal, seen, total, releasesSome)));
      }
      threads.forEach(Thread::start);
      for (Thread thread : threads) {
        thread.join();
      }
      assertThat(seen).hasSize(total);
      assertThat(journal.recordCount()).isZero();
    }
    try (Journal journal = open(2)) {
      assertThat(journal.recordCount()).isZero();
    }
  }

  private static void consume(Journal journal, Set<Long> seen, int total, boolean releasesSome) {
    int turn = 0;
    while (seen.size() < total) {
      try {
        journal.awaitRecords(TimeUnit.MILLISECONDS.toNanos(50));
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      Lease lease = journal.poll(150, 4096);
      if (lease != null) {
        if (releasesSome && turn++ % 3 == 0) {
          lease.release();
        } else {
          for (long value : valuesOf(lease)) {
            if (!seen.add(value)) {
              throw new AssertionError("record " + value + " was handed out again");
            }
          }
          lease.acknowledge();
        }
      }
    }
  }

  /** Goal: files, threads and locks as they are. Method: each directory goes, one at a time. */
  @Test
  void withTwoCopiesEitherDirectoryMayBeDeletedWhileTheJournalRuns() throws Exception {
    JournalOptions options =
        JournalOptions.in(
                directory.resolve("checkpoint"),
                List.of(directory.resolve("lane0"), directory.resolve("lane1")))
            .copies(2)
            .segmentBytes(64 * 1024)
            .reserveBytes(0)
            .tailCacheBytes(0)
            .retryInterval(Duration.ofMillis(20))
            .build();
    int frames = 0;
    try (Journal journal = Journal.open(options, disk(), events::add)) {
      for (int lost = 0; lost < 2; lost++) {
        for (int i = 0; i < 40; i++) {
          appendFrame(journal, frames++);
        }
        await().until(() -> journal.statistics().total(LaneStatistics::copiesInSync) == 4);
        events.clear();
        Path gone = directory.resolve("lane" + lost + ".gone");
        Files.move(directory.resolve("lane" + lost), gone);
        delete(gone);
        for (int i = 0; i < 40; i++) {
          appendFrame(journal, frames++);
        }
        await()
            .until(
                () ->
                    lanesBroughtInSync().size() == 2
                        && journal.statistics().total(LaneStatistics::copiesInSync) == 4);
      }
    }
    delete(directory.resolve("lane1"));
    try (Journal journal = Journal.open(options, disk(), events::add)) {
      assertThat(journal.recordCount()).isEqualTo(10L * frames);
      TreeSet<Long> seen = new TreeSet<>();
      for (Lease lease = journal.poll(1000, 1 << 20);
          lease != null;
          lease = journal.poll(1000, 1 << 20)) {
        seen.addAll(valuesOf(lease));
        lease.acknowledge();
      }
      assertThat(seen).hasSize(10 * frames);
      await().until(() -> journal.statistics().total(LaneStatistics::copiesInSync) == 4);
    }
    assertThat(events).noneMatch(JournalEvent.RecordsLost.class::isInstance);
  }

  private Set<Integer> lanesBroughtInSync() {
    return events.stream()
        .filter(JournalEvent.CopyInSync.class::isInstance)
        .map(event -> ((JournalEvent.CopyInSync) event).laneIndex())
        .collect(Collectors.toSet());
  }

  private static void appendFrame(Journal journal, int number) throws Exception {
    byte[] payload = Arrays.copyOf(records(10L * number, 10), 10 * RECORD_BYTES);
    journal.append(payload, 0, payload.length, 10).get(60, TimeUnit.SECONDS);
  }

  /** At once, while files are made in it. */
  private static void delete(Path directory) throws IOException {
    Path moved = directory.resolveSibling("deleted-" + directory.getFileName());
    Files.move(directory, moved);
    List<Path> paths;
    try (Stream<Path> found = Files.walk(moved)) {
      paths = found.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.deleteIfExists(path);
    }
  }

  static byte[] records(long first, int count) {
    ByteBuffer payload = ByteBuffer.allocate(count * RECORD_BYTES);
    for (int i = 0; i < count; i++) {
      payload.putLong(first + i).putLong(~(first + i));
    }
    return payload.array();
  }

  static List<Long> valuesOf(Lease lease) {
    List<Long> values = new ArrayList<>();
    for (Chunk chunk : lease.chunks()) {
      ByteBuffer payload = ByteBuffer.wrap(chunk.array(), chunk.offset(), chunk.length()).slice();
      for (int i = 0; i < chunk.takeRecords(); i++) {
        int at = (chunk.skipRecords() + i) * RECORD_BYTES;
        assertThat(payload.getLong(at)).isEqualTo(~payload.getLong(at + 8));
        values.add(payload.getLong(at));
      }
    }
    assertThat(values).hasSize(lease.recordCount());
    return values;
  }
}
