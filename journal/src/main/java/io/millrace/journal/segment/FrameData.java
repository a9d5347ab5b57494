/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.format.Checksums;
import io.millrace.journal.format.FrameLayout;

/**
 * What an append wants written. Immutable; the payload array is shared with the appender and with
 * consumers, and nobody modifies it.
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose, never compared
public record FrameData(
    byte[] payload, int offset, int payloadBytes, int recordCount, int payloadCrc) {

  /** Computes the payload's checksum, which is why appending threads call it and not the owner. */
  public static FrameData of(byte[] payload, int offset, int payloadBytes, int recordCount) {
    return new FrameData(
        payload,
        offset,
        payloadBytes,
        recordCount,
        Checksums.crc32c(payload, offset, payloadBytes));
  }

  public long frameBytes() {
    return FrameLayout.frameBytes(payloadBytes, 0);
  }
}
