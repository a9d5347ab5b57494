/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.hosts.Drill.Result;
import io.millrace.systemtests.hosts.Fault.Resumption;
import io.millrace.systemtests.hosts.Reckoning.Sum;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** The table of a run, and its place in a page. Immutable. */
record FaultTable(String network, List<Result> results, Map<String, Sum> sums) {
  private static final String BEGIN = "<!-- generated: faults -->\n";
  private static final String END = "<!-- end: faults -->";

  String text() {
    StringBuilder text = new StringBuilder();
    text.append(
        "| fault | lasts | flow resumes after | longest pause | acknowledged | lost | twice (in"
            + " doubt) |\n");
    text.append("|---|---:|---:|---:|---:|---:|---:|\n");
    for (Result result : results) {
      Sum sum = sums.get(result.fault().name());
      text.append(
          "| %s | %s | %s | %s | %,d | %d | %d (%d) |\n"
              .formatted(
                  result.fault().name(),
                  result.fault().held().compareTo(Duration.ofSeconds(1)) < 0
                      ? "–"
                      : seconds(result.lasted()),
                  result.fault().resumption() == Resumption.BY_ITSELF
                      ? seconds(result.resumed())
                      : seconds(result.resumed()) + " from its end",
                  seconds(result.pause()),
                  sum.acknowledged(),
                  sum.lost(),
                  sum.duplicates(),
                  result.inDoubt()));
    }
    Sum all = sums.values().stream().reduce(Sum.NONE, Sum::plus);
    long inDoubt = results.stream().mapToLong(Result::inDoubt).sum();
    text.append(
        "| **all** | | | | **%,d** | **%d** | **%d** (%d) |\n"
            .formatted(all.acknowledged(), all.lost(), all.duplicates(), inDoubt));
    text.append("\nHosts: ").append(network).append(".\n");
    return text.toString();
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1e3);
  }

  /** Writes it to its place in the page. */
  void writeTo(Path page) throws IOException {
    String before = Files.readString(page);
    String table = tableOf(page);
    Files.writeString(
        page, before.replace(BEGIN + table + END, BEGIN + "\n" + text() + "\n" + END));
  }

  /** The faults of which the page says something. */
  static List<String> faultsIn(Path page) throws IOException {
    return tableOf(page)
        .lines()
        .filter(line -> line.startsWith("| ") && !line.startsWith("| fault"))
        .map(line -> line.substring(2, line.indexOf(" |")))
        .filter(name -> !name.startsWith("**"))
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static String tableOf(Path page) throws IOException {
    String text = Files.readString(page);
    int from = text.indexOf(BEGIN);
    int to = text.indexOf(END);
    if (from < 0 || to < from) {
      throw new IOException(page + " has no place for the table (expected: " + BEGIN.strip() + ")");
    }
    return text.substring(from + BEGIN.length(), to);
  }
}
