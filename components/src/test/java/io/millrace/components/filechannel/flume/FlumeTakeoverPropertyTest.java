/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Delivery;
import io.millrace.components.filechannel.flume.FlumeLogWriter.Kind;
import io.millrace.components.testing.Events;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Random histories of a channel of Flume beside a model of its queue. */
final class FlumeTakeoverPropertyTest {

  @Property(tries = 150)
  void everyEventOfTheModelsQueueIsDeliveredOnceInItsOrder(@ForAll long seed) throws IOException {
    Random random = new Random(seed);
    Path root = Files.createTempDirectory("takeover");
    try {
      OldChannel old = new OldChannel(root);
      List<String> expected = new History(random, old).write(random.nextInt(400));

      assertThat(deliver(random, old)).isEqualTo(expected);
      assertThat(old.files()).isEmpty();
    } finally {
      try (Stream<Path> tree = Files.walk(root)) {
        for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  /** With takes of any size, some given back in part or in full, and restarts. */
  private static List<String> deliver(Random random, OldChannel old) {
    List<String> delivered = new ArrayList<>();
    boolean isDone = false;
    while (!isDone) {
      try (FlumeBacklog backlog = old.open(OldChannel.KEYS, CrashingDisk.unsynced())) {
        int takes = 1 + random.nextInt(20);
        for (int i = 0; i < takes && !isDone; i++) {
          Delivery next = backlog.take(1 + random.nextInt(9), random.nextInt(200));
          isDone = next == null;
          if (next != null) {
            try (Delivery delivery = next) {
              int settled = random.nextInt(delivery.batch().eventCount() + 1);
              delivery.acknowledge(0, settled);
              delivered.addAll(Events.bodies(delivery.batch()).subList(0, settled));
            }
          }
        }
        assertThat(backlog.eventCount() == 0 || !isDone).isTrue();
      }
    }
    return delivered;
  }

  /** What an agent of Flume does, with several transactions open at a time. */
  private static final class History {
    private final Random random;
    private final OldChannel old;
    private final FlumeLogWriter[] logs = new FlumeLogWriter[2];
    private final List<Transaction> open = new ArrayList<>();

    /** Committed, and in no transaction of takes that may still commit. */
    private final List<Entry> queue = new ArrayList<>();

    private long clock = 1_000_000;
    private int files;
    private int events;

    private record Entry(long pointer, String body, long committedAt) {}

    private record Transaction(long id, boolean isPut, List<Entry> entries) {}

    private History(Random random, OldChannel old) {
      this.random = random;
      this.old = old;
      newLog(0);
      newLog(1);
    }

    private void newLog(int directory) {
      Kind kind = Kind.values()[random.nextInt(3)];
      logs[directory] = new FlumeLogWriter(++files, kind);
    }

    private List<String> write(int steps) {
      for (int i = 0; i < steps; i++) {
        step();
      }
      for (int directory = 0; directory < 2; directory++) {
        save(directory);
      }
      // The end of the agent: what was taken and not committed is still there.
      List<Entry> left = new ArrayList<>(queue);
      open.stream()
          .filter(transaction -> !transaction.isPut())
          .forEach(t -> left.addAll(t.entries()));
      left.sort(Comparator.comparingLong(Entry::committedAt));
      return left.stream().map(Entry::body).toList();
    }

    private void save(int directory) {
      if (random.nextBoolean()) {
        logs[directory].fill(random.nextInt(50));
      }
      logs[directory].save(old.data(directory + 1));
    }

    private void step() {
      if (random.nextInt(30) == 0) {
        int directory = random.nextInt(2);
        save(directory);
        newLog(directory);
      }
      if (open.isEmpty() || random.nextInt(5) == 0) {
        open.add(new Transaction(clock++, random.nextBoolean(), new ArrayList<>()));
      }
      Transaction transaction = open.get(random.nextInt(open.size()));
      FlumeLogWriter log = logs[(int) (transaction.id() % 2)];
      switch (random.nextInt(6)) {
        case 0 -> rollback(transaction, log);
        case 1, 2 -> commit(transaction, log);
        default -> add(transaction, log);
      }
    }

    private void add(Transaction transaction, FlumeLogWriter log) {
      if (transaction.isPut()) {
        String body = "event-" + events++;
        long pointer = log.put(transaction.id(), clock++, body);
        transaction.entries().add(new Entry(pointer, body, 0));
      } else if (!queue.isEmpty()) {
        Entry taken = queue.remove(0);
        log.take(transaction.id(), clock++, taken.pointer());
        transaction.entries().add(taken);
      }
    }

    private void rollback(Transaction transaction, FlumeLogWriter log) {
      open.remove(transaction);
      log.rollback(transaction.id(), clock++);
      if (!transaction.isPut()) {
        queue.addAll(0, transaction.entries());
      }
    }

    private void commit(Transaction transaction, FlumeLogWriter log) {
      open.remove(transaction);
      if (transaction.entries().isEmpty()) {
        return;
      }
      log.commit(transaction.id(), clock++, transaction.isPut() ? 1 : 2);
      if (transaction.isPut()) {
        transaction.entries().forEach(e -> queue.add(new Entry(e.pointer(), e.body(), clock++)));
      }
    }
  }
}
