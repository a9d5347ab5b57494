/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.ack;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.format.SequenceRange;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SequenceSetTest {
  /** Goal: the set is right whatever is added. Method: a bit set beside it. */
  @Test
  void agreesWithABitSet() {
    for (long seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      SequenceSet set = SequenceSet.below(0);
      BitSet model = new BitSet();
      for (int i = 0; i < 60; i++) {
        int first = random.nextInt(200);
        int end = first + random.nextInt(30);
        int before = model.cardinality();
        model.set(first, end);
        assertThat(set.add(first, end)).isEqualTo(model.cardinality() - before);
        check(set, model);
      }
    }
  }

  private static void check(SequenceSet set, BitSet model) {
    assertThat(set.lowWater()).isEqualTo(model.nextClearBit(0));
    assertThat(set.end()).isEqualTo(model.length());
    long missing = 0;
    for (SequenceRange gap : set.missing(0, 240)) {
      for (long sequence = gap.first(); sequence < gap.end(); sequence++) {
        assertThat(model.get((int) sequence)).isFalse();
        assertThat(set.contains(sequence)).isFalse();
        missing++;
      }
    }
    assertThat(missing).isEqualTo(240 - model.cardinality());
    assertThat(set.missingCount(0, 240)).isEqualTo(missing);
  }

  @Test
  void rangesThatTouchBecomeOne() {
    SequenceSet set = SequenceSet.below(10);
    set.add(20, 30);
    set.add(40, 50);
    set.add(30, 40);
    assertThat(set.ranges()).isEqualTo(List.of(new SequenceRange(20, 50)));
    set.add(10, 20);
    assertThat(set.lowWater()).isEqualTo(50);
    assertThat(set.rangeCount()).isZero();
  }
}
