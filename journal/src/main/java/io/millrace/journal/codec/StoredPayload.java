/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.codec;

import io.millrace.journal.format.Checksums;

/**
 * A payload as it goes to the disk. Immutable; the array is shared, and nobody modifies it.
 *
 * @param codec how it was packed, {@link Compression#NONE} if it was not
 * @param keyId 0 if it is not sealed, 1 if it is
 * @param crc CRC-32C of the bytes
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose, never compared
public record StoredPayload(int codec, int keyId, byte[] array, int offset, int bytes, int crc) {

  /** Computes the checksum, which is why appending threads call it and not a lane's owner. */
  static StoredPayload of(int codec, int keyId, byte[] array, int offset, int bytes) {
    return new StoredPayload(
        codec, keyId, array, offset, bytes, Checksums.crc32c(array, offset, bytes));
  }
}
