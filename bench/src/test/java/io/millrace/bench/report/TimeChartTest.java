/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.report;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.bench.report.TimeChart.Ink;
import io.millrace.bench.report.TimeChart.Line;
import io.millrace.bench.report.TimeChart.Panel;
import io.millrace.bench.report.TimeChart.Phase;
import io.millrace.bench.report.TimeChart.Point;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class TimeChartTest {
  private static final List<Point> RISING =
      List.of(new Point(0, 0), new Point(5, 50), new Point(10, 100));
  private static final List<Point> BROKEN =
      List.of(
          new Point(0, 10),
          new Point(4, 10),
          new Point(4, Double.NaN),
          new Point(8, 20),
          new Point(10, 20));

  @Test
  void hasEachPanelLegendSeriesAndPhase() throws Exception {
    Document picture =
        parse(
            chart(
                new Panel("Events", List.of(new Line("appended & kept", Ink.BLUE, false, RISING))),
                new Panel("Memory, MiB", List.of(new Line("resident", Ink.PURPLE, true, BROKEN)))));

    assertThat(texts(picture))
        .contains(
            "a <title>",
            "Events",
            "Memory, MiB",
            "appended & kept",
            "resident",
            "seconds",
            "pause");
    // 10 seconds are 788 pixels, from 68 on; 100 events are 140 pixels, up from 262.
    assertThat(paths(picture, "line blue")).contains("M68.0 262.0L462.0 192.0L856.0 122.0");
    assertThat(paths(picture, "area purple")).hasSize(1);
  }

  @Test
  void aGapEndsTheLineAndItsAreaAndBeginsAnother() throws Exception {
    Document picture =
        parse(chart(new Panel("p", List.of(new Line("l", Ink.GREEN, true, BROKEN)))));

    String line = paths(picture, "line green").get(1); // the first is the legend's
    assertThat(line.chars().filter(c -> c == 'M')).hasSize(2);
    String area = paths(picture, "area green").get(0);
    assertThat(area.chars().filter(c -> c == 'Z')).hasSize(2);
    assertThat(area.chars().filter(c -> c == 'M')).hasSize(2);
  }

  @Test
  void aChartWithoutAPointIsStillAPicture() throws Exception {
    Document picture =
        parse(chart(new Panel("p", List.of(new Line("l", Ink.BLUE, true, List.of())))));

    assertThat(texts(picture)).contains("p", "l");
  }

  @Property
  void ticksAreRoundAndHoldTheLargestValueInNoMoreStepsThanAsked(
      @ForAll @DoubleRange(min = 0.01, max = 1e12) double max,
      @ForAll @IntRange(min = 1, max = 20) int most) {
    Ticks ticks = Ticks.upTo(max, most);

    assertThat(ticks.last()).isGreaterThanOrEqualTo(max * (1 - 1e-6));
    assertThat(ticks.values()).hasSizeBetween(2, most + 1);
    assertThat(ticks.last() - ticks.step()).isLessThan(max);
  }

  @Test
  void ticksHaveTheDigitsTheirStepNeeds() {
    assertThat(Ticks.upTo(2.3, 5)).isEqualTo(new Ticks(0.5, 2.5));
    assertThat(Ticks.upTo(2.3, 5).label(0.5)).isEqualTo("0.5");
    assertThat(Ticks.upTo(100, 5).label(1000)).isEqualTo("1,000");
  }

  private static TimeChart chart(Panel... panels) {
    return new TimeChart(
        "a <title>", "below", "seconds", List.of(panels), List.of(new Phase("pause", false, 4, 8)));
  }

  private static Document parse(TimeChart chart) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(chart.svg().getBytes(StandardCharsets.UTF_8)));
  }

  private static List<String> texts(Document picture) {
    List<String> texts = new ArrayList<>();
    NodeList elements = picture.getElementsByTagName("text");
    for (int i = 0; i < elements.getLength(); i++) {
      texts.add(elements.item(i).getTextContent());
    }
    return texts;
  }

  private static List<String> paths(Document picture, String style) {
    List<String> paths = new ArrayList<>();
    NodeList elements = picture.getElementsByTagName("path");
    for (int i = 0; i < elements.getLength(); i++) {
      Element path = (Element) elements.item(i);
      if (path.getAttribute("class").equals(style)) {
        paths.add(path.getAttribute("d"));
      }
    }
    return paths;
  }
}
