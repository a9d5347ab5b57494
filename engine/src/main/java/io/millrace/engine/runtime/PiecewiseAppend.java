/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.ChannelFullException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * One append in several pieces. All are handed over at once, so that they stay together and in
 * order. When the channel had room for none, the append fails as a whole. Once it has some, the
 * others are tried for as long as it takes: a refusal would make the sender repeat those that are
 * in.
 *
 * <p>Each try is confined to the thread that completes the one before it.
 */
final class PiecewiseAppend {
  /** A channel whose keep-alive is zero refuses at once. */
  private static final long PAUSE_MILLIS = 50;

  private static final Executor LATER =
      CompletableFuture.delayedExecutor(PAUSE_MILLIS, TimeUnit.MILLISECONDS);

  private List<Supplier<CompletableFuture<Void>>> pieces;
  private boolean isPartlyIn;

  /**
   * @param pieces each appends its events when it is called
   */
  PiecewiseAppend(List<Supplier<CompletableFuture<Void>>> pieces) {
    this.pieces = pieces;
  }

  /** Completes when every piece is in; fails when none is, or for another reason than room. */
  CompletableFuture<Void> run() {
    List<CompletableFuture<Void>> appends = new ArrayList<>(pieces.size());
    for (Supplier<CompletableFuture<Void>> piece : pieces) {
      appends.add(piece.get());
    }
    return CompletableFuture.allOf(appends.toArray(CompletableFuture[]::new))
        .handle((ignored, failure) -> failure == null ? null : retry(appends))
        .thenCompose(next -> next == null ? CompletableFuture.completedFuture(null) : next);
  }

  private CompletableFuture<Void> retry(List<CompletableFuture<Void>> appends) {
    List<Supplier<CompletableFuture<Void>>> refused = new ArrayList<>();
    Throwable reason = null;
    for (int i = 0; i < appends.size(); i++) {
      Throwable failure = failure(appends.get(i));
      if (failure == null) {
        isPartlyIn = true;
      } else {
        refused.add(pieces.get(i));
        if (reason == null || !(failure instanceof ChannelFullException)) {
          reason = failure;
        }
      }
    }
    if (!isPartlyIn || !(reason instanceof ChannelFullException)) {
      return CompletableFuture.failedFuture(reason);
    }
    pieces = refused;
    return CompletableFuture.supplyAsync(this::run, LATER).thenCompose(next -> next);
  }

  private static Throwable failure(CompletableFuture<Void> append) {
    return append
        .handle(
            (ignored, failure) ->
                failure instanceof CompletionException && failure.getCause() != null
                    ? failure.getCause()
                    : failure)
        .join();
  }
}
