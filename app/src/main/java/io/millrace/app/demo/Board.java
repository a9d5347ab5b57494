/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The table of the demo: lines of text from the state of a moment. Immutable. */
record Board(
    Duration elapsed,
    String phase,
    String flow,
    List<Row> rows,
    List<String> events,
    String footer) {

  /** One process. */
  record Row(
      String name,
      long pid,
      AgentProcess.State state,
      int restartCount,
      Figures figures,
      List<Long> rates,
      long ratePerSecond) {}

  private static final String BARS = "▁▂▃▄▅▆▇█";
  private static final String RESET = "\u001b[0m";
  private static final String BOLD = "\u001b[1m";
  private static final String DIM = "\u001b[2m";
  private static final String RED = "\u001b[31m";
  private static final String GREEN = "\u001b[32m";
  private static final String YELLOW = "\u001b[33m";
  private static final String CYAN = "\u001b[36m";
  private static final int MIN_COLUMNS = 60;
  private static final int MAX_COLUMNS = 110;
  private static final int COLUMNS_OF_TABLE = 80;

  /** The whole picture; the same number of lines each time. */
  List<String> lines(int terminalColumns) {
    int columns = Math.max(MIN_COLUMNS, Math.min(MAX_COLUMNS, terminalColumns - 1));
    List<String> lines = new ArrayList<>();
    String time = clock();
    lines.add("");
    lines.add(
        "  "
            + BOLD
            + "Millrace demo"
            + RESET
            + " ".repeat(Math.max(1, columns - 17 - phase.length() - time.length()))
            + DIM
            + phase
            + RESET
            + "  "
            + time);
    lines.add("  " + DIM + cut(flow, columns - 2) + RESET);
    lines.add("");
    lines.add(
        DIM
            + cut(
                String.format(
                    "  %-10s %7s  %-14s %12s %11s %12s %9s",
                    "PROCESS", "PID", "STATE", "READ", "IN CHANNEL", "SENT/STORED", "PER SEC"),
                columns)
            + RESET);
    String rule = "  " + DIM + "─".repeat(columns - 2) + RESET;
    lines.add(rule);
    for (Row row : rows) {
      lines.add(line(row, columns));
    }
    lines.add(rule);
    for (String event : events) {
      lines.add("  " + cut(event, columns - 2));
    }
    lines.add("  " + DIM + cut(footer, columns - 2) + RESET);
    return lines;
  }

  private String clock() {
    return String.format("%d:%02d", elapsed.toMinutes(), elapsed.toSecondsPart());
  }

  private static String line(Row row, int columns) {
    String state = stateText(row);
    return String.format(
            Locale.ROOT,
            "  %-10s %s%7d%s  %s%s%s%s %,12d %,11d %,12d %,9d",
            row.name(),
            DIM,
            row.pid(),
            RESET,
            colour(row),
            "● " + state,
            RESET,
            " ".repeat(Math.max(0, 12 - state.length())),
            row.figures().read(),
            row.figures().inChannel(),
            row.figures().sent(),
            row.ratePerSecond())
        + (columns >= COLUMNS_OF_TABLE + AgentProcess.RATE_HISTORY + 4
            ? "  " + CYAN + bars(row.rates()) + RESET
            : "");
  }

  private static String stateText(Row row) {
    return switch (row.state()) {
      case UP -> row.restartCount() == 0 ? "up" : "restarted " + row.restartCount() + "×";
      case STARTING -> "starting";
      case STOPPED -> "stopped";
      case DOWN -> "down";
    };
  }

  private static String colour(Row row) {
    return switch (row.state()) {
      case UP -> row.restartCount() == 0 ? GREEN : YELLOW;
      case STARTING -> YELLOW;
      case STOPPED -> DIM;
      case DOWN -> RED;
    };
  }

  /** A picture of the rates, the highest of them a full bar. */
  static String bars(List<Long> rates) {
    long highest = Math.max(1, rates.stream().mapToLong(rate -> rate).max().orElse(1));
    StringBuilder bars = new StringBuilder();
    for (long rate : rates) {
      bars.append(BARS.charAt((int) Math.min(BARS.length() - 1, rate * BARS.length() / highest)));
    }
    return bars.toString();
  }

  /** One line for a log file. */
  String plain() {
    StringBuilder line = new StringBuilder(clock()).append(' ').append(phase);
    for (Row row : rows) {
      line.append(
          String.format(
              Locale.ROOT,
              " | %s %s: read %,d, in channel %,d, %s %,d (%,d/s)",
              row.name(),
              stateText(row),
              row.figures().read(),
              row.figures().inChannel(),
              row.name().startsWith("edge") ? "sent" : "stored",
              row.figures().sent(),
              row.ratePerSecond()));
    }
    return line.toString();
  }

  private static String cut(String text, int columns) {
    return text.length() <= columns ? text : text.substring(0, Math.max(0, columns - 1)) + "…";
  }
}
