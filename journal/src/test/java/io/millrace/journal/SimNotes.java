/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.format.SequenceRange;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;

/**
 * What a receiver remembers of its senders: a note is the number of an append and some padding, a
 * digest the numbers of all of them. Safe for use by several threads.
 */
final class SimNotes implements NoteDigest {
  private final Set<Long> noted = new HashSet<>();
  private final int paddingBytes;

  /** Everything that any opening was told to be synced. */
  private final Set<Long> ever;

  /**
   * @param paddingBytes that each digest is longer than it need be
   */
  SimNotes(int paddingBytes, Set<Long> ever) {
    this.paddingBytes = paddingBytes;
    this.ever = ever;
  }

  static byte[] noteOf(long id, int paddingBytes) {
    return ByteBuffer.allocate(Long.BYTES + paddingBytes).putLong(id).array();
  }

  @Override
  public synchronized void committed(byte[] note) {
    noted.add(ByteBuffer.wrap(note).getLong());
    ever.add(ByteBuffer.wrap(note).getLong());
  }

  @Override
  public synchronized byte[] digest() {
    SequenceSet set = SequenceSet.below(0);
    noted.forEach(id -> set.add(id, id + 1));
    ByteBuffer bytes =
        ByteBuffer.allocate(2 * Long.BYTES + set.ranges().size() * 2 * Long.BYTES + paddingBytes);
    bytes.putLong(set.lowWater()).putLong(set.ranges().size());
    for (SequenceRange range : set.ranges()) {
      bytes.putLong(range.first()).putLong(range.end());
    }
    return bytes.array();
  }

  @Override
  public synchronized void recovered(byte[] digest) {
    ByteBuffer bytes = ByteBuffer.wrap(digest);
    add(0, bytes.getLong());
    for (long left = bytes.getLong(); left > 0; left--) {
      add(bytes.getLong(), bytes.getLong());
    }
  }

  private void add(long first, long end) {
    for (long id = first; id < end; id++) {
      noted.add(id);
      ever.add(id);
    }
  }

  synchronized Set<Long> noted() {
    return Set.copyOf(noted);
  }
}
