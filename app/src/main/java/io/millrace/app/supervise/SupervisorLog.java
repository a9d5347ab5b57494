/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import java.io.PrintStream;
import java.time.Clock;
import java.time.temporal.ChronoUnit;

/**
 * The supervisor's own lines, on standard error between those of its agent. Not log4j: its
 * configuration is the agent's, and two processes must not write to one log file. Safe for many
 * threads.
 */
final class SupervisorLog {
  private final PrintStream out;
  private final Clock clock;

  SupervisorLog(PrintStream out, Clock clock) {
    this.out = out;
    this.clock = clock;
  }

  void say(String format, Object... values) {
    out.println(
        clock.instant().truncatedTo(ChronoUnit.MILLIS)
            + " supervise: "
            + (values.length == 0 ? format : String.format(java.util.Locale.ROOT, format, values)));
    out.flush();
  }
}
