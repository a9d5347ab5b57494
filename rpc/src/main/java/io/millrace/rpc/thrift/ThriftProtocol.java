/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

/** Thrift's two encodings; nothing negotiates them, both sides must be configured alike. */
public enum ThriftProtocol {
  COMPACT,
  BINARY;

  ThriftReader reader(byte[] array, int limit) {
    return this == COMPACT ? new CompactReader(array, limit) : new BinaryReader(array, limit);
  }

  ThriftWriter writer(int expectedBytes) {
    return this == COMPACT ? new CompactWriter(expectedBytes) : new BinaryWriter(expectedBytes);
  }
}
