/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.format.SegmentHeaderLayout;
import java.nio.ByteBuffer;

/** Direct buffers that start at a multiple of a block, as writes past the page cache need them. */
final class AlignedBuffers {
  private static final int BLOCK_BYTES = SegmentHeaderLayout.BLOCK_BYTES;

  private AlignedBuffers() {}

  static ByteBuffer allocate(int bytes) {
    ByteBuffer aligned = ByteBuffer.allocateDirect(bytes + BLOCK_BYTES).alignedSlice(BLOCK_BYTES);
    // Big-endian as every fresh buffer; the slice's capacity may be up to a block larger.
    return aligned.slice(0, bytes);
  }
}
