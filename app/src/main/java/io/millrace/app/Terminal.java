/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

/** What the launcher says about standard output. */
public final class Terminal {
  private Terminal() {}

  /** Width of the terminal; 0 when the output goes elsewhere, or cannot be redrawn in place. */
  public static int columns() {
    boolean isDumb = "dumb".equals(System.getenv("TERM"));
    return isDumb ? 0 : Integer.getInteger("millrace.terminal.columns", 0);
  }

  public static boolean isColourful() {
    return columns() > 0 && System.getenv("NO_COLOR") == null;
  }
}
