/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.recovery;

import io.millrace.journal.format.SegmentUse;

/**
 * A used segment as found. Immutable.
 *
 * @param features what a reader of its frames must know, see {@link
 *     io.millrace.journal.format.SegmentFeatures}
 * @param isSalvaged the header is damaged; use and firstSequence come from the frames
 */
public record SegmentFacts(
    String name, SegmentUse use, int features, long firstSequence, boolean isSalvaged) {}
