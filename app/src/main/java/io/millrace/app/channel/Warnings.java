/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.journal.inspect.JournalReport;
import java.io.PrintWriter;

/** What is to be known before a report is read. Stateless. */
final class Warnings {
  private Warnings() {}

  static void say(ChannelFiles files, JournalReport report, PrintWriter err) {
    files.remarks().forEach(remark -> err.println("millrace: " + remark));
    if (report.isInUse()) {
      err.println(
          "millrace: A running agent has this channel open. Nothing is written to it, but the"
              + " figures move while they are read.");
    }
    err.flush();
  }
}
