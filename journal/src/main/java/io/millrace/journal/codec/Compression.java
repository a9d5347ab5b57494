/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.codec;

import java.io.IOException;

/**
 * One way of packing payloads. Safe for many threads.
 *
 * @since 0.1
 */
public interface Compression {
  /** What frames carry for none. */
  int NONE = 0;

  /** What frames carry for an LZ4 block. */
  int LZ4 = 1;

  /** What frames carry for a Zstandard frame. */
  int ZSTD = 2;

  /** Number stored with every frame: {@link #LZ4} or {@link #ZSTD}. */
  int id();

  /** The packed bytes in an array of their own; they may be more than the plain ones. */
  byte[] compress(byte[] plain, int offset, int length);

  /**
   * The plain bytes in an array of their own.
   *
   * @param plainBytes how many they are
   * @throws IOException if the packed bytes do not yield exactly so many
   */
  byte[] decompress(byte[] packed, int offset, int length, int plainBytes) throws IOException;
}
