/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.codec;

import io.millrace.journal.codec.Compression;
import java.io.IOException;
import net.jpountz.lz4.LZ4Exception;
import net.jpountz.lz4.LZ4Factory;

/** LZ4 blocks. Native where the library has a build for the platform, else Java. Immutable. */
final class Lz4Compression implements Compression {
  private final LZ4Factory factory = LZ4Factory.fastestInstance();

  @Override
  public int id() {
    return LZ4;
  }

  @Override
  public byte[] compress(byte[] plain, int offset, int length) {
    return factory.fastCompressor().compress(plain, offset, length);
  }

  @Override
  public byte[] decompress(byte[] packed, int offset, int length, int plainBytes)
      throws IOException {
    byte[] plain = new byte[plainBytes];
    int bytes;
    try {
      bytes = factory.safeDecompressor().decompress(packed, offset, length, plain, 0);
    } catch (LZ4Exception e) {
      throw new IOException("LZ4 block: " + e.getMessage(), e);
    }
    if (bytes != plainBytes) {
      throw new IOException("LZ4 block of " + bytes + " bytes (expected: " + plainBytes + ")");
    }
    return plain;
  }
}
