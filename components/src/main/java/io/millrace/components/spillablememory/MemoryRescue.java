/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import io.millrace.api.Channel;
import io.millrace.api.ChannelFullException;
import io.millrace.api.Delivery;
import io.millrace.components.memory.MemoryQueue;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Moves what is in memory to disk, in its order, at a stop. What is on disk leaves memory, so that
 * what stays there is what is lost. Confined to the thread that stops the channel.
 */
final class MemoryRescue {
  /** How long it may take; the stop of the overflow comes on top. */
  private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final long PIECE_BYTES = 1L << 20;

  private record Move(Delivery piece, CompletableFuture<Void> appended) {}

  private final MemoryQueue memory;
  private final Channel overflow;
  private final int maxEvents;

  /** Pieces on their way; bounded by the overflow's queue. */
  private final ArrayDeque<Move> moves = new ArrayDeque<>();

  private final long deadlineNanos = System.nanoTime() + LIMIT_NANOS;
  private long savedEvents;
  private String trouble = "the time for it was over";

  MemoryRescue(MemoryQueue memory, Channel overflow, int maxEvents) {
    this.memory = memory;
    this.overflow = overflow;
    this.maxEvents = maxEvents;
  }

  long savedEvents() {
    return savedEvents;
  }

  /** Why not everything could be saved. */
  String trouble() {
    return trouble;
  }

  /** Gives the events to the overflow for as long as it takes them. */
  void run() {
    boolean goesOn = true;
    for (Delivery piece = next(); goesOn && piece != null; piece = goesOn ? next() : null) {
      CompletableFuture<Void> appended = overflow.append(piece.batch());
      while (goesOn && isQueueFull(appended) && !moves.isEmpty()) {
        goesOn = settleFirst();
        appended = goesOn ? overflow.append(piece.batch()) : appended;
      }
      moves.add(new Move(piece, appended));
    }
    while (goesOn && !moves.isEmpty()) {
      goesOn = settleFirst();
    }
  }

  /** To be called once the overflow has stopped and answered everything. */
  void finish() {
    for (Move move : moves) {
      if (move.appended.isDone()) {
        settle(move);
      } else {
        move.piece.close();
      }
    }
    moves.clear();
  }

  private Delivery next() {
    return memory.take(maxEvents, PIECE_BYTES);
  }

  private static boolean isQueueFull(CompletableFuture<Void> appended) {
    return appended.isCompletedExceptionally()
        && appended.handle((ignored, error) -> error instanceof ChannelFullException).join();
  }

  /** Waits for the first piece on its way; false when there is no point in going on. */
  private boolean settleFirst() {
    Move first = moves.element();
    try {
      first.appended.get(Math.max(0, deadlineNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (ExecutionException e) {
      moves.remove();
      settle(first);
      return false;
    }
    moves.remove();
    settle(first);
    return true;
  }

  private void settle(Move move) {
    try (Delivery piece = move.piece) {
      move.appended.join();
      piece.acknowledge();
      savedEvents += piece.batch().eventCount();
    } catch (java.util.concurrent.CompletionException e) {
      trouble = e.getCause().getMessage();
    }
  }
}
