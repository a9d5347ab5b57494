/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Origin;
import java.util.BitSet;
import java.util.List;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class JournalProgressTest {
  /** The model is a set of bits; each number is a range of up to eight. */
  @Property(tries = 500)
  void hasWhatWasAddedAndNothingElseAlsoAfterItsText(
      @ForAll @Size(max = 40) List<@IntRange(max = 200) Integer> firsts) {
    JournalProgress progress = new JournalProgress();
    BitSet model = new BitSet();
    for (int first : firsts) {
      int end = first + 1 + first % 8;
      progress.add(first % 2, first, end);
      if (first % 2 == 0) {
        model.set(first, end);
      }
    }
    JournalProgress read = JournalProgress.parse(progress.text());
    for (int sequence = 0; sequence < 220; sequence++) {
      assertThat(progress.has(0, sequence)).isEqualTo(model.get(sequence));
      assertThat(read.has(0, sequence)).isEqualTo(model.get(sequence));
    }
  }

  @Test
  void rangesThatTouchAreOneAndWhatIsBelowTheFloorGoes() {
    JournalProgress progress = new JournalProgress();
    progress.add(0, 0, 5);
    progress.add(0, 5, 9);
    progress.add(0, 20, 30);
    progress.add(3, 7, 8);
    assertThat(progress.text()).isEqualTo("1;0:0-9,20-30;3:7-8");
    progress.dropBelow(0, 15);
    assertThat(progress.text()).isEqualTo("1;0:20-30;3:7-8");
    progress.ownedBy("1f");
    assertThat(progress.text()).isEqualTo("1@1f;0:20-30;3:7-8");
    assertThat(JournalProgress.parse(progress.text()).owner()).isEqualTo("1f");
  }

  @Test
  void aTextThatWouldBeTooLongForgetsTheLowestRanges() {
    JournalProgress progress = new JournalProgress();
    for (int i = 0; i < 2000; i++) {
      progress.add(0, i * 10L, i * 10L + 5);
    }
    String text = progress.text();
    assertThat(text).hasSizeLessThanOrEqualTo(JournalProgress.MAX_TEXT_CHARS);
    assertThat(progress.forgottenRanges()).isPositive();
    assertThat(progress.has(0, 19_990)).isTrue();
    assertThat(progress.has(0, 0)).isFalse();
  }

  @Test
  void freshEventsOfKnownSequencesContestTheJournalForGood() {
    JournalProgress progress = new JournalProgress();
    progress.add(0, 10, 20);
    UUID journal = new UUID(1, 2);
    assertThat(progress.contests(new Origin(journal, 0, 20, 5, 1, 0, true, ""))).isFalse();
    assertThat(progress.contests(new Origin(journal, 0, 15, 1, 1, 0, false, ""))).isFalse();
    assertThat(progress.contests(new Origin(journal, 0, 19, 5, 1, 0, true, ""))).isTrue();
    progress.add(0, 30, 40);
    JournalProgress read = JournalProgress.parse(progress.text());
    assertThat(read.isContested()).isTrue();
    assertThat(read.has(0, 35)).isFalse();
  }

  @Test
  void otherTextIsRefused() {
    assertThatThrownBy(() -> JournalProgress.parse("2;0:1-2"))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
