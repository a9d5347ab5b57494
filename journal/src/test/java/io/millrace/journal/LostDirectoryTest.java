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
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A data directory is not there, not ours, or goes away; the others go on. */
@Timeout(300)
class LostDirectoryTest {
  private static final Duration RETRY = Duration.ofMillis(50);
  private static final int FRAMES = 40;

  @TempDir Path directory;

  private final ConcurrentLinkedQueue<JournalEvent> events = new ConcurrentLinkedQueue<>();
  private long nextValue;

  /** Of the latest opening. */
  private SimNotes notes;

  private Path lane(int index) {
    return directory.resolve("lane" + index);
  }

  private Journal open(int laneCount) {
    return open(laneCount, new NioDisk());
  }

  private Journal open(int laneCount, Disk disk) {
    List<Path> lanes = new ArrayList<>();
    for (int i = 0; i < laneCount; i++) {
      lanes.add(lane(i));
    }
    JournalOptions options =
        JournalOptions.in(directory.resolve("checkpoint"), lanes)
            .segmentBytes(64 * 1024)
            .reserveBytes(0)
            .retryInterval(RETRY)
            .noteDigest(newNotes())
            .build();
    return Journal.open(options, disk, events::add);
  }

  /** Of the three lanes, the first has its copies in the two directories that are away. */
  @Test
  void aLaneWhoseCopiesWereBothAwayComesBackWhileRunning() throws Exception {
    List<Path> disks = List.of(directory.resolve("disk0"), directory.resolve("disk1"));
    for (Path disk : disks) {
      Files.createSymbolicLink(lane(disks.indexOf(disk)), Files.createDirectory(disk));
    }
    Set<Long> expected;
    try (Journal journal = openCopies()) {
      expected = append(journal, FRAMES);
    }
    for (Path disk : disks) {
      Files.move(disk, disk.resolveSibling(disk.getFileName() + ".away"));
    }
    try (Journal journal = openCopies()) {
      assertThat(journal.statistics().unusableDirectories()).isEqualTo(1);
      for (Path disk : disks) {
        Files.move(disk.resolveSibling(disk.getFileName() + ".away"), disk);
      }
      await()
          .until(
              () ->
                  journal.statistics().unusableDirectories() == 0
                      && journal.statistics().total(LaneStatistics::copiesInSync) == 6);
      assertThat(drain(journal)).isEqualTo(expected);
      assertThat(notes.noted()).isEqualTo(expected);
    }
  }

  /** Who remembers what it had of lane 1 would take the new lane's records for the old one's. */
  @Test
  void aDirectoryThatTakesTheirPlaceHasANumberThatWasNeverInUse() throws Exception {
    try (Journal journal = open(2)) {
      append(journal, 10);
    }
    deleteAll(lane(1));
    Files.delete(directory.resolve("checkpoint").resolve("lane-00001.checkpoint"));
    try (Journal journal = open(2)) {
      assertThat(journal.statistics().lanes())
          .extracting(LaneStatistics::laneIndex)
          .satisfiesExactly(
              first -> assertThat(first).isZero(),
              added -> assertThat(added).isGreaterThanOrEqualTo(1000));
    }
  }

  private static void deleteAll(Path tree) throws IOException {
    try (Stream<Path> paths = Files.walk(tree)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  private Journal openCopies() {
    return Journal.open(
        JournalOptions.in(directory.resolve("checkpoint"), List.of(lane(0), lane(1), lane(2)))
            .segmentBytes(64 * 1024)
            .reserveBytes(0)
            .retryInterval(RETRY)
            .copies(2)
            .noteDigest(newNotes())
            .build(),
        new NioDisk(),
        events::add);
  }

  private SimNotes newNotes() {
    notes = new SimNotes(0, new HashSet<>());
    return notes;
  }

  /** Appends so many frames of one record each. */
  private Set<Long> append(Journal journal, int frames) throws Exception {
    Set<Long> values = new TreeSet<>();
    List<CompletableFuture<Void>> futures = new ArrayList<>();
    for (int i = 0; i < frames; i++) {
      byte[] payload = ByteBuffer.allocate(1000).putLong(nextValue).array();
      futures.add(journal.append(payload, 0, payload.length, 1, SimNotes.noteOf(nextValue, 20)));
      values.add(nextValue++);
    }
    for (CompletableFuture<Void> future : futures) {
      future.get(60, TimeUnit.SECONDS);
    }
    return values;
  }

  private static Set<Long> drain(Journal journal) {
    Set<Long> values = new TreeSet<>();
    for (Lease lease = journal.poll(100, 1 << 20);
        lease != null;
        lease = journal.poll(100, 1 << 20)) {
      for (Chunk chunk : lease.chunks()) {
        assertThat(values.add(ByteBuffer.wrap(chunk.array()).getLong(chunk.offset()))).isTrue();
      }
      lease.acknowledge();
    }
    return values;
  }

  private static LaneState stateOf(Journal journal, int laneIndex) {
    return journal.statistics().lanes().stream()
        .filter(lane -> lane.laneIndex() == laneIndex)
        .findFirst()
        .orElseThrow()
        .state();
  }

  private static long recordsOf(Journal journal, int laneIndex) {
    return journal.statistics().lanes().get(laneIndex).recordCount();
  }

  @Test
  void anUnusableDirectoryIsSetAsideCountedAndTakenIntoServiceOnceItIsBack() throws Exception {
    Set<Long> values;
    long missing;
    try (Journal journal = open(2)) {
      values = append(journal, FRAMES);
      missing = recordsOf(journal, 1);
      assertThat(missing).isPositive();
    }
    Path away = directory.resolve("away");
    Files.move(lane(1), away);
    Files.writeString(lane(1), "no directory");

    try (Journal journal = open(2)) {
      assertThat(journal.statistics().unusableDirectories()).isEqualTo(1);
      assertThat(journal.statistics().absentRecords()).isEqualTo(missing);
      assertThat(events).hasAtLeastOneElementOfType(JournalEvent.LaneAbsent.class);
      values.addAll(append(journal, FRAMES));
      Set<Long> delivered = drain(journal);
      assertThat(delivered).hasSize(2 * FRAMES - (int) missing);

      Files.delete(lane(1));
      Files.move(away, lane(1));
      await().until(() -> journal.statistics().lanes().size() == 2);
      await().until(() -> journal.statistics().absentRecords() == 0);
      assertThat(journal.statistics().unusableDirectories()).isZero();
      assertThat(notes.noted()).isEqualTo(values);
      values.addAll(append(journal, FRAMES));
      delivered.addAll(drain(journal));
      assertThat(delivered).isEqualTo(values);
      assertThat(notes.noted()).isEqualTo(values);
      assertThat(journal.statistics().total(LaneStatistics::lostRecords)).isZero();
    }
    assertThat(events).noneMatch(JournalEvent.RecordsLost.class::isInstance);
    // And again: what was given back at the close can be had.
    open(2).close();
  }

  @Test
  void aDirectoryThatStaysUnusableHoldsUpNoCloseAndKeepsNoLock() throws Exception {
    Files.writeString(lane(1), "no directory");
    try (Journal journal = open(2)) {
      append(journal, FRAMES);
      await().until(() -> events.stream().anyMatch(e -> e.message().contains("stays set aside")));
    }
    Files.delete(lane(1));
    try (Journal journal = open(2)) {
      assertThat(journal.statistics().lanes()).hasSize(2);
      assertThat(drain(journal)).hasSize(FRAMES);
    }
  }

  @Test
  void oneLanesDiskFailsWhileAnotherWrites() throws Exception {
    FailingBelow disk = new FailingBelow(new NioDisk(), lane(1));
    try (Journal journal = open(2, disk)) {
      Set<Long> values = append(journal, FRAMES);
      disk.fail(true);
      // What was written when it failed is answered later; what was queued then is refused.
      Map<Long, CompletableFuture<Void>> open = new TreeMap<>();
      while (stateOf(journal, 1) != LaneState.FAILED) {
        byte[] payload = ByteBuffer.allocate(1000).putLong(nextValue).array();
        open.put(nextValue++, journal.append(payload, 0, payload.length, 1));
      }
      values.addAll(append(journal, FRAMES));
      assertThat(stateOf(journal, 0)).isEqualTo(LaneState.SERVING);
      assertThat(journal.isAccepting()).isTrue();
      disk.fail(false);
      await().until(() -> stateOf(journal, 1) == LaneState.SERVING);
      await().until(() -> open.values().stream().allMatch(CompletableFuture::isDone));
      open.forEach(
          (value, answer) -> {
            if (!answer.isCompletedExceptionally()) {
              values.add(value);
            }
          });
      assertThat(drain(journal)).isEqualTo(values);
    }
  }

  @Test
  void aDirectoryThatIsDeletedUnderTheJournalTakesNothingMore() throws Exception {
    try (Journal journal = open(2)) {
      append(journal, FRAMES);
      Path away = directory.resolve("away");
      Files.move(lane(1), away);
      await().until(() -> stateOf(journal, 1) == LaneState.FAILED);
      long records = recordsOf(journal, 1);
      append(journal, FRAMES);
      assertThat(recordsOf(journal, 1)).isEqualTo(records);
      // It is back, as a disk that is mounted again.
      Files.move(away, lane(1));
      await().until(() -> stateOf(journal, 1) == LaneState.SERVING);
      assertThat(drain(journal)).hasSize(2 * FRAMES);
    }
  }

  @Test
  void aDirectoryOfSomethingElseIsRefusedAndNotTouched() throws Exception {
    Files.createDirectories(lane(0));
    Files.writeString(lane(0).resolve("customers.db"), "precious");
    assertThatThrownBy(() -> open(1))
        .isInstanceOfSatisfying(
            JournalException.class,
            e -> assertThat(e.code()).isEqualTo(JournalException.Code.FOREIGN_DIRECTORY))
        .hasMessageContaining(lane(0).toString())
        .hasMessageContaining("customers.db")
        .hasMessageContaining("Nothing was touched");
    assertThat(names(lane(0))).containsExactly("customers.db");
  }

  @Test
  void whatFileSystemsAndOperatorsLeaveInADirectoryIsNoHindrance() throws Exception {
    Files.createDirectories(lane(0).resolve("lost+found"));
    Files.writeString(lane(0).resolve(".keep"), "");
    open(1).close();
    Files.writeString(lane(0).resolve("README"), "put here later");
    open(1).close();
    assertThat(names(lane(0))).contains("README", ".keep", "lost+found");
  }

  @Test
  void aLinkToADirectoryInUseIsRefused() throws Exception {
    Path real = Files.createDirectories(directory.resolve("real"));
    Files.createSymbolicLink(lane(0), real);
    Files.createSymbolicLink(lane(1), real);
    assertThatThrownBy(() -> open(2))
        .isInstanceOfSatisfying(
            JournalException.class,
            e -> assertThat(e.code()).isEqualTo(JournalException.Code.LOCKED));
    // Nothing stays locked.
    open(1).close();
  }

  @Test
  void aDirectoryOfAnotherJournalIsRefusedAndNotTouched() throws Exception {
    Path other = directory.resolve("other");
    JournalOptions options =
        JournalOptions.in(other.resolve("checkpoint"), List.of(other.resolve("lane")))
            .segmentBytes(64 * 1024)
            .reserveBytes(0)
            .build();
    Journal.open(options, new NioDisk(), events::add).close();
    open(1).close();
    delete(lane(0));
    Files.move(other.resolve("lane"), lane(0));
    List<String> before = names(lane(0));
    assertThatThrownBy(() -> open(1))
        .isInstanceOfSatisfying(
            JournalException.class,
            e -> assertThat(e.code()).isEqualTo(JournalException.Code.FOREIGN_DIRECTORY));
    assertThat(names(lane(0))).isEqualTo(before);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static void delete(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
