/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.load.Scenario;
import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.machine.Pause;
import io.millrace.journal.Journal;
import io.millrace.journal.JournalOptions;
import io.millrace.journal.LaneStatistics;
import io.millrace.journal.Lease;
import io.millrace.journal.disk.NioDisk;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The journal alone, in this process: what is left when network and engine are taken away. */
@Command(name = "journal", description = "Appends to a journal and takes from it, no network.")
final class JournalCommand implements Callable<Integer> {
  private static final long MAX_LEASE_BYTES = 1 << 20;

  @Mixin private LoadOptions options;

  @Option(names = "--seconds", defaultValue = "10")
  private int seconds;

  @Option(
      names = "--no-consumer",
      description = "Nothing is taken: segments can't be used again, new ones are made.")
  private boolean isWithoutConsumer;

  @Option(names = "--segment-mib", defaultValue = "64")
  private int segmentMib;

  @Option(names = "--uncached", description = "Writes go past the page cache.")
  private boolean isUncached;

  private final AtomicBoolean isStopping = new AtomicBoolean();
  private final AtomicLong syncedFrames = new AtomicLong();
  private final AtomicLong takenRecords = new AtomicLong();

  @Override
  public Integer call() throws Exception {
    Scenario scenario = options.scenario("journal");
    Path directory = BenchDirectories.fresh("journal");
    JournalOptions journalOptions =
        JournalOptions.in(directory.resolve("checkpoint"), List.of(directory.resolve("data")))
            .segmentBytes((long) segmentMib << 20)
            .build();
    Files.createDirectories(directory);
    try (Journal journal =
        Journal.open(
            journalOptions, isUncached ? NioDisk.uncached() : new NioDisk(), event -> {})) {
      Thread consumer = new Thread(() -> consume(journal), "consumer");
      if (!isWithoutConsumer) {
        consumer.start();
      }
      byte[] payload = new byte[scenario.batchEvents() * (scenario.bodyBytes() + 40)];
      new Random(1).nextBytes(payload);
      Thread[] appenders = new Thread[scenario.clients()];
      for (int i = 0; i < appenders.length; i++) {
        appenders[i] = new Thread(() -> append(journal, payload, scenario), "append-" + i);
        appenders[i].start();
      }
      long before = 0;
      long takenBefore = 0;
      for (int second = 0; second < seconds; second++) {
        Pause.of(Duration.ofSeconds(1));
        long now = syncedFrames.get();
        long taken = takenRecords.get();
        LaneStatistics lane = journal.statistics().lanes().get(0);
        System.out.printf(
            "%,12d records/s synced %,12d taken  %s%n",
            (now - before) * scenario.batchEvents(), taken - takenBefore, lane);
        before = now;
        takenBefore = taken;
      }
      isStopping.set(true);
      for (Thread appender : appenders) {
        appender.join();
      }
      if (!isWithoutConsumer) {
        consumer.join();
      }
    }
    BenchDirectories.delete(directory);
    return 0;
  }

  private void append(Journal journal, byte[] payload, Scenario scenario) {
    while (!isStopping.get()) {
      CompletableFuture<Void> synced =
          journal.append(payload, 0, payload.length, scenario.batchEvents());
      synced.join();
      syncedFrames.incrementAndGet();
    }
  }

  private void consume(Journal journal) {
    try {
      while (!isStopping.get()) {
        Lease lease = journal.poll(1000, MAX_LEASE_BYTES);
        if (lease == null) {
          journal.awaitRecords(Duration.ofMillis(100).toNanos());
        } else {
          takenRecords.addAndGet(lease.recordCount());
          lease.acknowledge();
          lease.release();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
