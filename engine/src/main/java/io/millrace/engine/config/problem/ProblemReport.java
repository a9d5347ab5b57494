/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.config.problem;

import java.util.ArrayList;
import java.util.List;

/** Renders problems for a terminal: one line each, and a line that counts them. Immutable. */
public final class ProblemReport {
  private static final String RESET = "\u001b[0m";
  private static final String BOLD = "\u001b[1m";

  private final List<Problem> problems;

  public ProblemReport(List<Problem> problems) {
    this.problems = List.copyOf(problems);
  }

  /** Lines ended by a line feed, the summary last; without colour codes. */
  public String plain() {
    return render(false);
  }

  /** As {@link #plain}, with colour codes. */
  public String coloured() {
    return render(true);
  }

  /** For example {@code 2 errors, 1 warning}; {@code no problems} when there are none. */
  public String summary() {
    List<String> counts = new ArrayList<>();
    for (Severity severity : Severity.values()) {
      long count = problems.stream().filter(problem -> problem.severity() == severity).count();
      if (count > 0) {
        counts.add(count + " " + severity.label() + (count == 1 ? "" : "s"));
      }
    }
    return counts.isEmpty() ? "no problems" : String.join(", ", counts);
  }

  private String render(boolean inColour) {
    StringBuilder lines = new StringBuilder();
    for (Problem problem : problems) {
      lines.append(inColour ? coloured(problem) : problem.text()).append('\n');
    }
    return lines.append(summary()).append('\n').toString();
  }

  private static String coloured(Problem problem) {
    String place = problem.file().isEmpty() ? "" : BOLD + problem.place() + ":" + RESET + " ";
    return place
        + colour(problem.severity())
        + problem.severity().label()
        + ":"
        + RESET
        + " "
        + problem.explanation();
  }

  private static String colour(Severity severity) {
    return switch (severity) {
      case ERROR -> "\u001b[1;31m";
      case WARNING -> "\u001b[1;33m";
      case HINT -> "\u001b[1;36m";
    };
  }
}
