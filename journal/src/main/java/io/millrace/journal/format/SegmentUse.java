/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.format;

/**
 * Identity of one use of a segment file. Immutable.
 *
 * @param ordinal counts the uses in a lane, from 1
 * @param id random, so that an attempt that a crash undid is never taken for its repetition under
 *     the same ordinal
 */
public record SegmentUse(long ordinal, long id) {}
