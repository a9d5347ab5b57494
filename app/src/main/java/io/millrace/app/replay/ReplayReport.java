/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import java.time.ZoneId;
import java.util.List;
import java.util.Locale;

/** What a replay did, for the operator. Stateless. */
final class ReplayReport {
  /** Findings that are told by name; the rest is counted. */
  static final int MAX_TOLD = 50;

  private ReplayReport() {}

  static String events(long number) {
    return String.format(Locale.ROOT, "%,d event%s", number, number == 1 ? "" : "s");
  }

  static String files(int number) {
    return String.format(Locale.ROOT, "%,d file%s", number, number == 1 ? "" : "s");
  }

  static String megabytes(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
  }

  /** What is to be read. */
  static String plan(ReplayJob job, ZoneId zone) {
    return files(job.files().size())
        + ", "
        + megabytes(job.totalBytes())
        + ", of "
        + job.directory()
        + "; "
        + job.window().text(zone)
        + (job.passedOver() == 0
            ? ""
            : "; "
                + files(job.passedOver())
                + " last written to before that "
                + (job.passedOver() == 1 ? "is" : "are")
                + " passed over");
  }

  /** Times and what lay outside of the window; empty when there is nothing to say. */
  static String times(Tally tally, ZoneId zone) {
    String text = "";
    if (tally.selectedEvents() > 0) {
      text +=
          "  from "
              + ReplayWindow.time(tally.firstMillis(), zone)
              + " to "
              + ReplayWindow.time(tally.lastMillis(), zone)
              + ", "
              + megabytes(tally.bodyBytes())
              + " in bodies\n";
    }
    if (tally.outsideEvents() > 0) {
      text += "  read and left out for their time: " + events(tally.outsideEvents()) + "\n";
    }
    return text;
  }

  /** What was left out, by name; empty when nothing was. */
  static String findings(List<Finding> findings, long lostEvents) {
    if (findings.isEmpty()) {
      return "";
    }
    StringBuilder text = new StringBuilder("Left out:\n");
    findings.stream()
        .limit(MAX_TOLD)
        .forEach(found -> text.append("  ").append(found.text()).append('\n'));
    if (findings.size() > MAX_TOLD) {
      text.append("  and ").append(findings.size() - MAX_TOLD).append(" more\n");
    }
    if (lostEvents > 0) {
      text.append("  known to be lost with it: ").append(events(lostEvents)).append('\n');
    }
    return text.toString();
  }
}
