/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import io.millrace.systemtests.interop.Mark.NotApplicable;
import io.millrace.systemtests.interop.Mark.Tested;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The tables of docs/compatibility.md and the outcomes of a run. Fields whose test did not run are
 * left as they are in the page, as long as they say what that test would have shown. Confined to
 * one thread.
 */
final class CompatibilityPage {
  /** What a field says as long as no test has shown more. */
  private static final String NOT_SHOWN = "not shown";

  private final Path file;
  private final Map<Cell, Boolean> outcomes = new HashMap<>();

  CompatibilityPage(Path file) {
    this.file = file;
  }

  void passed(Cell cell) {
    outcomes.put(cell, true);
  }

  void failed(Cell cell) {
    outcomes.put(cell, false);
  }

  String text() throws IOException {
    return Files.readString(file);
  }

  /** The page as it must be after this run. */
  String textAfterThisRun() throws IOException {
    String page = text();
    for (Table table : Table.values()) {
      String begin = "<!-- generated: " + table.id() + " -->\n";
      String end = "<!-- end: " + table.id() + " -->";
      int from = page.indexOf(begin);
      int to = page.indexOf(end);
      if (from < 0 || to < from) {
        throw new IOException(file + " has no place for a table (expected: " + begin.strip() + ")");
      }
      String before = page.substring(from + begin.length(), to);
      page =
          page.substring(0, from)
              + begin
              + "\n"
              + rendered(table, before)
              + "\n"
              + page.substring(to);
    }
    return page;
  }

  void update() throws IOException {
    Files.writeString(file, textAfterThisRun());
  }

  private String rendered(Table table, String before) {
    Map<String, List<String>> fieldsBefore = fields(before);
    StringBuilder text = new StringBuilder("| " + table.corner() + " |");
    for (Wire wire : Wire.values()) {
      text.append(' ').append(wire.title()).append(" |");
    }
    text.append("\n|---|").append("---|".repeat(Wire.values().length)).append('\n');
    for (String row : table.rows().keySet()) {
      List<String> rowBefore = fieldsBefore.getOrDefault(row, List.of());
      text.append("| ").append(row).append(" |");
      for (Wire wire : Wire.values()) {
        int column = wire.ordinal() + 1;
        String fieldBefore = column < rowBefore.size() ? rowBefore.get(column) : NOT_SHOWN;
        text.append(' ').append(field(new Cell(table, row, wire), fieldBefore)).append(" |");
      }
      text.append('\n');
    }
    return text.toString();
  }

  private String field(Cell cell, String before) {
    Mark mark = cell.mark();
    if (mark instanceof NotApplicable absent) {
      return "n/a: " + absent.reason();
    }
    String proven = "**passed**: " + ((Tested) mark).textWhenPassed();
    Boolean outcome = outcomes.get(cell);
    boolean isShown = outcome == null ? before.equals(proven) : outcome;
    return isShown ? proven : NOT_SHOWN;
  }

  /** The fields of each row, the first one included, by the first one. */
  private static Map<String, List<String>> fields(String table) {
    Map<String, List<String>> rows = new HashMap<>();
    for (String line : table.split("\n", -1)) {
      if (line.startsWith("| ")) {
        List<String> fields =
            Arrays.stream(line.substring(1).split("\\|", -1)).map(String::strip).toList();
        rows.put(fields.get(0), fields);
      }
    }
    return rows;
  }
}
