/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

/**
 * Records {@code [skipRecords, skipRecords + takeRecords)} of one frame's payload. Immutable; the
 * array is shared, must not be modified, and may be kept for ever.
 *
 * @param offset of the payload in the array
 * @param length of the whole payload
 * @param frameRecordCount records in the whole payload
 * @param isAsAppended whether the array is the very one that an append of this process handed over,
 *     so that what the appender knew of it still holds; false when it was read back from the disk
 * @since 0.1
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose, never compared
public record Chunk(
    byte[] array,
    int offset,
    int length,
    int frameRecordCount,
    int skipRecords,
    int takeRecords,
    boolean isAsAppended) {}
