/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.format.SequenceRange;
import java.util.List;
import java.util.Optional;

/**
 * A whole frame as it was read. Immutable; the payload belongs to whom it is handed.
 *
 * @param payload as it was appended; null if a key is missing to open it
 * @param waiting sequences of it that are not acknowledged
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record StoredFrame(
    int laneIndex,
    String segment,
    long position,
    long endPosition,
    long firstSequence,
    int recordCount,
    Optional<String> keyAlias,
    int compression,
    long storedBytes,
    byte[] payload,
    List<SequenceRange> waiting) {
  public long endSequence() {
    return firstSequence + recordCount;
  }
}
