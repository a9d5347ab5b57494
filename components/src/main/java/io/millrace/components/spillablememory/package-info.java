/* SPDX-License-Identifier: Apache-2.0 */
/** The memory channel that overflows onto a journal. */
package io.millrace.components.spillablememory;
