/* SPDX-License-Identifier: Apache-2.0 */
/** The one interface through which the journal touches files. Public API. */
package io.millrace.journal.disk;
