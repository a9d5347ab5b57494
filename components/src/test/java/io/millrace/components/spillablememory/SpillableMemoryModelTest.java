/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.Channel;
import io.millrace.api.Delivery;
import io.millrace.components.filechannel.ChannelDirectories;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyMetrics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** The channel against a list of numbers in which every event has one place. */
final class SpillableMemoryModelTest {
  private static final int STEPS = 120;
  private static final int MAX_OPEN = 4;

  /**
   * Goal: whatever is appended, lent, given back and restarted, events come out in the order of
   * their appends, each delivery is a piece of that order, refused ones never come, and after a
   * stop what was on disk comes before what was in memory. Method: random steps of one thread on
   * the channel and on a model.
   */
  @Property(tries = 40)
  void theChannelDoesWhatTheModelDoes(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 30) int memoryCapacity,
      @ForAll @IntRange(min = 1, max = 60) int overflowCapacity,
      @ForAll @IntRange(min = 0, max = 100) int threshold)
      throws Exception {
    Path directory = Files.createTempDirectory("spillable");
    try {
      SpillableChannels channels =
          SpillableChannels.in(new ChannelDirectories(directory))
              .capacities(memoryCapacity, overflowCapacity)
              .threshold(threshold)
              .transactions(20);
      new Walk(channels, new Random(seed)).run();
    } finally {
      delete(directory);
    }
  }

  private static void delete(Path directory) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  private static final class Walk {
    private final SpillableChannels channels;
    private final Random random;
    private final List<Lent> open = new ArrayList<>();

    /** Numbers that wait, by their rank; a restart ranks them anew. */
    private final TreeSet<Ranked> waiting = new TreeSet<>(Comparator.comparing(Ranked::rank));

    private ToyMetrics metrics = new ToyMetrics();
    private Channel channel;
    private int nextNumber;
    private long nextRank;

    private record Ranked(long rank, int number, boolean isOnDisk) {}

    private record Lent(Delivery delivery, List<Ranked> events, boolean[] acknowledged) {}

    Walk(SpillableChannels channels, Random random) {
      this.channels = channels;
      this.random = random;
    }

    void run() throws Exception {
      channel = channels.start(metrics);
      try {
        for (int step = 0; step < STEPS; step++) {
          int choice = random.nextInt(100);
          if (choice < 40) {
            append();
          } else if (choice < 70) {
            take();
          } else if (choice < 97) {
            settle();
          } else {
            restart();
          }
          int lent = open.stream().mapToInt(l -> unacknowledged(l).size()).sum();
          assertThat(channel.eventCount()).isEqualTo(waiting.size() + lent);
        }
        while (!open.isEmpty()) {
          settle();
        }
        while (!waiting.isEmpty()) {
          take();
          settle();
        }
        assertThat(channel.take(1, 1)).isNull();
      } finally {
        channel.stop();
      }
    }

    private void append() throws Exception {
      int events = 1 + random.nextInt(channel.transactionCapacity());
      long onDisk = metrics.value("OverflowEventCount");
      CompletableFuture<Void> appended =
          channel.append(Events.numbered(nextNumber, nextNumber + events));
      if (!appended.isCompletedExceptionally()) {
        appended.get(60, TimeUnit.SECONDS);
        boolean isOnDisk = metrics.value("OverflowEventCount") > onDisk;
        for (int i = 0; i < events; i++) {
          waiting.add(new Ranked(nextRank++, nextNumber + i, isOnDisk));
        }
      } else {
        assertThat(channel.eventCount() + events)
            .as("a refused append of %d", events)
            .isGreaterThan(Math.min(channels.memoryCapacity(), channels.overflowCapacity()));
      }
      nextNumber += events;
    }

    private void take() {
      if (open.size() >= MAX_OPEN) {
        return;
      }
      int most = 1 + random.nextInt(25);
      Delivery delivery = channel.take(most, Long.MAX_VALUE);
      if (waiting.isEmpty()) {
        assertThat(delivery).isNull();
        return;
      }
      assertThat(delivery).isNotNull();
      List<Ranked> events = new ArrayList<>();
      for (String body : Events.bodies(delivery.batch())) {
        Ranked next = waiting.pollFirst();
        assertThat(body).isEqualTo(Integer.toString(next.number));
        events.add(next);
      }
      assertThat(events.size()).isLessThanOrEqualTo(Math.min(most, channel.transactionCapacity()));
      assertThat(events.stream().map(Ranked::isOnDisk).distinct()).hasSize(1);
      open.add(new Lent(delivery, events, new boolean[events.size()]));
    }

    private void settle() {
      if (open.isEmpty()) {
        return;
      }
      Lent lent = open.get(random.nextInt(open.size()));
      int from = random.nextInt(lent.events.size());
      int to = from + random.nextInt(lent.events.size() - from + 1);
      if (random.nextInt(3) == 0) {
        from = 0;
        to = lent.events.size();
      }
      lent.delivery.acknowledge(from, to);
      for (int i = from; i < to; i++) {
        lent.acknowledged[i] = true;
      }
      if (random.nextBoolean()) {
        lent.delivery.close();
        waiting.addAll(unacknowledged(lent));
        open.remove(lent);
      }
    }

    private static List<Ranked> unacknowledged(Lent lent) {
      List<Ranked> rest = new ArrayList<>();
      for (int i = 0; i < lent.acknowledged.length; i++) {
        if (!lent.acknowledged[i]) {
          rest.add(lent.events.get(i));
        }
      }
      return rest;
    }

    private void restart() throws Exception {
      channel.stop();
      assertThat(channel.volatileEventCount()).isZero();
      open.forEach(lent -> waiting.addAll(unacknowledged(lent)));
      open.forEach(lent -> lent.delivery.close());
      open.clear();
      List<Ranked> before = new ArrayList<>(waiting);
      waiting.clear();
      before.stream().filter(Ranked::isOnDisk).forEach(this::rankOnDisk);
      before.stream().filter(event -> !event.isOnDisk).forEach(this::rankOnDisk);
      metrics = new ToyMetrics();
      channel = channels.start(metrics);
    }

    private void rankOnDisk(Ranked event) {
      waiting.add(new Ranked(nextRank++, event.number, true));
    }
  }
}
