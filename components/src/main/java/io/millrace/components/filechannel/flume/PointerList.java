/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** A growing list of event pointers, 8 bytes each. Confined to its owner. */
final class PointerList {
  private static final int CHUNK_BITS = 16;
  private static final int CHUNK_POINTERS = 1 << CHUNK_BITS;
  private static final int FIRST_POINTERS = 16;

  /** All full but the last; a list of one chunk may have a small one. */
  private final List<long[]> chunks = new ArrayList<>();

  private long size;

  long size() {
    return size;
  }

  long get(long index) {
    Objects.checkIndex(index, size);
    return chunks.get((int) (index >>> CHUNK_BITS))[(int) index & CHUNK_POINTERS - 1];
  }

  void add(long pointer) {
    int chunk = (int) (size >>> CHUNK_BITS);
    int at = (int) size & CHUNK_POINTERS - 1;
    if (chunk == chunks.size()) {
      chunks.add(new long[chunk == 0 ? FIRST_POINTERS : CHUNK_POINTERS]);
    } else if (at == chunks.get(chunk).length) {
      chunks.set(chunk, Arrays.copyOf(chunks.get(chunk), at * 2));
    }
    chunks.get(chunk)[at] = pointer;
    size++;
  }

  /** Takes out what the set has, from the set too; the others keep their order. */
  void removeAll(PointerSet removed) {
    long kept = 0;
    for (long i = 0; i < size; i++) {
      long pointer = get(i);
      if (!removed.remove(pointer)) {
        chunks.get((int) (kept >>> CHUNK_BITS))[(int) kept & CHUNK_POINTERS - 1] = pointer;
        kept++;
      }
    }
    size = kept;
    int chunksUsed = (int) ((kept + CHUNK_POINTERS - 1) >>> CHUNK_BITS);
    chunks.subList(chunksUsed, chunks.size()).clear();
  }
}
