/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

final class PointerSetTest {

  @Property(tries = 50)
  void itIsTheSetThatAHashSetIs(@ForAll long seed) {
    Random random = new Random(seed);
    Set<Long> model = new HashSet<>();
    PointerSet set = new PointerSet();
    for (int i = 0; i < 5_000; i++) {
      long pointer = LogRecord.pointer(1 + random.nextInt(3), random.nextInt(700));
      if (random.nextBoolean()) {
        assertThat(set.add(pointer)).isEqualTo(model.add(pointer));
      } else {
        assertThat(set.remove(pointer)).isEqualTo(model.remove(pointer));
      }
      assertThat(set.size()).isEqualTo(model.size());
    }
  }

  @Property(tries = 5)
  void aListWithoutASetKeepsItsOrderAndTheSetItsStrangers(@ForAll long seed) {
    Random random = new Random(seed);
    int size = random.nextInt(200_000);
    PointerList list = new PointerList();
    PointerSet removed = new PointerSet();
    List<Long> expected = new ArrayList<>();
    for (int i = 1; i <= size; i++) {
      list.add(i);
      if (random.nextInt(3) == 0) {
        removed.add(i);
      } else {
        expected.add((long) i);
      }
    }
    removed.add(Long.MAX_VALUE);

    list.removeAll(removed);
    list.add(7);
    expected.add(7L);

    assertThat(removed.size()).isEqualTo(1);
    assertThat(list.size()).isEqualTo(expected.size());
    for (int i = 0; i < expected.size(); i++) {
      assertThat(list.get(i)).isEqualTo(expected.get(i));
    }
  }
}
