/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.disk.NioDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * Prints records a second through a journal on a real disk: four appenders with a few frames of
 * 1,000 records of 512 bytes in flight each, one consumer that acknowledges.
 *
 * <p>Arguments: directory, seconds, records a frame, frames in flight per appender, lanes.
 */
final class JournalThroughput {
  private static final int RECORD_BYTES = 512;
  private static final int APPENDERS = 4;

  private JournalThroughput() {}

  public static void main(String[] args) throws Exception {
    Path directory =
        Files.createDirectories(Path.of(args.length > 0 ? args[0] : "target/throughput"));
    int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 10;
    int recordsPerFrame = args.length > 2 ? Integer.parseInt(args[2]) : 1000;
    int inFlight = args.length > 3 ? Integer.parseInt(args[3]) : 4;
    JournalOptions options =
        JournalOptions.in(directory.resolve("checkpoint"), List.of(directory.resolve("data")))
            .build();
    try (Journal journal =
        Journal.open(options, new NioDisk(), event -> System.out.println(event.message()))) {
      Thread consumer = new Thread(() -> consume(journal), "consumer");
      consumer.setDaemon(true);
      consumer.start();
      long endNanos = System.nanoTime() + seconds * 1_000_000_000L;
      Thread[] appenders = new Thread[APPENDERS];
      for (int i = 0; i < APPENDERS; i++) {
        int seed = i;
        appenders[i] =
            new Thread(
                () -> append(journal, seed, recordsPerFrame, inFlight, endNanos), "appender");
        appenders[i].start();
      }
      long startNanos = System.nanoTime();
      LaneStatistics before = journal.statistics().lanes().get(0);
      while (System.nanoTime() < endNanos) {
        Thread.sleep(1000);
        LaneStatistics now = journal.statistics().lanes().get(0);
        long syncs = Math.max(1, now.syncCount() - before.syncCount());
        System.out.printf(
            "appended %,d/s  acknowledged %,d/s  syncs %d/s  sync %.2f ms  group %.0f records"
                + "  backlog %,d  cold frames %d  segments %d%n",
            now.appendedRecords() - before.appendedRecords(),
            now.acknowledgedRecords() - before.acknowledgedRecords(),
            syncs,
            (now.syncNanosTotal() - before.syncNanosTotal()) / 1e6 / syncs,
            (double) (now.appendedRecords() - before.appendedRecords()) / syncs,
            now.recordCount(),
            now.coldFrames(),
            now.segmentCount());
        before = now;
      }
      for (Thread appender : appenders) {
        appender.join();
      }
      LaneStatistics all = journal.statistics().lanes().get(0);
      System.out.printf(
          "mean %,.0f records/s%n",
          all.appendedRecords() / ((System.nanoTime() - startNanos) / 1e9));
    }
  }

  private static void append(
      Journal journal, int seed, int recordsPerFrame, int inFlight, long endNanos) {
    byte[] pattern = new byte[recordsPerFrame * RECORD_BYTES];
    new Random(seed).nextBytes(pattern);
    ArrayDeque<CompletableFuture<Void>> open = new ArrayDeque<>();
    while (System.nanoTime() < endNanos) {
      // A fresh array for each frame, as a network source would have.
      byte[] payload = pattern.clone();
      open.add(journal.append(payload, 0, payload.length, recordsPerFrame));
      if (open.size() >= inFlight) {
        open.poll().join();
      }
    }
    open.forEach(CompletableFuture::join);
  }

  private static void consume(Journal journal) {
    try {
      while (true) {
        Lease lease = journal.poll(10_000, 4 << 20);
        if (lease == null) {
          journal.awaitRecords(1_000_000_000);
        } else {
          lease.acknowledge();
        }
      }
    } catch (InterruptedException | JournalClosedException e) {
      // The journal was closed: done.
    }
  }
}
