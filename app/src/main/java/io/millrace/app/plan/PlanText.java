/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** A plan as an operator reads it. Confined to one thread; single use. */
final class PlanText {
  private static final String BOLD = "\u001b[1m";
  private static final String DIM = "\u001b[2m";
  private static final String CYAN = "\u001b[36m";
  private static final String YELLOW = "\u001b[33m";
  private static final String RESET = "\u001b[0m";
  private static final int NARROWEST = 80;

  private final CapacityPlan plan;
  private final boolean isColourful;
  private final int columns;

  /** Names of the constants in the order in which they are noted. */
  private final List<String> notes = new ArrayList<>();

  /**
   * @param columns of the terminal; 0 for no limit
   */
  PlanText(CapacityPlan plan, boolean isColourful, int columns) {
    this.plan = plan;
    this.isColourful = isColourful;
    this.columns = columns == 0 ? Integer.MAX_VALUE : Math.max(NARROWEST, columns) - 1;
  }

  String text() {
    StringBuilder text = new StringBuilder();
    text.append('\n').append("  ").append(paint(BOLD, title())).append('\n');
    text.append("  ").append(paint(DIM, conditions())).append("\n");
    int whatWidth = width(Figure::what);
    int valueWidth = width(Figure::text);
    for (Section section : plan.sections()) {
      text.append('\n').append("  ").append(paint(CYAN, section.title())).append('\n');
      for (Figure figure : section.figures()) {
        append(figure, whatWidth, valueWidth, text);
      }
      for (String warning : section.warnings()) {
        wrap("  ! ", "    ", warning, YELLOW, text);
      }
      if (!section.settings().isEmpty()) {
        text.append('\n');
        section
            .settings()
            .forEach(line -> text.append("      ").append(paint(DIM, line)).append('\n'));
      }
    }
    appendNotes(text);
    return text.toString();
  }

  private String title() {
    PlanInput input = plan.input();
    return String.format(
        Locale.ROOT,
        "%s host%s, %d site%s: %s events/s of %s each, %s to bridge",
        Units.plain(input.hosts()),
        input.hosts() == 1 ? "" : "s",
        input.sites(),
        input.sites() == 1 ? "" : "s",
        Units.plain(input.rate()),
        Units.decimal(input.bodyBytes(), "B"),
        Units.span(input.downtime()));
  }

  private String conditions() {
    PlanInput input = plan.input();
    return String.format(
        Locale.ROOT,
        "%s %% headroom, %d spare collector%s a site, %d cop%s in the channel, %d event%s a call",
        Units.plain(input.headroom() * 100),
        input.spare(),
        input.spare() == 1 ? "" : "s",
        input.copies(),
        input.copies() == 1 ? "y" : "ies",
        input.batchEvents(),
        input.batchEvents() == 1 ? "" : "s");
  }

  private int width(Function<Figure, String> cell) {
    return plan.sections().stream()
        .flatMap(section -> section.figures().stream())
        .mapToInt(figure -> cell.apply(figure).length())
        .max()
        .orElse(0);
  }

  private void append(Figure figure, int whatWidth, int valueWidth, StringBuilder text) {
    String value = figure.text();
    text.append("    ")
        .append(figure.what())
        .append(" ".repeat(whatWidth - figure.what().length() + 2 + valueWidth - value.length()))
        .append(paint(BOLD, value))
        .append("   ");
    int indent = 4 + whatWidth + 2 + valueWidth + 3;
    String how = figure.formula() + marks(figure);
    List<String> lines = fold(how, Math.max(24, columns - indent));
    for (int i = 0; i < lines.size(); i++) {
      text.append(i == 0 ? "" : " ".repeat(indent)).append(paint(DIM, lines.get(i))).append('\n');
    }
  }

  private String marks(Figure figure) {
    StringBuilder marks = new StringBuilder();
    for (String constant : figure.constants()) {
      if (!notes.contains(constant)) {
        notes.add(constant);
      }
      String mark = " [" + (notes.indexOf(constant) + 1) + "]";
      if (marks.indexOf(mark) < 0) {
        marks.append(mark);
      }
    }
    return marks.toString();
  }

  private void appendNotes(StringBuilder text) {
    text.append('\n').append("  ").append(paint(CYAN, "Measured")).append('\n');
    for (int i = 0; i < notes.size(); i++) {
      Measured.Constant constant = plan.measured().get(notes.get(i));
      String mark = String.format(Locale.ROOT, "%4s ", "[" + (i + 1) + "]");
      String unit = constant.unit().equals("-") ? "" : " " + constant.unit();
      wrap(
          "  " + mark,
          "       ",
          Units.plain(constant.value())
              + unit
              + ": "
              + constant.what()
              + " ("
              + constant.source()
              + ")",
          DIM,
          text);
    }
    wrap("  ", "  ", "On " + plan.measured().machine() + ".", DIM, text);
  }

  private void wrap(String first, String next, String words, String colour, StringBuilder text) {
    List<String> lines = fold(words, Math.max(24, Math.min(columns, 110) - next.length()));
    for (int i = 0; i < lines.size(); i++) {
      text.append(i == 0 ? first : next).append(paint(colour, lines.get(i))).append('\n');
    }
  }

  /** Lines of at most so many characters, broken between words. */
  static List<String> fold(String words, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : Arrays.asList(words.split(" ", -1))) {
      if (line.length() > 0 && line.length() + 1 + word.length() > width) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.length() == 0 ? "" : " ").append(word);
    }
    lines.add(line.toString());
    return lines;
  }

  private String paint(String colour, String words) {
    return isColourful ? colour + words + RESET : words;
  }
}
