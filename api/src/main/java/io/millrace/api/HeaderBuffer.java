/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.Arrays;
import java.util.Objects;

/**
 * The headers of one event while they are put together, for sources that make many events from
 * bytes: filled and emptied again and again, it allocates nothing. The value that was added last
 * for a name is the one that counts. Confined to one thread.
 *
 * @since 0.1
 */
public final class HeaderBuffer {
  private static final int FIRST_BYTES = 512;

  private byte[] entries = new byte[FIRST_BYTES];
  private int used;
  private int count;

  /** Takes all headers out. */
  public HeaderBuffer clear() {
    used = 0;
    count = 0;
    return this;
  }

  /** Adds headers that were encoded before. */
  public HeaderBuffer add(EncodedHeaders headers) {
    ensure(headers.entryBytes());
    used = headers.copyEntriesTo(entries, used);
    count += headers.count();
    return this;
  }

  /**
   * Adds a header.
   *
   * @param name in UTF-8
   * @param value holds the value, in UTF-8
   */
  public HeaderBuffer add(byte[] name, byte[] value, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, value.length);
    ensure(2L * AvroBinary.MAX_LONG_BYTES + name.length + length);
    used = AvroBinary.writeLong(name.length, entries, used);
    System.arraycopy(name, 0, entries, used, name.length);
    used = AvroBinary.writeLong(length, entries, used + name.length);
    System.arraycopy(value, offset, entries, used, length);
    used += length;
    count++;
    return this;
  }

  int encodedBytes() {
    return count == 0 ? 1 : AvroBinary.longBytes(count) + used + 1;
  }

  int copyTo(byte[] target, int offset) {
    int at = offset;
    if (count > 0) {
      at = AvroBinary.writeLong(count, target, at);
      System.arraycopy(entries, 0, target, at, used);
      at += used;
    }
    target[at] = 0;
    return at + 1;
  }

  private void ensure(long more) {
    if (used + more > entries.length) {
      entries = Arrays.copyOf(entries, Math.toIntExact(Math.max(used + more, entries.length * 2L)));
    }
  }
}
