/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.journal.inspect.Damage;

/** Damage in plain words: what, where, what it costs. Stateless. */
final class DamageText {
  private DamageText() {}

  static String where(Damage damage) {
    String lane = damage.laneIndex() < 0 ? "" : "lane " + damage.laneIndex() + ", ";
    if (damage.file().isEmpty()) {
      return lane + "no file";
    }
    boolean hasExtent = damage.endPosition() > damage.position();
    return lane
        + damage.file()
        + (hasExtent ? ", bytes " + damage.position() + "-" + (damage.endPosition() - 1) : "");
  }

  static String what(Damage damage) {
    return switch (damage.kind()) {
      case DAMAGED_FRAMES -> "damaged after it was synced: the disk, or somebody, changed it";
      case UNFINISHED_WRITE ->
          "in the last write before a crash; perhaps its sender never had an answer";
      case UNDECODABLE -> "whole, but its key does not open it, or it does not unpack";
      case NOT_EVENTS -> "whole, but not events: something else than Millrace wrote it";
      case MISSING_SEGMENT -> "the file that held them is not there, or can't be read";
      case NOTES -> "what the frame says of its sender is damaged; its events are whole";
      case ACKNOWLEDGEMENTS -> "a part of the acknowledgement log is damaged";
      case SEGMENT_HEADER -> "the header of the segment is damaged";
      case CHECKPOINT -> "the checkpoint is damaged";
      case IDENTITY -> "says whose directory it is, and is damaged or missing";
      case UNREADABLE -> "the disk does not give it out";
    };
  }

  static String cost(Damage damage) {
    return switch (damage.kind()) {
      case DAMAGED_FRAMES, UNFINISHED_WRITE, UNDECODABLE, NOT_EVENTS, MISSING_SEGMENT ->
          damage.lost().isEmpty()
              ? "costs nothing: what was there had been delivered, or counted as lost before"
              : "costs "
                  + Amounts.count(damage.lostRecords(), "event")
                  + ": "
                  + Amounts.sequences(damage.lost());
      case NOTES ->
          "costs no event; should that sender repeat what it was not answered, it is stored twice";
      case ACKNOWLEDGEMENTS ->
          "costs no event; what only that part knew to be delivered is delivered again";
      case SEGMENT_HEADER -> "costs no event: the frames tell what it said";
      case CHECKPOINT -> "costs no event: it is a hint, the next start reads a little more";
      case IDENTITY -> "costs no event: the next start writes it again";
      case UNREADABLE -> "what it costs is told with the missing events, if any are";
    };
  }
}
