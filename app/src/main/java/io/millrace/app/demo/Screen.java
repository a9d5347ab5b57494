/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;

/**
 * Shows the board: redrawn in place on a terminal, a line every few seconds elsewhere. Confined to
 * the demo's thread.
 */
final class Screen implements AutoCloseable {
  private static final Duration BETWEEN_PLAIN_LINES = Duration.ofSeconds(2);
  private static final String HIDE_CURSOR = "\u001b[?25l";
  private static final String SHOW_CURSOR = "\u001b[?25h";
  private static final String ERASE_TO_END_OF_LINE = "\u001b[K";

  private final PrintWriter out;
  private final int terminalColumns;
  private int drawnLines;
  private long nextPlainLineNanos = System.nanoTime();

  /**
   * @param terminalColumns width of the terminal; 0 when the output goes elsewhere
   */
  Screen(PrintWriter out, int terminalColumns) {
    this.out = out;
    this.terminalColumns = terminalColumns;
  }

  boolean isTerminal() {
    return terminalColumns > 0;
  }

  void show(Board board) {
    if (isTerminal()) {
      draw(board.lines(terminalColumns));
    } else if (System.nanoTime() - nextPlainLineNanos >= 0) {
      nextPlainLineNanos = System.nanoTime() + BETWEEN_PLAIN_LINES.toNanos();
      say(board.plain());
    }
  }

  private void draw(List<String> lines) {
    StringBuilder text = new StringBuilder(HIDE_CURSOR);
    if (drawnLines > 0) {
      text.append("\u001b[").append(drawnLines).append('A');
    }
    for (String line : lines) {
      text.append('\r').append(line).append(ERASE_TO_END_OF_LINE).append('\n');
    }
    drawnLines = lines.size();
    out.print(text);
    out.flush();
  }

  /** Writes below what is drawn, or as the next line. */
  void say(String line) {
    drawnLines = 0;
    out.println(line);
    out.flush();
  }

  @Override
  public void close() {
    if (isTerminal()) {
      out.print(SHOW_CURSOR);
      out.flush();
    }
  }
}
