/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.NioDisk;
import io.millrace.journal.sim.SimDisk;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the background does for one lane, and what goes wrong there. */
@Timeout(300)
class LaneBackgroundTest {
  private static final int FRAME_BYTES = 100_000;

  @TempDir Path directory;

  @Test
  void aDiskThatHangsWhileAFileIsMadeHoldsUpItsOwnLaneOnly() throws Exception {
    Path hanging = directory.resolve("lane0");
    CountDownLatch hangs = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    JournalOptions options =
        JournalOptions.in(
                directory.resolve("checkpoint"), List.of(hanging, directory.resolve("lane1")))
            .segmentBytes(128 * 1024)
            .reserveBytes(0)
            .build();
    try (Journal journal =
        Journal.open(options, hangingDisk(hanging, hangs, goesOn), event -> {})) {
      try {
        assertThat(hangs.await(60, TimeUnit.SECONDS)).isTrue();
        byte[] payload = new byte[FRAME_BYTES];
        CompletableFuture<Void> waiting = journal.append(payload, 0, FRAME_BYTES, 1);
        // Each takes a segment of its own, so that lane 1 needs its background again and again.
        for (int i = 0; i < 6; i++) {
          journal.append(payload, 0, FRAME_BYTES, 1).get(60, TimeUnit.SECONDS);
        }
        assertThat(waiting).isNotDone();
        goesOn.countDown();
        waiting.get(60, TimeUnit.SECONDS);
      } finally {
        goesOn.countDown();
      }
    }
  }

  /** As the file system, but making a segment file in one directory waits. */
  private static Disk hangingDisk(Path hanging, CountDownLatch hangs, CountDownLatch goesOn) {
    Disk disk = new NioDisk();
    return (Disk)
        Proxy.newProxyInstance(
            Disk.class.getClassLoader(),
            new Class<?>[] {Disk.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("create")
                  && arguments[0].toString().startsWith(hanging.resolve("").toString())
                  && arguments[0].toString().endsWith(".seg.new")) {
                hangs.countDown();
                goesOn.await();
              }
              try {
                return method.invoke(disk, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void anErrorWhileAFileIsMadeIsAFailureLikeOthersAndTriedAgain() throws Exception {
    SimDisk disk = new SimDisk(new Random(3));
    long[] clock = {0};
    SimJournal sim = SimJournal.open(disk, SimJournal.options(1).build(), new Random(5), clock);
    // Not the creation itself, so that there is something to clean up.
    disk.throwOnce(disk.callCount() + 2, new OutOfMemoryError("Cannot reserve direct memory"));
    CompletableFuture<Void> refused = sim.journal.append(new byte[100], 0, 100, 1);
    sim.settle();
    assertThat(refused.handle((done, e) -> e).join()).isInstanceOf(StorageFailedException.class);
    assertThat(sim.events)
        .filteredOn(JournalEvent.DiskTrouble.class::isInstance)
        .singleElement()
        .satisfies(event -> assertThat(event.message()).contains("Cannot reserve direct memory"));
    assertThat(disk.list(SimJournal.lane(0))).noneMatch(name -> name.endsWith(".new"));
    sim.advance(Duration.ofSeconds(3));
    sim.settle();
    CompletableFuture<Void> after = sim.journal.append(new byte[100], 0, 100, 1);
    sim.settle();
    assertThat(after).isCompleted();
  }
}
