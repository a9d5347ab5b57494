/* SPDX-License-Identifier: Apache-2.0 */
/** Which records a consumer has had: pure, no I/O. Internal to the journal. */
package io.millrace.journal.ack;
