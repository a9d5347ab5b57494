/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BoardTest {
  private static final String ANSI = "\u001b\\[[0-9;]*m";

  @Test
  void theTableShowsEachProcessWithItsFigures() {
    List<String> lines = board().lines(110).stream().map(BoardTest::plain).toList();

    assertThat(lines)
        .anyMatch(line -> line.contains("Millrace demo") && line.endsWith("1:05"))
        .anyMatch(line -> line.matches(" *edge-1 +4711 +● up +21,480 +112 +21,368 +250 .*"))
        .anyMatch(line -> line.contains("● restarted 2×"));
  }

  @Test
  void noLineIsWiderThanTheTerminal() {
    for (int columns : new int[] {100, 110, 200}) {
      assertThat(board().lines(columns))
          .allSatisfy(line -> assertThat(plain(line).length()).isLessThan(columns));
    }
  }

  @Test
  void barsAreRelativeToTheHighest() {
    assertThat(Board.bars(List.of(0L, 50L, 100L))).isEqualTo("▁▅█");
    assertThat(Board.bars(List.of(0L, 0L))).isEqualTo("▁▁");
  }

  @Test
  void figuresAddUpTheComponentsOfAnAgent() {
    Figures figures =
        Figures.of(
            Map.of(
                "SOURCE.a", Map.of("EventAcceptedCount", "3"),
                "SOURCE.b", Map.of("EventAcceptedCount", "4"),
                "CHANNEL.c", Map.of("ChannelSize", "2"),
                "SINK.d", Map.of("EventDrainSuccessCount", "5")));

    assertThat(figures).isEqualTo(new Figures(7, 2, 5));
    assertThat(new Figures(1, 9, 2).after(figures)).isEqualTo(new Figures(8, 9, 7));
  }

  private static Board board() {
    return new Board(
        Duration.ofSeconds(65),
        "Ctrl-C to stop and count",
        "made-up web logs ──▶ edge agents ──▶ collector ──▶ " + "/long".repeat(40),
        List.of(
            new Board.Row(
                "edge-1",
                4711,
                AgentProcess.State.UP,
                0,
                new Figures(21_480, 112, 21_368),
                List.of(1L, 2L, 3L),
                250),
            new Board.Row("collector", 4712, AgentProcess.State.UP, 2, Figures.ZERO, List.of(), 0)),
        List.of("12:00:00  " + "something happened ".repeat(20)),
        "Try kill -9 on any PID.");
  }

  private static String plain(String line) {
    return line.replaceAll(ANSI, "");
  }
}
