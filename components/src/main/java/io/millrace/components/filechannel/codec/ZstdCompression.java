/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.codec;

import com.github.luben.zstd.Zstd;
import io.millrace.journal.codec.Compression;
import java.io.IOException;
import java.util.Arrays;

/** Zstandard frames. The native library is loaded with the first one. Stateless. */
final class ZstdCompression implements Compression {
  /** The fastest of the standard levels: batches wait for it before they are acknowledged. */
  private static final int LEVEL = 1;

  @Override
  public int id() {
    return ZSTD;
  }

  @Override
  public byte[] compress(byte[] plain, int offset, int length) {
    byte[] packed = new byte[Math.toIntExact(Zstd.compressBound(length))];
    long bytes = Zstd.compressByteArray(packed, 0, packed.length, plain, offset, length, LEVEL);
    if (Zstd.isError(bytes)) {
      throw new IllegalStateException("zstd refuses " + length + " bytes: " + nameOf(bytes));
    }
    return Arrays.copyOf(packed, (int) bytes);
  }

  @Override
  public byte[] decompress(byte[] packed, int offset, int length, int plainBytes)
      throws IOException {
    byte[] plain = new byte[plainBytes];
    long bytes = Zstd.decompressByteArray(plain, 0, plainBytes, packed, offset, length);
    if (Zstd.isError(bytes)) {
      throw new IOException("zstd frame: " + nameOf(bytes));
    }
    if (bytes != plainBytes) {
      throw new IOException("zstd frame of " + bytes + " bytes (expected: " + plainBytes + ")");
    }
    return plain;
  }

  private static String nameOf(long error) {
    return Zstd.getErrorName(error);
  }
}
