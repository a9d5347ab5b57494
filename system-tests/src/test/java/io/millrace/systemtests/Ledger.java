/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What was written: how many lines of each stream. Line {@code n} of stream {@code s} is {@code s
 * n} and some padding, so that each line is unlike every other. Guarded by {@code this}.
 */
final class Ledger {
  private static final String PADDING = " ........................................";

  private final Map<String, Integer> written = new TreeMap<>();
  private final Map<String, Long> writtenBytes = new TreeMap<>();

  static String line(String stream, int number) {
    return stream + " " + number + PADDING;
  }

  /**
   * Notes that the stream now ends with this line, counted from 1.
   *
   * @param bytes how many were written since the last call
   */
  synchronized void wrote(String stream, int number, int bytes) {
    written.put(stream, number);
    writtenBytes.merge(stream, (long) bytes, Long::sum);
  }

  /** Bytes written, in all streams whose names begin like this. */
  synchronized long byteCount(String prefix) {
    return writtenBytes.entrySet().stream()
        .filter(stream -> stream.getKey().startsWith(prefix))
        .mapToLong(Map.Entry::getValue)
        .sum();
  }

  synchronized int lineCount() {
    return written.values().stream().mapToInt(Integer::intValue).sum();
  }

  /** Every line written. */
  synchronized Set<String> lines() {
    Set<String> lines = new TreeSet<>();
    written.forEach(
        (stream, count) -> {
          for (int number = 1; number <= count; number++) {
            lines.add(line(stream, number));
          }
        });
    return lines;
  }
}
