/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.sim.SimDisks;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;

/** A journal of two lanes with two copies each, on two simulated disks. */
abstract class TwoSimDisks {
  static final Path LANE = SimJournal.lane(0);
  static final Path COPY = SimJournal.lane(1).resolve("copy");

  final SimDisks disks =
      new SimDisks(
          new Random(7),
          List.of(
              SimJournal.lane(0), SimJournal.lane(1), SimJournal.CHECKPOINTS, SimJournal.lane(2)));
  final long[] clock = {0};
  SimJournal sim;
  long appended;
  int opened;
  private boolean hasNotes;

  /** Of the latest opening. */
  SimNotes notes;

  void open(int copies) {
    notes = new SimNotes(0, new HashSet<>());
    open(
        SimJournal.options(2)
            .copies(copies)
            .tailCacheBytes(0)
            .checkpointOnClose(false)
            .noteDigest(notes)
            .build());
  }

  void open(JournalOptions options) {
    hasNotes = options.noteDigest().isPresent();
    sim = SimJournal.open(disks, options, new Random(++opened), clock);
    sim.settle();
  }

  void append(int count, int bytes) {
    for (int i = 0; i < count; i++) {
      byte[] payload = new byte[bytes];
      byte[] note = hasNotes ? SimNotes.noteOf(appended, 50) : null;
      ByteBuffer.wrap(payload).putLong(appended++);
      CompletableFuture<Void> future = sim.journal.append(payload, 0, bytes, 1, note);
      sim.settle();
      assertThat(future).isCompleted();
    }
  }

  void waitUntilInSync() {
    for (int i = 0; i < 3 && !sim.isInSync(); i++) {
      sim.advance(Duration.ofSeconds(3));
      sim.settle();
    }
    assertThat(sim.isInSync()).isTrue();
  }

  /** Every record there is, by its number, without acknowledging any. */
  List<Long> all() {
    sim.settle();
    TreeSet<Long> numbers = new TreeSet<>();
    List<Lease> leases = new ArrayList<>();
    for (Lease lease = sim.journal.poll(100, 1 << 20);
        lease != null;
        lease = sim.journal.poll(100, 1 << 20)) {
      leases.add(lease);
      lease.chunks().forEach(c -> numbers.add(ByteBuffer.wrap(c.array()).getLong(c.offset())));
    }
    leases.forEach(Lease::release);
    return List.copyOf(numbers);
  }

  List<Long> everything() {
    return LongStream.range(0, appended).boxed().toList();
  }

  <T extends JournalEvent> List<T> events(Class<T> kind) {
    return sim.events.stream().filter(kind::isInstance).map(kind::cast).toList();
  }

  void stop() {
    sim.journal.close();
    disks.kill();
  }
}
