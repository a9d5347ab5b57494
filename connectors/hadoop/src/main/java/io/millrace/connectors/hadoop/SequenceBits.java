/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * A set of sequences of one lane, by blocks of one bit each: what goes into several files at once
 * is full of gaps, and a bit is less than a range. Confined to one thread at a time.
 */
final class SequenceBits {
  private static final int BLOCK_BITS = 16;
  private static final int BLOCK = 1 << BLOCK_BITS;

  private final TreeMap<Long, BitSet> blocks = new TreeMap<>();

  void add(long from, long to) {
    long at = from;
    while (at < to) {
      long block = at >>> BLOCK_BITS;
      long end = Math.min(to, (block + 1) << BLOCK_BITS);
      blocks
          .computeIfAbsent(block, b -> new BitSet())
          .set((int) (at - block * BLOCK), (int) (end - block * BLOCK));
      at = end;
    }
  }

  void addAll(SequenceBits other) {
    other.blocks.forEach(
        (block, bits) -> blocks.computeIfAbsent(block, b -> new BitSet()).or(bits));
  }

  boolean contains(long sequence) {
    BitSet bits = blocks.get(sequence >>> BLOCK_BITS);
    return bits != null && bits.get((int) (sequence & (BLOCK - 1)));
  }

  boolean isEmpty() {
    return blocks.isEmpty();
  }

  /** Behind the last one; 0 when there is none. */
  long end() {
    Map.Entry<Long, BitSet> last = blocks.lastEntry();
    return last == null ? 0 : last.getKey() * BLOCK + last.getValue().length();
  }

  /** Forgets blocks all of which is below. */
  void forgetBelow(long floor) {
    blocks.headMap(floor >>> BLOCK_BITS).clear();
  }

  void writeTo(DataOutput out) throws IOException {
    out.writeInt(blocks.size());
    for (Map.Entry<Long, BitSet> block : blocks.entrySet()) {
      byte[] bits = block.getValue().toByteArray();
      out.writeLong(block.getKey());
      out.writeInt(bits.length);
      out.write(bits);
    }
  }

  static SequenceBits readFrom(DataInput in) throws IOException {
    SequenceBits read = new SequenceBits();
    int count = in.readInt();
    for (int i = 0; i < count; i++) {
      long block = in.readLong();
      int length = in.readInt();
      if (length < 0 || length > BLOCK / 8) {
        throw new IOException("length: " + length + " (expected: 0 to " + BLOCK / 8 + ")");
      }
      byte[] bits = new byte[length];
      in.readFully(bits);
      read.blocks.put(block, BitSet.valueOf(bits));
    }
    return read;
  }
}
