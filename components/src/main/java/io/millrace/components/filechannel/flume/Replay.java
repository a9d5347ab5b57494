/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * Finds the events that were still in Flume's channel, from its data files alone: the puts of
 * committed transactions, in the order of the commits, without those that a committed transaction
 * took. Confined to one thread; single use.
 *
 * <p>A transaction that never ended is as good as rolled back: its puts were never acknowledged,
 * its takes never delivered for sure. Where damage may have swallowed the commit, its puts are
 * kept: they may come twice, but what was acknowledged is not lost.
 *
 * <p>The files of one directory are read one after the other, and the directories merged by order
 * id: a transaction has all its records in one directory, in their order.
 */
final class Replay {
  private static final Comparator<DirectoryReader> BY_ORDER =
      Comparator.comparingLong((DirectoryReader reader) -> reader.record().orderId)
          .thenComparingLong(reader -> reader.record().transactionId);

  /** Taken events that are not yet taken out of the queue; then it is worth to go through it. */
  private static final int MIN_TAKEN_TO_SWEEP = 1 << 20;

  private final LogCatalog catalog;
  private final ReplayProgress progress;
  private final Map<Long, Transaction> open = new HashMap<>();
  private final PointerList queue = new PointerList();
  private final PointerSet taken = new PointerSet();
  private int sweepAt = MIN_TAKEN_TO_SWEEP;
  private long keptInDoubt;

  /** A transaction that has not ended yet. */
  private static final class Transaction {
    private final DirectoryReader directory;
    private final PointerList puts = new PointerList();
    private final PointerList takes = new PointerList();

    /** Of the directory, when the last record was read. */
    private int damagesBefore;

    private Transaction(DirectoryReader directory) {
      this.directory = directory;
    }
  }

  private Replay(LogCatalog catalog, ReplayProgress progress) {
    this.catalog = catalog;
    this.progress = progress;
  }

  /**
   * What the replay found.
   *
   * @param keptInDoubt how many of the events are there only because of damage
   */
  record Result(PointerList pointers, long keptInDoubt) {}

  static Result of(LogCatalog catalog, Disk disk, ReplayProgress progress, Consumer<Damage> damages)
      throws IOException {
    Replay replay = new Replay(catalog, progress);
    List<DirectoryReader> readers = new ArrayList<>();
    try {
      replay.run(replay.readers(disk, damages, readers));
    } finally {
      for (DirectoryReader reader : readers) {
        reader.close();
      }
    }
    return new Result(replay.queue, replay.keptInDoubt);
  }

  private List<DirectoryReader> readers(
      Disk disk, Consumer<Damage> damages, List<DirectoryReader> readers) {
    Map<Path, List<LogFile>> filesByDirectory = new LinkedHashMap<>();
    for (LogFile file : catalog.files()) {
      filesByDirectory.computeIfAbsent(file.directory(), path -> new ArrayList<>()).add(file);
    }
    filesByDirectory
        .values()
        .forEach(files -> readers.add(new DirectoryReader(files, disk, progress, damages)));
    return readers;
  }

  private void run(List<DirectoryReader> readers) throws IOException {
    PriorityQueue<DirectoryReader> next = new PriorityQueue<>(BY_ORDER);
    for (DirectoryReader reader : readers) {
      if (reader.next()) {
        next.add(reader);
      }
    }
    while (!next.isEmpty()) {
      DirectoryReader reader = next.remove();
      process(reader);
      if (reader.next()) {
        next.add(reader);
      }
    }
    keepWhatMayBeCommitted();
    queue.removeAll(taken);
  }

  private void process(DirectoryReader reader) {
    LogRecord record = reader.record();
    switch (record.type) {
      case LogRecord.PUT -> transaction(reader).puts.add(record.pointer);
      case LogRecord.TAKE -> transaction(reader).takes.add(record.pointer);
      case LogRecord.ROLLBACK -> open.remove(record.transactionId);
      case LogRecord.COMMIT -> {
        Transaction ended = open.remove(record.transactionId);
        if (ended != null) {
          commit(ended);
        } else if (mayBeCommitOfAnother(reader)) {
          reader.reportRecord("it commits a transaction that has no record");
        }
      }
      default -> throw new IllegalStateException("type: " + record.type + " (expected: 1 to 4)");
    }
  }

  private Transaction transaction(DirectoryReader reader) {
    Transaction transaction =
        open.computeIfAbsent(reader.record().transactionId, id -> new Transaction(reader));
    transaction.damagesBefore = reader.damageCount();
    return transaction;
  }

  /**
   * The first records of a transaction may be gone with the oldest file. But while others of the
   * directory wait for their end, an id that was damaged is as likely.
   */
  private boolean mayBeCommitOfAnother(DirectoryReader reader) {
    return open.values().stream()
        .anyMatch(other -> other.directory == reader && other.puts.size() > 0);
  }

  private void commit(Transaction transaction) {
    append(transaction.puts);
    for (long i = 0; i < transaction.takes.size(); i++) {
      long pointer = transaction.takes.get(i);
      // A file that is gone held nothing but taken events.
      if (catalog.file(LogRecord.fileId(pointer)) != null) {
        taken.add(pointer);
      }
    }
    if (taken.size() >= sweepAt) {
      queue.removeAll(taken);
      // Those left over were taken by records that stand before their puts' commits.
      sweepAt = (int) Math.min(1 << 30, Math.max(MIN_TAKEN_TO_SWEEP, queue.size()) + taken.size());
    }
    progress.found(queue.size() - taken.size());
  }

  private void append(PointerList puts) {
    for (long i = 0; i < puts.size(); i++) {
      queue.add(puts.get(i));
    }
  }

  private void keepWhatMayBeCommitted() {
    Iterator<Transaction> transactions =
        open.values().stream()
            .filter(transaction -> transaction.puts.size() > 0)
            .filter(transaction -> transaction.directory.damageCount() > transaction.damagesBefore)
            .sorted(Comparator.comparingLong(transaction -> transaction.puts.get(0)))
            .iterator();
    while (transactions.hasNext()) {
      Transaction transaction = transactions.next();
      append(transaction.puts);
      keptInDoubt += transaction.puts.size();
    }
  }
}
