/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

/** A lane that left a checkpoint, though none of the data directories is it. Immutable. */
public record AbsentLane(int laneIndex, CheckpointReport checkpoint) {}
