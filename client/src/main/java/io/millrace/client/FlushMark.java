/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import java.util.concurrent.CompletableFuture;

/** The parcels accepted between two flushes. Guarded by the outbox's lock; the future is not. */
final class FlushMark {
  final CompletableFuture<Void> reached = new CompletableFuture<>();
  long openParcels;
  boolean isSealed;
}
