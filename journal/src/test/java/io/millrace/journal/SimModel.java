/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * What a correct journal may and must do, kept in lock-step with a real one. Each promise is a
 * class of its own in {@link SimInvariants}. Confined to the test's thread.
 */
final class SimModel {
  enum Outcome {
    PENDING,
    ACCEPTED,
    REFUSED,
    UNKNOWN
  }

  /** One append; record {@code i} of it is known as {@code id * MAX_RECORDS + i}. */
  static final class Append {
    final long id;
    final int recordCount;
    final byte[] payload;

    /** Null if it has none. */
    final byte[] note;

    Outcome outcome = Outcome.PENDING;

    Append(long id, int recordCount, byte[] payload, byte[] note) {
      this.id = id;
      this.recordCount = recordCount;
      this.payload = payload;
      this.note = note;
    }
  }

  record Delivery(int lane, long sequence, long recordId) {}

  static final int MAX_RECORDS = 1 << 10;

  final List<Append> appends = new ArrayList<>();

  /** Which record a lane's sequence stood for when it was handed out; for ever. */
  final Map<Long, Long> recordOfSequence = new HashMap<>();

  /** Acknowledged by the consumer, ever. */
  final Set<Long> acknowledged = new HashSet<>();

  /** Acknowledged, and the owner had a turn since, on a disk that worked. */
  final Set<Long> acknowledgedInFile = new HashSet<>();

  /** Handed out in this life, in order, for the check of order. */
  final Map<Integer, Long> highestSequence = new HashMap<>();

  /** Handed out in this life and not released. */
  final Set<Long> openInThisLife = new HashSet<>();

  /** Appends whose notes were told of as synced, ever. */
  final Set<Long> noted = new HashSet<>();

  /** Released in this life, ever. */
  final Set<Long> released = new HashSet<>();

  Append newAppend(Random random) {
    long id = appends.size();
    int recordCount = 1 + random.nextInt(random.nextInt(4) == 0 ? 50 : 5);
    int extraBytes =
        switch (random.nextInt(20)) {
          case 0, 4 -> random.nextInt(40_000);
          case 1, 2 -> random.nextInt(8_000);
          default -> random.nextInt(400);
        };
    byte[] payload = new byte[8 + extraBytes];
    new Random(id).nextBytes(payload);
    ByteBuffer.wrap(payload).putLong(id);
    Append append = new Append(id, recordCount, payload, newNote(id, random));
    appends.add(append);
    return append;
  }

  private static byte[] newNote(long id, Random random) {
    return switch (random.nextInt(8)) {
      case 0 -> null;
      case 1 -> SimNotes.noteOf(id, random.nextInt(9_000));
      default -> SimNotes.noteOf(id, random.nextInt(100));
    };
  }

  void watch(Append append, CompletableFuture<Void> future) {
    future.whenComplete(
        (done, e) -> {
          if (append.outcome != Outcome.PENDING) {
            return;
          }
          if (e == null) {
            append.outcome = Outcome.ACCEPTED;
          } else {
            append.outcome =
                e instanceof AppendInDoubtException ? Outcome.UNKNOWN : Outcome.REFUSED;
          }
        });
  }

  /** The process is gone: what was not answered never will be. */
  void endLife() {
    for (Append append : appends) {
      if (append.outcome == Outcome.PENDING) {
        append.outcome = Outcome.UNKNOWN;
      }
    }
    highestSequence.clear();
    openInThisLife.clear();
    released.clear();
  }

  /** The records of a lease, after checking that they are what was appended. */
  List<Delivery> read(Lease lease) {
    List<Delivery> deliveries = new ArrayList<>();
    long sequence = lease.firstSequence();
    for (Chunk chunk : lease.chunks()) {
      Append append = SimInvariants.NothingInvented.check(this, chunk);
      SimInvariants.RefusedIsNeverDelivered.check(append);
      SimInvariants.HandedOutIsNoted.check(append, noted);
      for (int i = 0; i < chunk.takeRecords(); i++) {
        long recordId = append.id * MAX_RECORDS + chunk.skipRecords() + i;
        deliveries.add(new Delivery(lease.laneIndex(), sequence++, recordId));
      }
    }
    for (Delivery delivery : deliveries) {
      SimInvariants.SequenceMeansOneRecord.check(this, delivery);
      SimInvariants.NothingHandedOutTwice.check(this, delivery);
      SimInvariants.OrderWithinLane.check(this, delivery);
    }
    return deliveries;
  }
}
