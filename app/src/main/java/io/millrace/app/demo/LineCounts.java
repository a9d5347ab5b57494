/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import java.util.Arrays;

/**
 * How often each line, known by its hash, was required, perhaps read, and stored. An open
 * addressing table of 20 bytes a slot. Confined to one thread.
 */
final class LineCounts {
  private long[] hashes = new long[1 << 12];
  private int[] required = new int[hashes.length];
  private int[] optional = new int[hashes.length];
  private int[] stored = new int[hashes.length];
  private int used;

  /** A line that has to be in the store. */
  void require(long hash) {
    int slot = slot(hash); // first, as it may replace the arrays
    required[slot]++;
  }

  /** A line that may be in the store, having been written while the agents stopped. */
  void allow(long hash) {
    int slot = slot(hash);
    optional[slot]++;
  }

  void store(long hash) {
    int slot = slot(hash);
    stored[slot]++;
  }

  Tally tally() {
    long read = 0;
    long kept = 0;
    long lost = 0;
    long duplicated = 0;
    long unknown = 0;
    for (int i = 0; i < hashes.length; i++) {
      int known = required[i] + optional[i];
      kept += stored[i];
      if (known == 0) {
        unknown += stored[i];
      } else {
        read += Math.max(required[i], Math.min(stored[i], known));
        lost += Math.max(0, required[i] - stored[i]);
        duplicated += Math.max(0, stored[i] - known);
      }
    }
    return new Tally(read, kept, lost, duplicated, unknown);
  }

  private int slot(long hash) {
    long key = hash == 0 ? 1 : hash; // 0 marks an empty slot
    int mask = hashes.length - 1;
    int slot = (int) key & mask;
    while (hashes[slot] != key) {
      if (hashes[slot] == 0) {
        if (used * 2 >= hashes.length) {
          grow();
          return slot(hash);
        }
        used++;
        hashes[slot] = key;
        return slot;
      }
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private void grow() {
    long[] oldHashes = hashes;
    int[] oldRequired = required;
    int[] oldOptional = optional;
    int[] oldStored = stored;
    hashes = new long[oldHashes.length * 2];
    required = new int[hashes.length];
    optional = Arrays.copyOf(required, hashes.length);
    stored = Arrays.copyOf(required, hashes.length);
    used = 0;
    for (int i = 0; i < oldHashes.length; i++) {
      if (oldHashes[i] != 0) {
        int slot = slot(oldHashes[i]);
        required[slot] = oldRequired[i];
        optional[slot] = oldOptional[i];
        stored[slot] = oldStored[i];
      }
    }
  }
}
