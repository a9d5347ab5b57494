/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Reads a journal without opening it: what is there, what is damaged, what that costs, what the
 * next start does about it. Nothing here writes. Rules: docs/formats/journal-v1.md#recovery
 */
package io.millrace.journal.inspect;
