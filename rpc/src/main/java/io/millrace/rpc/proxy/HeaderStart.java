/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Whether bytes begin a PROXY header, decided at the first byte that says so.
 *
 * <pre>
 *   version 1   "PROXY "
 *   version 2   0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a
 * </pre>
 *
 * <p>The library tells them apart by thirteen bytes, which a client without a header may never
 * send.
 */
enum HeaderStart {
  NEEDS_MORE,
  HEADER,
  SOMETHING_ELSE;

  private static final byte[] V1 = "PROXY ".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] V2 = {
    0x0d, 0x0a, 0x0d, 0x0a, 0x00, 0x0d, 0x0a, 0x51, 0x55, 0x49, 0x54, 0x0a
  };

  static HeaderStart of(ByteBuf bytes) {
    int common = commonBytes(bytes, V1);
    if (common == V1.length) {
      return HEADER;
    }
    if (common == bytes.readableBytes()) {
      return NEEDS_MORE;
    }
    common = commonBytes(bytes, V2);
    if (common == V2.length) {
      return HEADER;
    }
    return common == bytes.readableBytes() ? NEEDS_MORE : SOMETHING_ELSE;
  }

  private static int commonBytes(ByteBuf bytes, byte[] signature) {
    int most = Math.min(bytes.readableBytes(), signature.length);
    for (int i = 0; i < most; i++) {
      if (bytes.getByte(bytes.readerIndex() + i) != signature[i]) {
        return i;
      }
    }
    return most;
  }
}
