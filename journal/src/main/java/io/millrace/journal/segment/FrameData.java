/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.codec.StoredPayload;
import io.millrace.journal.format.AttachmentLayout;
import io.millrace.journal.format.FrameLayout;

/**
 * What an append wants written: its payload, for consumers that keep up, and the same as it goes to
 * the disk. Immutable; the arrays are shared with the appender and with consumers, and nobody
 * modifies them.
 *
 * @param stored null once it is on the disk
 * @param note null if there is none, or it is on the disk
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose, never compared
public record FrameData(
    byte[] payload,
    int offset,
    int payloadBytes,
    int recordCount,
    StoredPayload stored,
    byte[] note) {

  /** Encodes the payload, which is why appending threads call it and not a lane's owner. */
  public static FrameData of(
      byte[] payload,
      int offset,
      int payloadBytes,
      int recordCount,
      PayloadCodec codec,
      byte[] note) {
    return new FrameData(
        payload,
        offset,
        payloadBytes,
        recordCount,
        codec.encode(payload, offset, payloadBytes, recordCount),
        note);
  }

  /** The whole array, as it was read back. */
  public static FrameData ofRead(byte[] payload, int recordCount) {
    return new FrameData(payload, 0, payload.length, recordCount, null, null);
  }

  /** Without what only the way to the disk needs. */
  public FrameData written() {
    return new FrameData(payload, offset, payloadBytes, recordCount, null, null);
  }

  /** Bytes that the frame takes in its segment. */
  public long frameBytes() {
    return FrameLayout.frameBytes(stored.bytes(), AttachmentLayout.storedBytes(note));
  }

  /** Bytes that wait with it, of the payload and of what was made of it. */
  public long queuedBytes() {
    long madeOfIt = stored.array() == payload ? 0 : stored.bytes();
    return payloadBytes + madeOfIt + (note == null ? 0 : note.length);
  }
}
