/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.ledger;

/** Stored bytes are no note or digest that this version knows. Costs duplicates, no events. */
public final class UnreadableLedgerException extends Exception {
  private static final long serialVersionUID = 1L;

  UnreadableLedgerException(String message) {
    super(message);
  }
}
