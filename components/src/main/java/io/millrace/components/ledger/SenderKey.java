/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

import java.util.UUID;

/** A sender: one lane of one journal, with sequences of its own. Immutable. */
record SenderKey(UUID journal, int lane) {}
