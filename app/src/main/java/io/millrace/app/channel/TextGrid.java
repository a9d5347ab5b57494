/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import java.util.ArrayList;
import java.util.List;

/** Rows of text in columns, as wide as their widest cell. Confined to one thread. */
final class TextGrid {
  private static final String BETWEEN = "  ";

  private final String indent;

  /** One letter a column: l = to the left, r = to the right. */
  private final String alignment;

  private final List<List<String>> rows = new ArrayList<>();

  TextGrid(String indent, String alignment) {
    this.indent = indent;
    this.alignment = alignment;
  }

  void row(String... cells) {
    rows.add(List.of(cells));
  }

  void appendTo(StringBuilder text) {
    int[] widths = new int[alignment.length()];
    for (List<String> row : rows) {
      for (int i = 0; i < row.size(); i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder(indent);
      for (int i = 0; i < row.size(); i++) {
        String blanks = " ".repeat(widths[i] - row.get(i).length());
        boolean isRight = alignment.charAt(i) == 'r';
        line.append(i == 0 ? "" : BETWEEN)
            .append(isRight ? blanks : "")
            .append(row.get(i))
            .append(isRight ? "" : blanks);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
  }
}
