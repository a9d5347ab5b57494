/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.Origin;
import io.millrace.api.TransientException;
import java.io.IOException;
import java.time.Duration;
import java.util.BitSet;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Which events of a delivery are in files already, by what this sink and others committed before.
 * Confined to the thread of deliveries.
 */
final class Committed {
  private static final Duration RECOVERY_LIMIT = Duration.ofSeconds(1);

  /** How long a delivery waits for what others committed; the reading goes on after that. */
  private static final Duration LEARN_LIMIT = Duration.ofSeconds(60);

  private final Workplace work;
  private final Leftovers leftovers;

  /** What is being read now, and of which journal; null for nothing. */
  private CompletableFuture<Void> learning;

  private UUID learningJournal;

  Committed(Workplace work, Leftovers leftovers) {
    this.work = work;
    this.leftovers = leftovers;
  }

  /** The events of the delivery that a file has; null for none. */
  BitSet of(Origin origin) {
    try {
      if (!leftovers.awaitCommits(RECOVERY_LIMIT.toMillis())) {
        throw new TransientException(
            "Sink " + work.sink() + ": what was committed before has not been read yet");
      }
      if (!origin.isKnown()) {
        return null;
      }
      work.commits().floor(origin);
      if (!work.commits().knows(origin.journal())) {
        learn(origin.journal());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException("Sink " + work.sink() + " was interrupted", e);
    }
    BitSet had = work.commits().had(origin);
    if (had != null && origin.isFresh()) {
      work.trouble(
          "events that were never given to a sink have the numbers of others that are in files",
          "journal " + origin.journal() + " has two writers",
          "They are written; give a copied machine new channel directories");
      return null;
    }
    return had;
  }

  private void learn(UUID journal) throws InterruptedException {
    if (learning == null || !journal.equals(learningJournal)) {
      learning = new CompletableFuture<>();
      learningJournal = journal;
      if (!work.pool().submit(new LearnTurn(journal, learning))) {
        learning.completeExceptionally(new IOException("the sink has stopped"));
      }
    }
    try {
      learning.get(LEARN_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      learning = null;
    } catch (ExecutionException e) {
      // What was read is kept; the next delivery goes on from there.
      learning = null;
      throw notRead(e.getCause());
    } catch (TimeoutException e) {
      throw notRead(e);
    }
  }

  private TransientException notRead(Throwable why) {
    return new TransientException(
        "Sink " + work.sink() + ": what other sinks committed before could not be read: " + why,
        why);
  }

  private final class LearnTurn extends CallPool.Turn {
    private final UUID journal;
    private final CompletableFuture<Void> done;

    LearnTurn(UUID journal, CompletableFuture<Void> done) {
      super(work.pool());
      this.journal = journal;
      this.done = done;
    }

    @Override
    void work() {
      try {
        work.commits().learn(this, work.files(), journal);
        done.complete(null);
      } catch (IOException | RuntimeException e) {
        done.completeExceptionally(e);
      }
    }

    @Override
    void abandoned(String message) {
      done.completeExceptionally(new IOException(message));
    }
  }
}
