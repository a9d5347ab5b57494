/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.report;

import java.util.Locale;

/** An SVG document, element by element; how things look is up to its style sheet. */
final class Drawing {
  private final StringBuilder text = new StringBuilder();

  Drawing(int width, int height) {
    text.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\">%n",
            width,
            height));
  }

  void style(String sheet) {
    text.append("<style>\n").append(sheet).append("</style>\n");
  }

  void rectangle(String style, double x, double y, double width, double height) {
    element(
        "rect",
        attribute("class", style)
            + attribute("x", x)
            + attribute("y", y)
            + attribute("width", width)
            + attribute("height", height),
        "");
  }

  void line(String style, double x1, double y1, double x2, double y2) {
    path(style, point('M', x1, y1) + point('L', x2, y2));
  }

  void path(String style, String steps) {
    element("path", attribute("class", style) + attribute("d", steps), "");
  }

  /**
   * Words at a place.
   *
   * @param anchor what of the words is at x: start, middle or end
   */
  void text(String style, double x, double y, String anchor, String words) {
    element(
        "text",
        attribute("class", style)
            + attribute("x", x)
            + attribute("y", y)
            + attribute("text-anchor", anchor),
        words);
  }

  void element(String name, String attributes, String content) {
    text.append('<').append(name).append(attributes);
    if (content.isEmpty()) {
      text.append("/>\n");
    } else {
      text.append('>').append(escape(content)).append("</").append(name).append(">\n");
    }
  }

  String document() {
    return text + "</svg>\n";
  }

  /** A step of a path, to a tenth of a pixel. */
  static String point(char step, double x, double y) {
    return String.format(Locale.ROOT, "%c%.1f %.1f", step, x, y);
  }

  private static String attribute(String name, double value) {
    return attribute(name, String.format(Locale.ROOT, "%.1f", value));
  }

  private static String attribute(String name, String value) {
    return " " + name + "=\"" + escape(value) + "\"";
  }

  private static String escape(String words) {
    return words
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
