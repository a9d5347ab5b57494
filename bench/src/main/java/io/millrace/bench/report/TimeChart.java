/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.report;

import java.util.List;
import java.util.Locale;

/**
 * Lines over time in panels above each other, as an SVG that is readable on light and dark pages.
 * Immutable.
 *
 * @param subtitle a sentence: what was run, and on what
 * @param phases spans of time that the picture tells apart
 */
public record TimeChart(
    String title, String subtitle, String timeAxis, List<Panel> panels, List<Phase> phases) {
  private static final int WIDTH = 880;
  private static final int LEFT = 68;
  private static final int RIGHT = WIDTH - 24;
  private static final int TOP = 122;
  private static final int PANEL_HEIGHT = 140;
  private static final int PANEL_GAP = 46;
  private static final int BOTTOM = 58;
  private static final int MAX_TIME_STEPS = 12;
  private static final int MAX_VALUE_STEPS = 5;
  private static final int LEGEND_DASH = 18;

  /** About the width of a character of the legend. */
  private static final double CHARACTER_WIDTH = 6.9;

  /** The panel's title and legend stand that high above it; the first leaves a row for phases. */
  private static final int HEADER_RISE = 12;

  private static final int FIRST_HEADER_RISE = 34;
  private static final int PHASE_NAME_RISE = 8;

  /**
   * One diagram.
   *
   * @param title with the unit of its values
   */
  public record Panel(String title, List<Line> lines) {}

  /** How a line is drawn. */
  public enum Ink {
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    LIMIT;

    private String style() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * Values at moments, in the order of time; NaN leaves a gap.
   *
   * @param isFilled whether the area below is tinted
   */
  public record Line(String name, Ink ink, boolean isFilled, List<Point> points) {}

  /** A value at a moment. */
  public record Point(double seconds, double value) {}

  /**
   * A span of time.
   *
   * @param isShaded as opposed to a pause between two that are
   */
  public record Phase(String name, boolean isShaded, double fromSeconds, double toSeconds) {}

  /** The picture, as a whole document. */
  public String svg() {
    int height = bottomOf(panels.size() - 1) + BOTTOM;
    Ticks time = timeTicks();
    Drawing drawing = new Drawing(WIDTH, height);
    drawing.element("title", "", title);
    drawing.style(STYLE);
    drawing.rectangle("page", 0, 0, WIDTH, height);
    drawing.text("heading", 24, 34, "start", title);
    drawing.text("note", 24, 54, "start", subtitle);
    for (Phase phase : phases) {
      drawPhase(drawing, phase, time);
    }
    for (int index = 0; index < panels.size(); index++) {
      drawPanel(drawing, index, time);
    }
    int axis = bottomOf(panels.size() - 1);
    for (double tick : time.values()) {
      drawing.text("tick", x(tick, time), axis + 18, "middle", time.label(tick));
    }
    drawing.text("note", (LEFT + RIGHT) / 2.0, axis + 42, "middle", timeAxis);
    return drawing.document();
  }

  private Ticks timeTicks() {
    double last = 0;
    for (Panel panel : panels) {
      for (Line line : panel.lines()) {
        for (Point point : line.points()) {
          last = Math.max(last, point.seconds());
        }
      }
    }
    Ticks ticks = Ticks.upTo(last, MAX_TIME_STEPS);
    // The axis ends with the data: half a step of nothing would be half a step of picture lost.
    return new Ticks(ticks.step(), Math.max(last, ticks.step()));
  }

  private static double x(double seconds, Ticks time) {
    return LEFT + (RIGHT - LEFT) * seconds / time.last();
  }

  private static int topOf(int panel) {
    return TOP + panel * (PANEL_HEIGHT + PANEL_GAP);
  }

  private static int bottomOf(int panel) {
    return topOf(panel) + PANEL_HEIGHT;
  }

  private void drawPhase(Drawing drawing, Phase phase, Ticks time) {
    double from = x(phase.fromSeconds(), time);
    double to = x(phase.toSeconds(), time);
    for (int index = 0; phase.isShaded() && index < panels.size(); index++) {
      drawing.rectangle("phase", from, topOf(index), to - from, PANEL_HEIGHT);
    }
    // A name wider than its phase would run into its neighbours'.
    if (phase.name().length() * CHARACTER_WIDTH <= to - from) {
      drawing.text(
          "phase-name", (from + to) / 2, topOf(0) - PHASE_NAME_RISE, "middle", phase.name());
    }
  }

  private void drawPanel(Drawing drawing, int index, Ticks time) {
    Panel panel = panels.get(index);
    int top = topOf(index);
    int bottom = bottomOf(index);
    double max = 0;
    for (Line line : panel.lines()) {
      for (Point point : line.points()) {
        max = Double.isNaN(point.value()) ? max : Math.max(max, point.value());
      }
    }
    Ticks values = Ticks.upTo(max, MAX_VALUE_STEPS);
    for (double tick : values.values()) {
      double y = bottom - PANEL_HEIGHT * tick / values.last();
      drawing.line(tick == 0 ? "axis" : "grid", LEFT, y, RIGHT, y);
      drawing.text("tick", LEFT - 8, y + 4, "end", values.label(tick));
    }
    int header = top - (index == 0 ? FIRST_HEADER_RISE : HEADER_RISE);
    drawing.text("panel", 24, header, "start", panel.title());
    drawLegend(drawing, panel, header);
    for (Line line : panel.lines()) {
      drawLine(drawing, line, bottom, time, values);
    }
  }

  /** From right to left, ending with the panel. */
  private static void drawLegend(Drawing drawing, Panel panel, int y) {
    double right = RIGHT;
    for (int i = panel.lines().size() - 1; i >= 0; i--) {
      Line line = panel.lines().get(i);
      double nameBegin = right - line.name().length() * CHARACTER_WIDTH;
      drawing.text("legend", nameBegin, y, "start", line.name());
      double dashEnd = nameBegin - 6;
      drawing.line("line " + line.ink().style(), dashEnd - LEGEND_DASH, y - 4, dashEnd, y - 4);
      right = dashEnd - LEGEND_DASH - 22;
    }
  }

  private static void drawLine(Drawing drawing, Line line, int bottom, Ticks time, Ticks values) {
    StringBuilder path = new StringBuilder();
    StringBuilder area = new StringBuilder();
    double lastX = 0;
    for (Point point : line.points()) {
      if (Double.isNaN(point.value())) {
        closeArea(area, lastX, bottom);
        path.append(path.isEmpty() || path.charAt(path.length() - 1) == ' ' ? "" : " ");
        continue;
      }
      double x = x(point.seconds(), time);
      double y = bottom - PANEL_HEIGHT * point.value() / values.last();
      boolean isBegin = path.isEmpty() || path.charAt(path.length() - 1) == ' ';
      path.append(Drawing.point(isBegin ? 'M' : 'L', x, y));
      if (isBegin) {
        area.append(Drawing.point('M', x, bottom));
      }
      area.append(Drawing.point('L', x, y));
      lastX = x;
    }
    closeArea(area, lastX, bottom);
    if (line.isFilled()) {
      drawing.path("area " + line.ink().style(), area.toString());
    }
    drawing.path("line " + line.ink().style(), path.toString().strip());
  }

  private static void closeArea(StringBuilder area, double lastX, int bottom) {
    if (!area.isEmpty() && area.charAt(area.length() - 1) != 'Z') {
      area.append(Drawing.point('L', lastX, bottom)).append('Z');
    }
  }

  private static final String STYLE =
      """
      text { font-family: system-ui, "Segoe UI", "DejaVu Sans", sans-serif; fill: #4a5866 }
      .page { fill: #fff }
      .heading { font-size: 18px; font-weight: 600; fill: #1d2733 }
      .note { font-size: 12.5px }
      .panel { font-size: 13px; font-weight: 600; fill: #1d2733 }
      .legend, .tick { font-size: 12px }
      .phase { fill: #5b87b5; fill-opacity: .08 }
      .phase-name { font-size: 12px; font-style: italic }
      .grid { stroke: #e3e8ee }
      .axis { stroke: #8c99a6 }
      .line { fill: none; stroke-width: 2; stroke-linejoin: round }
      .area { fill-opacity: .16; stroke: none }
      .line.blue { stroke: #2f6fb0 } .area.blue { fill: #2f6fb0 }
      .line.green { stroke: #1f8a5f } .area.green { fill: #1f8a5f }
      .line.orange { stroke: #c96a12 } .area.orange { fill: #c96a12 }
      .line.purple { stroke: #7b52a8 } .area.purple { fill: #7b52a8 }
      .line.limit { stroke: #b3343a; stroke-width: 1.5; stroke-dasharray: 5 4 }
      @media (prefers-color-scheme: dark) {
        text { fill: #aab7c4 }
        .page { fill: #10161d }
        .heading, .panel { fill: #e8eef4 }
        .phase { fill: #86b4e6; fill-opacity: .07 }
        .grid { stroke: #26303b }
        .axis { stroke: #6b7885 }
        .line.blue { stroke: #6fb1f2 } .area.blue { fill: #6fb1f2 }
        .line.green { stroke: #56c596 } .area.green { fill: #56c596 }
        .line.orange { stroke: #f0a04b } .area.orange { fill: #f0a04b }
        .line.purple { stroke: #b795e0 } .area.purple { fill: #b795e0 }
        .line.limit { stroke: #ef7a80 }
      }
      """;
}
