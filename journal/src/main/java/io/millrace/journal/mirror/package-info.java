/* SPDX-License-Identifier: Apache-2.0 */
/** Keeps two copies of each data directory, below everything else. Internal to the journal. */
package io.millrace.journal.mirror;
