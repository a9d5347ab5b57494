/* SPDX-License-Identifier: Apache-2.0 */
/** What the bytes on disk mean: layouts and codecs, no I/O. Internal to the journal. */
package io.millrace.journal.format;
