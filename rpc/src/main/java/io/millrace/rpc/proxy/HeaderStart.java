/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/**
 * Whether bytes begin a PROXY header, decided at the first byte that says so.
 *
 * <pre>
 *   version 1   "PROXY "
 *   version 2   0d 0a 0d 0a 00 0d 0a 51 55 49 54 0a, then 2x: version 2 and a command
 * </pre>
 *
 * <p>The version is part of it: the library's decoder takes a version byte of ff for one that has
 * not come yet, and would go on collecting (Netty 4.2.18).
 */
enum HeaderStart {
  NEEDS_MORE,
  HEADER,
  /** The signature of version 2 with another version behind it. */
  UNKNOWN_VERSION,
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
    if (common < V2.length) {
      return common == bytes.readableBytes() ? NEEDS_MORE : SOMETHING_ELSE;
    }
    if (bytes.readableBytes() == V2.length) {
      return NEEDS_MORE;
    }
    int version = bytes.getUnsignedByte(bytes.readerIndex() + V2.length) >> 4;
    return version == 2 ? HEADER : UNKNOWN_VERSION;
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
