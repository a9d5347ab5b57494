/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.components.content.FileContent;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * The content of a compressed file. What was inflated last is kept, since a reader steps back a
 * little from block to block; a longer step back inflates all of it again. Confined to the source's
 * thread.
 */
final class InflatedFile implements FileAccess.OpenedFile {
  private static final int KEPT_BYTES = 1 << 20;

  private final FileContent content;
  private final long sizeBytes;

  /** Null while nothing is read, as is the window: thousands of finished ones may be open. */
  private byte[] kept;

  private long keptFrom;
  private int keptBytes;

  InflatedFile(FileContent content, long sizeBytes) {
    this.content = content;
    this.sizeBytes = sizeBytes;
  }

  @Override
  public long sizeBytes() {
    return sizeBytes;
  }

  @Override
  public int read(ByteBuffer target, long position) throws IOException {
    if (position >= keptFrom && position < keptFrom + keptBytes) {
      int offset = (int) (position - keptFrom);
      int count = Math.min(target.remaining(), keptBytes - offset);
      target.put(kept, offset, count);
      return count;
    }
    boolean isNext = kept != null && position == keptFrom + keptBytes;
    if (!isNext) {
      if (kept == null) {
        kept = new byte[KEPT_BYTES];
      }
      keptFrom = position;
      keptBytes = 0;
      content.seek(position);
    } else if (keptBytes == kept.length) {
      int half = kept.length / 2;
      System.arraycopy(kept, half, kept, 0, kept.length - half);
      keptFrom += half;
      keptBytes -= half;
    }
    int count = content.read(kept, keptBytes, kept.length - keptBytes);
    if (count <= 0) {
      kept = null;
      keptBytes = 0;
      content.endInflating();
      return -1;
    }
    int copied = Math.min(count, target.remaining());
    target.put(kept, keptBytes, copied);
    keptBytes += count;
    return copied;
  }

  @Override
  public void close() throws IOException {
    content.close();
  }
}
