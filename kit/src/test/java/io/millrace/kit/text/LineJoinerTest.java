/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.kit.text.MultilineOptions.Side;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LineJoinerTest {
  private final List<String> events = new ArrayList<>();
  private final List<Long> ends = new ArrayList<>();

  private LineJoiner joiner(MultilineOptions options, Charset charset) {
    return new LineJoiner(
        options,
        charset,
        (array, offset, length, end) -> {
          events.add(new String(array, offset, length, charset));
          ends.add(end);
        });
  }

  private LineJoiner feed(MultilineOptions options, String... lines) {
    LineJoiner joiner = joiner(options, UTF_8);
    long position = 0;
    for (String line : lines) {
      byte[] bytes = ("|" + line).getBytes(UTF_8);
      position += bytes.length;
      joiner.line(bytes, 1, bytes.length - 1, position, 0);
    }
    return joiner;
  }

  private static MultilineOptions bounded(int maxLines, int maxBytes) {
    return new MultilineOptions(
        Optional.of("^\\s"),
        false,
        Side.AFTER,
        maxLines,
        DataSize.ofBytes(maxBytes),
        Duration.ofSeconds(5));
  }

  @Test
  void indentedLinesFollowTheirFirst() {
    LineJoiner joiner =
        feed(MultilineOptions.of("^\\s", false, Side.AFTER), "one", " at a", " at b", "two");

    assertThat(events).containsExactly("one\n at a\n at b");
    assertThat(ends).containsExactly(16L);
    joiner.flush();
    joiner.flush();
    assertThat(events).containsExactly("one\n at a\n at b", "two");
    assertThat(ends).containsExactly(16L, 20L);
  }

  @Test
  void whatDoesNotBeginWithADateFollows() {
    feed(MultilineOptions.of("^\\d{4}-", true, Side.AFTER), "x", "2024-1", "b", "", "2024-2")
        .flush();

    assertThat(events).containsExactly("x", "2024-1\nb\n", "2024-2");
  }

  @Test
  void aBackslashAtTheEndTakesTheNextLine() {
    feed(MultilineOptions.of("\\\\$", false, Side.BEFORE), "a\\", "b\\", "c", "d", "e\\").flush();

    assertThat(events).containsExactly("a\\\nb\\\nc", "d", "e\\");
  }

  @Test
  void anEndMarkEndsAnEvent() {
    feed(MultilineOptions.of("^END$", true, Side.BEFORE), "a", "b", "END", "END", "c").flush();

    assertThat(events).containsExactly("a\nb\nEND", "END", "c");
  }

  @Test
  void eventsAreBoundedInLinesAndBytes() {
    feed(bounded(2, 1000), "a", " b", " c", " d", " e").flush();
    assertThat(events).containsExactly("a\n b", " c\n d", " e");

    events.clear();
    feed(bounded(100, 7), "aaa", " bb", " ccccccccc", " d").flush();
    assertThat(events).containsExactly("aaa\n bb", " ccccccccc", " d");
  }

  @Test
  void whatWaitsIsDueAfterItsLastLine() {
    LineJoiner joiner = joiner(MultilineOptions.of("^\\s", false, Side.AFTER), UTF_8);
    assertThat(joiner.nanosUntilDue(0)).isEqualTo(Long.MAX_VALUE);
    joiner.line("a".getBytes(UTF_8), 0, 1, 1, 10);
    joiner.line(" b".getBytes(UTF_8), 0, 2, 4, 20);

    joiner.flushIfDue(Duration.ofSeconds(5).toNanos() + 19);
    assertThat(events).isEmpty();
    joiner.flushIfDue(Duration.ofSeconds(5).toNanos() + 20);
    assertThat(events).containsExactly("a\n b");
  }

  @Test
  void linesOfTwoByteCharactersAreJoinedInTheirOwnWay() {
    Charset charset = StandardCharsets.UTF_16BE;
    LineJoiner joiner = joiner(MultilineOptions.of("^\\s", false, Side.AFTER), charset);
    for (String line : List.of("a", " b")) {
      byte[] bytes = line.getBytes(charset);
      joiner.line(bytes, 0, bytes.length, 0, 0);
    }
    joiner.flush();

    assertThat(events).containsExactly("a\n b");
  }

  @Test
  void aPatternThatRunsAwayCountsAsNotFound() {
    feed(MultilineOptions.of("^(a+)+$", false, Side.AFTER), "x", "aaa", "a".repeat(60) + "b")
        .flush();

    assertThat(events).containsExactly("x\naaa", "a".repeat(60) + "b");
  }

  @Test
  void aPatternIsCheckedAtTheStart() {
    assertThatThrownBy(() -> MultilineOptions.of("(", false, Side.AFTER))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("'(' is not a regular expression");
    assertThat(MultilineOptions.NONE.isOn()).isFalse();
  }
}
