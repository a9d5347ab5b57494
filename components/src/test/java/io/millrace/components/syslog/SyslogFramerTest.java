/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class SyslogFramerTest {
  private static final int MAX = 20;

  private final List<String> messages = new ArrayList<>();

  private SyslogFramer framer(Framing framing, int max) {
    return new SyslogFramer(
        framing,
        max,
        (array, offset, length, isCut) ->
            messages.add(new String(array, offset, length, ISO_8859_1) + (isCut ? "|cut" : "")));
  }

  private List<String> cut(Framing framing, String stream) {
    messages.clear();
    SyslogFramer framer = framer(framing, MAX);
    byte[] bytes = stream.getBytes(ISO_8859_1);
    framer.feed(bytes, 0, bytes.length);
    framer.finish();
    return List.copyOf(messages);
  }

  @Test
  void aLineFeedEndsAMessage() {
    assertThat(cut(Framing.AUTO, "<1>a\n<2>b\r\n<3>c\0\n")).containsExactly("<1>a", "<2>b", "<3>c");
  }

  @Test
  void aCountSaysHowLongAMessageIs() {
    assertThat(cut(Framing.AUTO, "4 <1>a7 <2>b\nc\n4 <3>d"))
        .containsExactly("<1>a", "<2>b\nc", "<3>d");
  }

  @Test
  void bothWaysMayBeMixedAndCountedOnesEndedByALineFeedAsWell() {
    assertThat(cut(Framing.AUTO, "4 <1>a\n<2>b\n4 <3>c\r\n\n\0<4>d\n"))
        .containsExactly("<1>a", "<2>b", "<3>c", "<4>d");
  }

  @Test
  void textThatBeginsWithANumberIsALine() {
    assertThat(cut(Framing.AUTO, "200 OK\n2026-11-23 x\n12\n0 <1>a\n999999999 <1>a\n7\n"))
        .containsExactly("200 OK", "2026-11-23 x", "12", "0 <1>a", "999999999 <1>a", "7");
  }

  @Test
  void withCountsAloneAMessageMayBeginWithAnything() {
    assertThat(cut(Framing.OCTET_COUNTING, "2 OK3 abc")).containsExactly("OK", "abc");
    assertThat(cut(Framing.NEWLINE, "4 <1>a\n")).containsExactly("4 <1>a");
  }

  @Test
  void whatIsTooLongIsCutAndItsRestSkipped() {
    String twenty = "<1>" + "x".repeat(17);
    assertThat(cut(Framing.AUTO, twenty + "\n" + twenty + "yy\n<2>b\n"))
        .containsExactly(twenty, twenty + "|cut", "<2>b");
    assertThat(cut(Framing.AUTO, "22 " + twenty + "yy4 <2>b"))
        .containsExactly(twenty + "|cut", "<2>b");
  }

  @Test
  void whatIsHalfThereAtTheEndIsMarked() {
    assertThat(cut(Framing.AUTO, "<1>a\n<2>b")).containsExactly("<1>a", "<2>b|cut");
    assertThat(cut(Framing.AUTO, "9 <1>a")).containsExactly("<1>a|cut");
    assertThat(cut(Framing.AUTO, "12")).containsExactly("12|cut");
    assertThat(cut(Framing.AUTO, "\n\r\n\0")).isEmpty();
  }

  @Test
  void whatWasSkippedIsCounted() {
    SyslogFramer framer = framer(Framing.AUTO, 10);
    byte[] bytes = ("<1>" + "x".repeat(27) + "\n25 <1>" + "y".repeat(22)).getBytes(ISO_8859_1);
    framer.feed(bytes, 0, bytes.length);
    assertThat(framer.skippedBytes()).isEqualTo(20 + 15);
  }

  @Test
  void aLongMessageLeavesNoMemoryBehind() {
    SyslogFramer framer = framer(Framing.AUTO, 1 << 20);
    byte[] half = "x".repeat(600_000).getBytes(ISO_8859_1);
    framer.feed(half, 0, half.length);
    assertThat(framer.carryCapacity()).isBetween(600_000, 1 << 20);
    framer.feed(new byte[] {'\n'}, 0, 1);
    assertThat(framer.carryCapacity()).isZero();
  }

  /** Any bytes, in any pieces, with each way of framing. */
  @Property(tries = 3000)
  void theCutsDoNotDependOnThePieces(
      @ForAll long seed, @ForAll Framing framing, @ForAll @IntRange(min = 10, max = 30) int max) {
    Random random = new Random(seed);
    byte[] stream = stream(random);
    messages.clear();
    SyslogFramer whole = framer(framing, max);
    whole.feed(stream, 0, stream.length);
    whole.finish();
    List<String> expected = List.copyOf(messages);

    messages.clear();
    SyslogFramer pieces = framer(framing, max);
    byte[] buffer = new byte[stream.length + 3];
    for (int at = 0; at < stream.length; ) {
      int length = Math.min(stream.length - at, 1 + random.nextInt(random.nextBoolean() ? 3 : 40));
      // What was lent before must not be looked at again.
      Arrays.fill(buffer, (byte) '#');
      System.arraycopy(stream, at, buffer, 3, length);
      pieces.feed(buffer, 3, length);
      assertThat(pieces.carryCapacity()).isLessThanOrEqualTo(256);
      at += length;
    }
    pieces.finish();

    assertThat(messages).isEqualTo(expected);
    assertThat(pieces.skippedBytes()).isEqualTo(whole.skippedBytes());
  }

  /** Mostly from an alphabet in which counts, messages and ends are frequent. */
  static byte[] stream(Random random) {
    byte[] alphabet = "0123459   <<1>>ab\n\n\r\0".getBytes(ISO_8859_1);
    byte[] bytes = new byte[random.nextInt(300)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] =
          random.nextInt(50) == 0
              ? (byte) random.nextInt(256)
              : alphabet[random.nextInt(alphabet.length)];
    }
    return bytes;
  }
}
