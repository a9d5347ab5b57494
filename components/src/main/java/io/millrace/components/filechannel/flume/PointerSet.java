/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

/**
 * A set of event pointers, 8 bytes a slot and at most half of the slots in use: open addressing,
 * where 0, which is no pointer, marks a free slot. Confined to its owner.
 */
final class PointerSet {
  private long[] slots = new long[64];
  private int size;

  int size() {
    return size;
  }

  boolean add(long pointer) {
    if (size * 2 >= slots.length) {
      grow();
    }
    int slot = slotOf(pointer);
    if (slots[slot] == pointer) {
      return false;
    }
    slots[slot] = pointer;
    size++;
    return true;
  }

  boolean remove(long pointer) {
    int free = slotOf(pointer);
    if (slots[free] == 0) {
      return false;
    }
    size--;
    // Moves back what follows, so that no search stops too early.
    int mask = slots.length - 1;
    for (int at = (free + 1) & mask; slots[at] != 0; at = (at + 1) & mask) {
      int wanted = home(slots[at]);
      if (((at - wanted) & mask) >= ((at - free) & mask)) {
        slots[free] = slots[at];
        free = at;
      }
    }
    slots[free] = 0;
    return true;
  }

  /** Where the pointer is, or the free slot where it would go. */
  private int slotOf(long pointer) {
    int slot = home(pointer);
    while (slots[slot] != 0 && slots[slot] != pointer) {
      slot = (slot + 1) & slots.length - 1;
    }
    return slot;
  }

  private int home(long pointer) {
    long mixed = pointer * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 32) & slots.length - 1;
  }

  private void grow() {
    long[] old = slots;
    slots = new long[Math.multiplyExact(old.length, 2)];
    for (long pointer : old) {
      if (pointer != 0) {
        slots[slotOf(pointer)] = pointer;
      }
    }
  }
}
