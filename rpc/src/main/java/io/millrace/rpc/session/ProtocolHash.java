/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/** MD5 of a protocol's text, by which peers name the protocols they know. Immutable. */
final class ProtocolHash {
  static final int BYTES = 16;

  private final byte[] bytes;

  private ProtocolHash(byte[] bytes) {
    this.bytes = bytes;
  }

  static ProtocolHash ofHex(String hex) {
    return new ProtocolHash(HexFormat.of().parseHex(hex));
  }

  static ProtocolHash ofText(String protocolText) {
    try {
      return new ProtocolHash(
          MessageDigest.getInstance("MD5").digest(protocolText.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("MD5 is part of every Java runtime, but not of this", e);
    }
  }

  static ProtocolHash copyOf(byte[] array, int offset) {
    return new ProtocolHash(Arrays.copyOfRange(array, offset, offset + BYTES));
  }

  void copyTo(byte[] target, int offset) {
    System.arraycopy(bytes, 0, target, offset, BYTES);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ProtocolHash that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return HexFormat.of().formatHex(bytes);
  }
}
