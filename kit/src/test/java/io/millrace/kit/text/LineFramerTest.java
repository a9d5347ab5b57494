/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.text;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class LineFramerTest {
  private final List<String> seen = new ArrayList<>();

  private LineFramer framer(int maxLineBytes) {
    return new LineFramer(
        maxLineBytes,
        new LineFramer.Lines() {
          @Override
          public void line(byte[] array, int offset, int length) {
            seen.add(new String(array, offset, length, UTF_8));
          }

          @Override
          public void overlong(byte[] array, int offset, int length) {
            seen.add(new String(array, offset, length, UTF_8) + "...");
          }
        });
  }

  private static void feed(LineFramer framer, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    framer.feed(bytes, 0, bytes.length);
  }

  @Test
  void emptyLinesAreLinesAndCarriageReturnsStay() {
    feed(framer(10), "a\n\nb\r\n");
    assertThat(seen).containsExactly("a", "", "b\r");
  }

  @Test
  void aLineInPiecesIsJoined() {
    LineFramer framer = framer(10);
    feed(framer, "ab");
    feed(framer, "cd");
    assertThat(seen).isEmpty();
    assertThat(framer.hasUnfinishedLine()).isTrue();
    feed(framer, "\ne");
    assertThat(seen).containsExactly("abcd");
    framer.finish();
    assertThat(seen).containsExactly("abcd", "e");
    assertThat(framer.hasUnfinishedLine()).isFalse();
  }

  @Test
  void aLineOfExactlyTheLimitIsWhole() {
    feed(framer(4), "abcd\n");
    assertThat(seen).containsExactly("abcd");
  }

  @Test
  void anOverlongLineIsToldOnceAndTheNextIsWhole() {
    LineFramer framer = framer(4);
    feed(framer, "abc");
    feed(framer, "defg");
    feed(framer, "hij");
    feed(framer, "kl\nxy\n");
    assertThat(seen).containsExactly("abcd...", "xy");
    assertThat(framer.droppedBytes()).isEqualTo(8);
  }

  @Test
  void anUnfinishedOverlongLineIsNotToldAgainAtTheEnd() {
    LineFramer framer = framer(4);
    feed(framer, "abcdefgh");
    framer.finish();
    assertThat(seen).containsExactly("abcd...");
  }

  @Property
  void piecesDoNotMatter(
      @ForAll @Size(max = 200) List<@IntRange(min = 8, max = 13) Integer> bytes,
      @ForAll @IntRange(min = 1, max = 20) int pieceBytes) {
    byte[] text = new byte[bytes.size()];
    for (int i = 0; i < text.length; i++) {
      text[i] = bytes.get(i).byteValue();
    }
    seen.clear();
    LineFramer whole = framer(7);
    whole.feed(text, 0, text.length);
    whole.finish();
    List<String> expected = List.copyOf(seen);
    seen.clear();
    LineFramer inPieces = framer(7);
    for (int at = 0; at < text.length; at += pieceBytes) {
      inPieces.feed(text, at, Math.min(pieceBytes, text.length - at));
    }
    inPieces.finish();
    assertThat(seen).isEqualTo(expected);
    assertThat(inPieces.droppedBytes()).isEqualTo(whole.droppedBytes());
  }

  @Property
  void theFirstLineFeedIsFoundWhateverSurroundsIt(
      @ForAll @Size(max = 40) byte[] bytes,
      @ForAll @IntRange(max = 40) int a,
      @ForAll @IntRange(max = 40) int b) {
    int from = Math.min(Math.min(a, b), bytes.length);
    int limit = Math.min(Math.max(a, b), bytes.length);
    int expected = -1;
    for (int i = limit - 1; i >= from; i--) {
      if (bytes[i] == '\n') {
        expected = i;
      }
    }
    assertThat(LineFeeds.indexOf(bytes, from, limit)).isEqualTo(expected);
  }

  @Test
  void bytesThatDifferFromALineFeedInOneBitAreNotTakenForOne() {
    byte[] bytes = {0x0B, 0x08, 0x0E, 0x02, 0x1A, 0x2A, 0x4A, (byte) 0x8A, 0x0B, 0x0A, 0x0B};
    assertThat(LineFeeds.indexOf(bytes, 0, bytes.length)).isEqualTo(9);
  }
}
