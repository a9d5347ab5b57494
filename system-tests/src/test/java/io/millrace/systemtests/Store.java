/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What a directory of file_roll holds: how often each line is there, and the ends of files without
 * a line feed, which a killed process leaves behind. Immutable.
 */
record Store(Map<String, Integer> lines, List<String> unfinishedLines) {

  static Store of(Path directory) {
    return of(directory, line -> true);
  }

  /**
   * Reads the store, and keeps only lines that are wanted: there may be millions of the others.
   *
   * @param isWanted sees each line, as often as it is there
   */
  static Store of(Path directory, Predicate<String> isWanted) {
    Map<String, Integer> lines = new HashMap<>();
    List<String> unfinished = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        readInto(file, isWanted, lines, unfinished);
      }
    } catch (NoSuchFileException e) {
      // Nothing was stored yet.
      return new Store(Map.of(), List.of());
    } catch (IOException e) {
      throw new UncheckedIOException("Store " + directory, e);
    }
    return new Store(lines, unfinished);
  }

  private static void readInto(
      Path file, Predicate<String> isWanted, Map<String, Integer> lines, List<String> unfinished)
      throws IOException {
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    int begin = 0;
    int end;
    while ((end = text.indexOf('\n', begin)) >= 0) {
      String line = text.substring(begin, end);
      if (isWanted.test(line)) {
        lines.merge(line, 1, Integer::sum);
      }
      begin = end + 1;
    }
    if (begin < text.length()) {
      unfinished.add(text.substring(begin));
    }
  }

  /** How many lines there are, each counted as often as it is there. */
  int lineCount() {
    return lines.values().stream().mapToInt(Integer::intValue).sum();
  }

  int distinctLineCount() {
    return lines.size();
  }
}
