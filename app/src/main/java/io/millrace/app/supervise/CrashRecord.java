/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * What is kept of an unexpected end. Immutable.
 *
 * @param end exit status or signal in words
 * @param cause why it ended as far as the supervisor knows: by itself, or killed because it hung
 * @param memory what the process had when it was last looked at
 * @param hostMemory what the host has free now
 * @param threadDump empty when there is none
 * @param jvmReport the JVM's own crash report; empty when it left none
 */
record CrashRecord(
    Instant time,
    String command,
    long pid,
    Instant startedAt,
    Duration life,
    int restarts,
    String end,
    String cause,
    String memory,
    String hostMemory,
    List<String> lastLines,
    List<String> threadDump,
    List<String> jvmReport) {

  String text() {
    StringBuilder text = new StringBuilder();
    line(text, "Time", time);
    line(text, "Command", command);
    line(text, "Process", pid);
    line(text, "Started", startedAt + ", lived " + life.toMillis() / 1000.0 + " s");
    line(text, "Restarts before", restarts);
    line(text, "End", end);
    line(text, "Cause", cause);
    line(text, "Memory", memory);
    line(text, "Host", hostMemory);
    section(text, "Last lines of its output", lastLines, "none");
    section(text, "Thread dump", threadDump, "none was taken");
    section(text, "Report of the JVM", jvmReport, "it left none");
    return text.toString();
  }

  private static void line(StringBuilder text, String name, Object value) {
    text.append(String.format("%-16s %s%n", name + ":", value));
  }

  private static void section(StringBuilder text, String name, List<String> lines, String none) {
    text.append("\n---- ").append(name).append(" ----\n");
    if (lines.isEmpty()) {
      text.append('(').append(none).append(")\n");
    }
    lines.forEach(line -> text.append(line).append('\n'));
  }
}
