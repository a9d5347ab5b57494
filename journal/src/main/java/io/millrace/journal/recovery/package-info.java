/* SPDX-License-Identifier: Apache-2.0 */
/** What to do about what was found on disk: facts in, plan out, no I/O. Internal to the journal. */
package io.millrace.journal.recovery;
