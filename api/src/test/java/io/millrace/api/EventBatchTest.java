/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EventBatchTest {
  @Test
  void aBatchOfOneEventHasTheBytesThatTheFormatSays() {
    EventBatch batch = EventBatch.of(Map.of("h", "ab"), "xyz".getBytes(UTF_8));

    byte[] bytes = new byte[batch.encodedBytes()];
    batch.copyTo(bytes, 0);

    // One event; a map of one entry; a body; no more blocks. Counts and lengths are zig-zag.
    assertThat(HexFormat.of().formatHex(bytes))
        .isEqualTo("02" + "02" + "0268" + "046162" + "00" + "0678797a" + "00");
  }

  @ParameterizedTest
  @CsvSource(
      textBlock =
          """
          '', 'is cut off'
          02, 'expected: at most 0'
          80, 'is cut off'
          ffffffffffffffffffff01, 'longer than 10 bytes'
          feffffffffffffffff01, 'by the bytes that remain'
          ffffffffffffffffff0100, 'by the bytes that remain'
          02000a0000, 'expected: 0 to 2'
          02000100, 'length at offset 2: -1'
          02feffffffffffffffff010000, 'by the bytes that remain'
          0202fe0f0000, 'length at offset 2'
          0106000000, 'expected by its size'
          01010000, 'block size at offset 1: -1'
          01fe0f000000, 'block size at offset 1'
          0200000000, 'follow the last event'
          8000, 'end of the array'
          0200008000, 'end of the array'
          """)
  void bytesThatAreNoBatchAreRefusedWithTheirPlace(String hex, String message) {
    byte[] bytes = HexFormat.of().parseHex(hex);

    assertThatThrownBy(() -> EventBatch.parse(bytes))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageContaining(message);
  }

  @Test
  void bytesLentByABatchMakeAnEqualBatchUnchecked() {
    EventBatch batch =
        EventBatch.builder()
            .add(EncodedHeaders.of(Map.of("h", "a")), "x".getBytes(UTF_8))
            .add(EncodedHeaders.of(Map.of()), "yz".getBytes(UTF_8))
            .build();

    EventBatch again =
        batch.lend((array, offset, length) -> EventBatch.ofChecked(array, offset, length, 2));

    assertThat(again).isEqualTo(batch);
    assertThat(again.slice(1, 2).iterator().next().body()).isEqualTo("yz".getBytes(UTF_8));
    assertThatThrownBy(() -> EventBatch.ofChecked(new byte[3], 1, 3, 1))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void bytesThatAreNoEventAreRefused() {
    assertThatThrownBy(() -> EventBatch.parseEvent(new byte[] {0, 0, 0}, 0, 3))
        .isInstanceOf(MalformedBatchException.class)
        .hasMessageContaining("follow the event");
    assertThatThrownBy(() -> EventBatch.parseEvent(new byte[] {0}, 0, 1))
        .isInstanceOf(MalformedBatchException.class);
    assertThatThrownBy(() -> EventBatch.parse(new byte[3], 1, 3))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void aHeaderThatStandsTwiceHasTheValueOfItsLastEntry() {
    EventBatch batch =
        EventBatch.of(Map.of("h", "old"), new byte[0])
            .withHeader("h", "new", HeaderConflict.REPLACE);

    EventView event = batch.iterator().next();

    assertThat(event.header("h")).isEqualTo("new");
    assertThat(event.headers()).isEqualTo(Map.of("h", "new"));
    assertThat(event.header("H")).isNull();
  }

  @Test
  void anEmptyBatchHoldsNothingAndJoinsWithEverything() throws Exception {
    assertThat(EventBatch.EMPTY.isEmpty()).isTrue();
    assertThat(EventBatch.parse(new byte[] {0})).isEqualTo(EventBatch.EMPTY);
    assertThat(EventBatch.builder().build()).isSameAs(EventBatch.EMPTY);
    assertThat(EventBatch.join(List.of())).isEqualTo(EventBatch.EMPTY);
    assertThat(EventBatch.EMPTY.withHeader("a", "b", HeaderConflict.REPLACE))
        .isSameAs(EventBatch.EMPTY);
    assertThat(EventBatch.EMPTY.iterator().hasNext()).isFalse();
    assertThatThrownBy(() -> EventBatch.EMPTY.iterator().next())
        .isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void aSliceOfEverythingIsTheBatchItself() {
    EventBatch batch = EventBatch.of(Map.of(), new byte[1]);

    assertThat(batch.slice(0, 1)).isSameAs(batch);
    assertThat(batch.slice(1, 1)).isSameAs(EventBatch.EMPTY);
    assertThatThrownBy(() -> batch.slice(0, 2)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void piecesAreWhatSlicesAre() {
    EventBatch.Builder builder = EventBatch.builder();
    for (int i = 0; i < 10; i++) {
      builder.add(EncodedHeaders.of(Map.of("n", "" + i)), new byte[i]);
    }
    EventBatch batch = builder.build();
    assertThat(batch.cut(1, 4, 9))
        .containsExactly(
            batch.slice(0, 1), batch.slice(1, 4), batch.slice(4, 9), batch.slice(9, 10));
    assertThat(batch.cut()).containsExactly(batch);
    for (int[] wrong : new int[][] {{0}, {10}, {11}, {5, 5}, {6, 5}}) {
      assertThatThrownBy(() -> batch.cut(wrong)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void partOfAnArrayMayBeABody() {
    EventBatch batch =
        EventBatch.builder().add(EncodedHeaders.NONE, "abcdef".getBytes(UTF_8), 2, 3).build();

    EventView event = batch.iterator().next();
    assertThat(event.bodyText()).isEqualTo("cde");
    assertThat(event.bodyAt(2)).isEqualTo((byte) 'e');
    assertThatThrownBy(() -> event.bodyAt(3)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThat(event.bodyBuffer().isReadOnly()).isTrue();
  }

  @Test
  void aBuilderGrowsToWhatItIsGiven() {
    EventBatch.Builder builder = EventBatch.builder(1);
    for (int i = 0; i < 10_000; i++) {
      builder.add(EncodedHeaders.NONE, Integer.toString(i).getBytes(UTF_8));
    }
    assertThat(builder.eventCount()).isEqualTo(10_000);
    int predicted = builder.encodedBytes();

    EventBatch batch = builder.build();

    assertThat(batch.encodedBytes()).isBetween(predicted - 5, predicted + 5);
    Iterator<EventView> events = batch.iterator();
    for (int i = 0; i < 10_000; i++) {
      assertThat(events.next().bodyText()).isEqualTo(Integer.toString(i));
    }
  }
}
