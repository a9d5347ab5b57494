/* SPDX-License-Identifier: Apache-2.0 */
/** Segment files, the acknowledgement log and checkpoints on a disk. Internal to the journal. */
package io.millrace.journal.segment;
