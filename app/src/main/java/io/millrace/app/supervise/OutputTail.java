/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.supervise;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * The last lines that a process printed, and, while asked to, all that it prints. Takes at most
 * {@link #MAX_LINES} or {@link #MAX_CAPTURED_LINES} lines of {@link #MAX_LINE_BYTES} each. Safe for
 * many threads.
 */
final class OutputTail {
  static final int MAX_LINES = 200;
  static final int MAX_LINE_BYTES = 2_000;
  static final int MAX_CAPTURED_LINES = 4_000;

  private final Deque<String> lines = new ArrayDeque<>();
  private List<String> captured;

  /** One stream of the process; confined to the thread that reads it. */
  final class Lines {
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    void take(byte[] bytes, int count) {
      for (int i = 0; i < count; i++) {
        if (bytes[i] == '\n') {
          end();
        } else if (line.size() < MAX_LINE_BYTES) {
          line.write(bytes[i]);
        }
      }
    }

    /** The line so far is whole, or the last. */
    void end() {
      add(line.toString(StandardCharsets.UTF_8));
      line.reset();
    }
  }

  Lines newStream() {
    return new Lines();
  }

  private synchronized void add(String line) {
    if (captured != null) {
      if (captured.size() < MAX_CAPTURED_LINES) {
        captured.add(line);
      }
      return;
    }
    if (lines.size() == MAX_LINES) {
      lines.removeFirst();
    }
    lines.addLast(line);
  }

  synchronized List<String> lastLines() {
    return List.copyOf(lines);
  }

  /** From now on lines are captured, and do not drive the last ones out. */
  synchronized void startCapture() {
    captured = new ArrayList<>();
  }

  synchronized List<String> captured() {
    return captured == null ? List.of() : List.copyOf(captured);
  }
}
