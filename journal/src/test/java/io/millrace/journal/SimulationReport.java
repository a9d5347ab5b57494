/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the seeds of a build came to, as the table of docs/reliability.md. {@code
 * -Dmillrace.reliability.update=true} writes it there. Confined to one thread.
 */
final class SimulationReport {
  private static final Path PAGE = Path.of("../docs/reliability.md");
  private static final String BEGIN = "<!-- generated: simulation -->";
  private static final String END = "<!-- end: simulation -->";

  private final Map<String, Map<String, Long>> columns = new LinkedHashMap<>();

  /** Adds the totals of one kind of run. */
  void add(String column, long seeds, Map<String, Long> counts) {
    Map<String, Long> values = new TreeMap<>(counts);
    values.put("seeds", seeds);
    columns.put(column, values);
  }

  /** Writes the page anew if that is wanted and all its columns are there. */
  void publish(List<String> wantedColumns) throws IOException {
    if (!Boolean.getBoolean("millrace.reliability.update")
        || !columns.keySet().containsAll(wantedColumns)) {
      return;
    }
    String page = Files.readString(PAGE);
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException(PAGE + " has no place for the table (expected: " + BEGIN + ")");
    }
    Files.writeString(
        PAGE,
        page.substring(0, begin)
            + BEGIN
            + "\n\n"
            + table(wantedColumns)
            + "\n"
            + page.substring(end));
  }

  private String table(List<String> wantedColumns) {
    TreeSet<String> rows = new TreeSet<>();
    wantedColumns.forEach(column -> rows.addAll(columns.get(column).keySet()));
    rows.remove("seeds");
    StringBuilder text = new StringBuilder("| |");
    wantedColumns.forEach(column -> text.append(' ').append(column).append(" |"));
    text.append("\n|---|").append("---:|".repeat(wantedColumns.size())).append('\n');
    row(text, "seeds", wantedColumns);
    rows.forEach(name -> row(text, name, wantedColumns));
    text.append("| **promises broken** |")
        .append(" **0** |".repeat(wantedColumns.size()))
        .append('\n');
    return text.toString();
  }

  private void row(StringBuilder text, String name, List<String> wantedColumns) {
    text.append("| ").append(name).append(" |");
    for (String column : wantedColumns) {
      Long value = columns.get(column).get(name);
      text.append(value == null ? " – |" : String.format(Locale.ROOT, " %,d |", value));
    }
    text.append('\n');
  }
}
