/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.content;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.IOException;
import java.io.InputStream;
import java.util.zip.GZIPInputStream;

/** How a file is compressed; told by its first bytes, whatever its name says. */
public enum Compression {
  NONE,
  GZIP,
  ZSTD;

  /** Bytes of a file that tell. */
  public static final int MAGIC_BYTES = 4;

  private static final int BUFFER_BYTES = 64 << 10;

  /** Of a file that begins with these bytes. */
  public static Compression of(byte[] head, int headBytes) {
    if (headBytes >= 3 && head[0] == 0x1f && head[1] == (byte) 0x8b && head[2] == 8) {
      return GZIP;
    }
    boolean isZstd =
        headBytes >= 4
            && head[0] == 0x28
            && head[1] == (byte) 0xb5
            && head[2] == 0x2f
            && head[3] == (byte) 0xfd;
    return isZstd ? ZSTD : NONE;
  }

  /** A stream of the content; several compressed parts, one behind the other, are one content. */
  InputStream inflate(InputStream compressed) throws IOException {
    return switch (this) {
      case NONE -> compressed;
      case GZIP -> new GZIPInputStream(compressed, BUFFER_BYTES);
      case ZSTD -> new ZstdInputStreamNoFinalizer(compressed);
    };
  }
}
