/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What became of each source's lines, and the place of that in a page. Guarded by {@code this}. */
final class KillTable {
  private static final String BEGIN = "<!-- generated: killed sources -->\n";
  private static final String END = "<!-- end: killed sources -->";

  private final List<Row> rows = new ArrayList<>();

  /**
   * One source; empty is what cannot be measured with it.
   *
   * @param sent by senders, or made by the source itself in its last life
   * @param acknowledged lines that the source owed
   * @param lost owed and not stored
   * @param missed neither owed nor stored
   * @param twice stored beyond once
   */
  record Row(
      String source,
      String promise,
      int kills,
      int sent,
      OptionalInt acknowledged,
      int stored,
      OptionalInt lost,
      OptionalInt missed,
      OptionalInt twice) {
    private String text() {
      return "| %s | %s | %d | %,d | %s | %,d | %s | %s | %s |\n"
          .formatted(
              // What stands behind the type is no word of a configuration.
              "`" + source.replaceFirst("(,|$)", "`$1"),
              promise,
              kills,
              sent,
              cell(acknowledged),
              stored,
              cell(lost),
              cell(missed),
              cell(twice));
    }

    private static String cell(OptionalInt figure) {
      return figure.isEmpty() ? "–" : "%,d".formatted(figure.getAsInt());
    }
  }

  synchronized void add(Row row) {
    rows.add(row);
  }

  /** By the names of the sources, in whatever order they were tested. */
  synchronized String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        "| source | promised | kills | sent | taken over | stored | lost | not taken over, not"
            + " stored | twice |\n");
    text.append("|---|---|---:|---:|---:|---:|---:|---:|---:|\n");
    rows.stream().sorted(Comparator.comparing(Row::source)).forEach(row -> text.append(row.text()));
    return text.toString();
  }

  /** Writes it to its place in the page. */
  void writeTo(Path page) throws IOException {
    String before = Files.readString(page);
    String old =
        placeIn(before)
            .orElseThrow(
                () ->
                    new IOException(
                        page + " has no place for the table (expected: " + BEGIN.strip() + ")"));
    Files.writeString(page, before.replace(BEGIN + old + END, BEGIN + "\n" + text() + "\n" + END));
  }

  private static Optional<String> placeIn(String page) {
    int from = page.indexOf(BEGIN);
    int to = page.indexOf(END);
    return from < 0 || to < from
        ? Optional.empty()
        : Optional.of(page.substring(from + BEGIN.length(), to));
  }
}
