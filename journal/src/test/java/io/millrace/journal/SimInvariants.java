/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** The promises of the journal, one class each; a failure carries the class's name. */
final class SimInvariants {
  private SimInvariants() {}

  private static void require(boolean holds, Class<?> invariant, String what) {
    if (!holds) {
      throw new AssertionError(invariant.getSimpleName() + ": " + what);
    }
  }

  /** Every payload handed out is, byte by byte, one that was appended. */
  static final class NothingInvented {
    static SimModel.Append check(SimModel model, Chunk chunk) {
      byte[] payload =
          Arrays.copyOfRange(chunk.array(), chunk.offset(), chunk.offset() + chunk.length());
      long id = payload.length < 8 ? -1 : ByteBuffer.wrap(payload).getLong();
      require(id >= 0 && id < model.appends.size(), NothingInvented.class, "unknown append " + id);
      SimModel.Append append = model.appends.get((int) id);
      require(
          Arrays.equals(append.payload, payload)
              && append.recordCount == chunk.frameRecordCount()
              && chunk.skipRecords() + chunk.takeRecords() <= append.recordCount,
          NothingInvented.class,
          "append " + id + " differs from what was appended");
      return append;
    }
  }

  /** An append whose sender was told no is not handed out, in this life or a later one. */
  static final class RefusedIsNeverDelivered {
    static void check(SimModel.Append append) {
      require(
          append.outcome != SimModel.Outcome.REFUSED,
          RefusedIsNeverDelivered.class,
          "append " + append.id);
    }
  }

  /** A sequence that a consumer has seen never stands for another record. */
  static final class SequenceMeansOneRecord {
    static void check(SimModel model, SimModel.Delivery delivery) {
      long key = ((long) delivery.lane() << 48) | delivery.sequence();
      Long before = model.recordOfSequence.putIfAbsent(key, delivery.recordId());
      require(
          before == null || before == delivery.recordId(),
          SequenceMeansOneRecord.class,
          delivery + " was record " + before);
    }
  }

  /** Without a restart or a release no record is handed out twice. */
  static final class NothingHandedOutTwice {
    static void check(SimModel model, SimModel.Delivery delivery) {
      require(
          model.openInThisLife.add(delivery.recordId()),
          NothingHandedOutTwice.class,
          delivery.toString());
    }
  }

  /** What was never handed out before comes in the order of sequences. */
  static final class OrderWithinLane {
    static void check(SimModel model, SimModel.Delivery delivery) {
      long highest = model.highestSequence.getOrDefault(delivery.lane(), -1L);
      if (delivery.sequence() > highest) {
        model.highestSequence.put(delivery.lane(), delivery.sequence());
      } else {
        require(
            model.released.contains(delivery.recordId()),
            OrderWithinLane.class,
            delivery + " after sequence " + highest);
      }
    }
  }

  /** After everything was handed out: accepted records were acknowledged or came again. */
  static final class NoAcknowledgedRecordLost {
    static void check(SimModel model, Set<Long> delivered) {
      for (SimModel.Append append : model.appends) {
        if (append.outcome == SimModel.Outcome.ACCEPTED) {
          for (int i = 0; i < append.recordCount; i++) {
            long recordId = append.id * SimModel.MAX_RECORDS + i;
            require(
                delivered.contains(recordId) || model.acknowledged.contains(recordId),
                NoAcknowledgedRecordLost.class,
                "record " + i + " of append " + append.id);
          }
        }
      }
    }
  }

  /** What a consumer sees has its note committed before. */
  static final class HandedOutIsNoted {
    static void check(SimModel.Append append, Set<Long> noted) {
      require(
          append.note == null || noted.contains(append.id),
          HandedOutIsNoted.class,
          "append " + append.id);
    }
  }

  /** What was once known to be synced is known after every crash. */
  static final class NotedStaysNoted {
    static void check(Set<Long> before, Set<Long> recovered) {
      for (long id : before) {
        require(recovered.contains(id), NotedStaysNoted.class, "append " + id);
      }
    }
  }

  /**
   * After everything was handed out: all records whose note is known were in the journal, and no
   * others; never noted but lost, never kept but not noted.
   */
  static final class NotedIsKeptAndKeptIsNoted {
    static void check(SimModel model, Set<Long> noted, Set<Long> delivered) {
      for (SimModel.Append append : model.appends) {
        boolean isNoted = noted.contains(append.id);
        require(
            !isNoted || append.note != null && append.outcome != SimModel.Outcome.REFUSED,
            NotedIsKeptAndKeptIsNoted.class,
            "append " + append.id + " is noted, but was refused or has no note");
        for (int i = 0; append.note != null && i < append.recordCount; i++) {
          long recordId = append.id * SimModel.MAX_RECORDS + i;
          boolean isKept = delivered.contains(recordId) || model.acknowledged.contains(recordId);
          require(
              isKept == isNoted,
              NotedIsKeptAndKeptIsNoted.class,
              "record "
                  + i
                  + " of append "
                  + append.id
                  + (isNoted ? " is noted but lost" : " is kept but not noted"));
        }
      }
    }
  }

  /** What was acknowledged before a clean stop, or long enough before a kill, is gone. */
  static final class AcknowledgedIsNotRedelivered {
    static void check(Set<Long> remembered, SimModel.Delivery delivery) {
      require(
          !remembered.contains(delivery.recordId()),
          AcknowledgedIsNotRedelivered.class,
          delivery.toString());
    }
  }

  /** No crash makes the journal say that records are damaged or gone. */
  static final class NoFalseAlarm {
    static void check(List<JournalEvent> events) {
      for (JournalEvent event : events) {
        boolean isAlarm =
            event instanceof JournalEvent.RecordsLost lost
                    && lost.cause() != JournalEvent.LossCause.UNFINISHED_WRITE
                || event instanceof JournalEvent.CopyStale
                || event instanceof JournalEvent.CopyDiverged;
        require(!isAlarm, NoFalseAlarm.class, event.message());
      }
    }
  }

  /** Opening twice finds the same as opening once. */
  static final class RecoveryIsIdempotent {
    static void check(Journal first, Journal second) {
      for (int i = 0; i < first.lanes().size(); i++) {
        LaneStatistics one = first.lanes().get(i).statistics();
        LaneStatistics two = second.lanes().get(i).statistics();
        require(
            one.recordCount() == two.recordCount() && one.nextSequence() == two.nextSequence(),
            RecoveryIsIdempotent.class,
            one + " then " + two);
      }
    }
  }

  /** Whatever became of a copy, it holds everything again once its disk works. */
  static final class TwoCopiesInTheEnd {
    static void check(Journal journal) {
      for (LaneStatistics lane : journal.statistics().lanes()) {
        require(lane.copiesInSync() == 2, TwoCopiesInTheEnd.class, lane.toString());
      }
    }
  }
}
