/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.memory;

/**
 * Most that a {@link MemoryQueue} holds, by each measure. Immutable.
 *
 * @param slotBytes bytes of body that a slot stands for
 */
public record MemoryRoom(Load most, int slotBytes) {
  /** Whether an empty queue has room for it. */
  boolean holds(Load load) {
    return holds(Load.NONE, load);
  }

  boolean holds(Load used, Load more) {
    return more.events() <= most.events() - used.events()
        && more.slots() <= most.slots() - used.slots()
        && more.bytes() <= most.bytes() - used.bytes();
  }

  /** Percent that is free, by the measure that is the fullest. */
  int freePercent(Load used) {
    return Math.min(
        freePercent(used.events(), most.events()),
        Math.min(freePercent(used.slots(), most.slots()), freePercent(used.bytes(), most.bytes())));
  }

  private static int freePercent(long used, long most) {
    return most == 0 ? 0 : (int) Math.max(0, 100.0 * (most - used) / most);
  }
}
