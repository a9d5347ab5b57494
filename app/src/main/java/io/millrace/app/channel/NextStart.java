/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.journal.format.SequenceRange;
import io.millrace.journal.inspect.Damage;
import io.millrace.journal.inspect.JournalReport;
import io.millrace.journal.inspect.LaneReport;
import io.millrace.journal.inspect.Obstacle;
import io.millrace.journal.recovery.Repair;
import java.util.ArrayList;
import java.util.List;

/** What the next start of the agent does by itself, in sentences. Immutable. */
final class NextStart {
  private final JournalReport report;

  NextStart(JournalReport report) {
    this.report = report;
  }

  /** One sentence each; none if it only goes on. */
  List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    for (Obstacle obstacle : report.obstacles()) {
      sentences.add(
          "REFUSES the channel and touches nothing: "
              + obstacle.message()
              + ". "
              + ReportText.remedy(obstacle));
    }
    if (!sentences.isEmpty()) {
      return sentences;
    }
    for (Damage damage : report.damages()) {
      if (damage.kind() == Damage.Kind.IDENTITY) {
        sentences.add("rebuilds " + damage.file());
      } else if (damage.kind() == Damage.Kind.UNREADABLE) {
        sentences.add("makes the directory " + damage.file() + ", or fails if it can't");
      }
    }
    for (LaneReport lane : report.lanes()) {
      ofLane(lane, sentences);
    }
    return sentences;
  }

  private static void ofLane(LaneReport lane, List<String> sentences) {
    String where = "lane " + lane.laneIndex() + ": ";
    if (lane.state() == LaneReport.State.MISSING) {
      sentences.add(
          "makes "
              + lane.directory()
              + " and begins a new, empty lane there; a disk that is mounted over it later hides"
              + " what the lane then holds");
    } else if (lane.state() == LaneReport.State.UNREADABLE) {
      sentences.add("sets " + lane.directory() + " aside and serves the others");
    }
    lane.copies()
        .map(CopyText::nextStart)
        .ifPresent(those -> those.forEach(sentence -> sentences.add(where + sentence)));
    for (Repair repair : lane.repairs()) {
      String sentence = sentence(repair, lane);
      if (!sentence.isEmpty()) {
        sentences.add(where + sentence);
      }
    }
    if (!lane.unfinished().isEmpty()) {
      sentences.add(
          where + "deletes " + Amounts.count(lane.unfinished().size(), "unfinished file"));
    }
  }

  private static String sentence(Repair repair, LaneReport lane) {
    if (repair instanceof Repair.TruncateTail torn) {
      return "leaves out an unfinished write at position "
          + torn.position()
          + " of "
          + torn.segment()
          + " ("
          + Amounts.count(lane.unfinishedRecords(), "event")
          + "; after a crash that is normal, and their sender had no answer)";
    }
    if (repair instanceof Repair.Quarantine bad) {
      return "copies the damaged bytes "
          + bad.position()
          + "-"
          + (bad.endPosition() - 1)
          + " of "
          + bad.segment()
          + " to a .bad file beside it";
    }
    if (repair instanceof Repair.ReportLoss loss) {
      SequenceRange range = new SequenceRange(loss.firstSequence(), loss.endSequence());
      return "reports "
          + Amounts.count(range.count(), "event")
          + " lost ("
          + Amounts.sequences(List.of(range))
          + ") and goes on behind";
    }
    // Segments that are free again are its daily work.
    return "";
  }

  /** Empty if nothing is to be said. */
  String text() {
    return list(sentences());
  }

  /**
   * With what reading every batch has found.
   *
   * @param damages of the whole channel
   */
  String text(List<Damage> damages) {
    List<String> sentences = new ArrayList<>(sentences());
    long lost = damages.stream().mapToLong(Damage::lostRecords).sum();
    long planned =
        report.lanes().stream()
            .flatMap(lane -> lane.damages().stream())
            .mapToLong(Damage::lostRecords)
            .sum();
    if (report.obstacles().isEmpty() && lost > planned) {
      sentences.add(
          "delivers what is whole; when it comes to the damaged batches it skips them, keeps their"
              + " bytes in .bad files, and counts "
              + Amounts.count(lost - planned, "event")
              + " lost");
    }
    return list(sentences);
  }

  private static String list(List<String> sentences) {
    StringBuilder text = new StringBuilder();
    if (!sentences.isEmpty()) {
      text.append("\nWhat the next start of the agent does\n");
      sentences.forEach(sentence -> text.append("  - ").append(sentence).append('\n'));
    }
    return text.toString();
  }
}
