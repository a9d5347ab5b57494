/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * What has to be done now and then: ending what earlier runs left, renewing tickets, forgetting
 * notes of no use. One thing at a time, on the pool. Confined to the timer's thread.
 */
final class Housekeeping {
  private static final Duration RENEWAL = Duration.ofSeconds(5);
  private static final Duration CLEANING = Duration.ofSeconds(10);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final int MAX_PAUSE_SHIFT = 6;

  /** A thing to do that may be tried again. */
  interface Chore {
    void run() throws IOException;
  }

  private final Workplace work;
  private final Leftovers leftovers;
  private final BiFunction<String, Chore, CompletableFuture<Void>> pool;
  private CompletableFuture<Boolean> ending;
  private CompletableFuture<Void> renewing = CompletableFuture.completedFuture(null);
  private CompletableFuture<Void> cleaning = CompletableFuture.completedFuture(null);
  private boolean areLeftoversDone;
  private int tries;
  private long endNanos = System.nanoTime();
  private long renewNanos = System.nanoTime() + RENEWAL.toNanos();
  private long cleanNanos = System.nanoTime() + CLEANING.toNanos();

  Housekeeping(
      Workplace work,
      Leftovers leftovers,
      BiFunction<String, Chore, CompletableFuture<Void>> pool) {
    this.work = work;
    this.leftovers = leftovers;
    this.pool = pool;
  }

  void sweep(long nowNanos) {
    if (!areLeftoversDone) {
      endLeftovers(nowNanos);
    }
    if (nowNanos - renewNanos >= 0 && renewing.isDone()) {
      renewNanos = nowNanos + RENEWAL.toNanos();
      renewing =
          pool.apply("renew the ticket", work.store()::renew).whenComplete(this::sayIfNotRenewed);
    }
    if (nowNanos - cleanNanos >= 0 && cleaning.isDone()) {
      cleanNanos = nowNanos + CLEANING.toNanos();
      cleaning = clean();
    }
  }

  /** A call for each: what hangs or fails in one of them does not keep the others. */
  private CompletableFuture<Void> clean() {
    return CompletableFuture.allOf(
        tidy(
            "delete files whose creation got no answer",
            () -> work.lostAnswers().clear(work.files(), false)),
        tidy("forget notes of no use", () -> work.marks().forgetIdle(work.files(), false)),
        tidy("delete commit records of no use", this::deleteObsolete));
  }

  private CompletableFuture<Void> tidy(String what, Chore chore) {
    return pool.apply(what, chore)
        .whenComplete(
            (done, why) -> {
              if (why != null) {
                work.trouble("to " + what + " failed", why, "It is tried again");
              }
            });
  }

  private void sayIfNotRenewed(Void done, Throwable why) {
    if (why != null) {
      work.trouble("the Kerberos ticket could not be renewed", why, "It is tried again");
    }
  }

  private void endLeftovers(long nowNanos) {
    if (ending != null && ending.isDone()) {
      areLeftoversDone = !ending.isCompletedExceptionally() && ending.join();
      ending = null;
      endNanos = nowNanos + (FIRST_PAUSE.toNanos() << Math.min(tries++, MAX_PAUSE_SHIFT));
    } else if (ending == null && nowNanos - endNanos >= 0) {
      ending = new CompletableFuture<>();
      work.pool().submit(new LeftoversTurn(ending));
    }
  }

  private final class LeftoversTurn extends CallPool.Turn {
    private final CompletableFuture<Boolean> done;

    LeftoversTurn(CompletableFuture<Boolean> done) {
      super(work.pool());
      this.done = done;
    }

    @Override
    void work() {
      try {
        done.complete(leftovers.run(this));
      } catch (CallPool.AbandonedException e) {
        done.complete(false);
      } catch (IOException | RuntimeException e) {
        work.trouble("files of an earlier run could not be ended", e, "It is tried again");
        done.complete(false);
      }
    }

    @Override
    void abandoned(String message) {
      work.trouble("files of an earlier run could not be ended", message, "It is tried again");
      done.complete(false);
    }
  }

  private void deleteObsolete() throws IOException {
    FileSystem files = work.files();
    List<Path> obsolete = work.commits().takeObsolete();
    int deleted = 0;
    try {
      for (Path record : obsolete) {
        files.delete(record, false);
        deleted++;
      }
    } finally {
      work.commits().putBack(obsolete.subList(deleted, obsolete.size()));
    }
  }
}
