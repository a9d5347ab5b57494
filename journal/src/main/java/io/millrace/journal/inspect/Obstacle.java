/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.inspect;

import io.millrace.journal.JournalException;

/** Why a start of the journal would be refused. Immutable. */
public record Obstacle(JournalException.Code code, String message) {}
