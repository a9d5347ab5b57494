/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The steps of an orderly stop, of a whole agent or of a part of it, that share one limit: sources
 * have half of it, channels drain until the last fifth, sinks settle until the last twentieth.
 * Confined to one thread.
 */
final class StopSequence {
  private static final Logger log = LoggerFactory.getLogger(StopSequence.class);
  private static final Duration LOOK_EVERY = Duration.ofMillis(10);

  private final ThreadFactory threads;
  private final long beginNanos = System.nanoTime();
  private final long limitNanos;

  /** A condition that is looked at again and again. */
  interface Condition {
    boolean holds();
  }

  /**
   * @param threads for steps that may hang
   */
  StopSequence(ThreadFactory threads, Duration limit) {
    this.threads = threads;
    this.limitNanos = limit.toNanos();
  }

  private long deadline(int share, int of) {
    return beginNanos + limitNanos / of * share;
  }

  boolean stopSources(Collection<SourceUnit> sources) throws InterruptedException {
    boolean all =
        stopAll("source", sources.stream().map(SourceUnit::life).toList(), deadline(1, 2));
    sources.forEach(source -> source.output().close());
    return all;
  }

  /** Waits until nothing is under way any more on routes that were closed. */
  void awaitSettled(Collection<CompletableFuture<Void>> routes) throws InterruptedException {
    try {
      CompletableFuture.allOf(routes.toArray(CompletableFuture[]::new))
          .get(Math.max(1, deadline(6, 10) - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      log.warn(
          "Events under way from a source to a channel that goes did not settle in time; their"
              + " sender is told what became of them");
    } catch (ExecutionException e) {
      throw new IllegalStateException("The end of a route has no failure", e);
    }
  }

  /** Whether the condition held before so many tenths of the limit had passed. */
  boolean await(Condition condition, int tenths) throws InterruptedException {
    while (!condition.holds()) {
      if (System.nanoTime() - deadline(tenths, 10) >= 0) {
        return false;
      }
      Thread.sleep(LOOK_EVERY.toMillis());
    }
    return true;
  }

  /** Waits while sinks take what is left; whether they did until the last fifth of the limit. */
  boolean drain(Condition isEmpty) throws InterruptedException {
    return await(isEmpty, 8);
  }

  /** Sinks that hold deliveries until a file is full answer them from now on. */
  static void drainSinks(Collection<SinkUnit> units) {
    for (SinkUnit unit : units) {
      for (SinkUnit.Member member : unit.members()) {
        try {
          member.sink().settleSoon();
        } catch (RuntimeException | LinkageError e) {
          log.warn("{} cannot settle soon: {}", member.life().status().component(), e.toString());
        }
      }
    }
  }

  boolean stopSinks(Collection<SinkUnit> units) throws InterruptedException {
    List<SinkUnit.Member> members = units.stream().flatMap(u -> u.members().stream()).toList();
    members.forEach(member -> member.runner().stop());
    drainSinks(units);
    for (SinkUnit.Member member : members) {
      if (member.life().isRunning() && !member.runner().awaitStopped(deadline(9, 10))) {
        log.warn(
            "{} has deliveries under way that did not end in time; they stay in the channel",
            member.life().status().component());
      }
    }
    return stopAll("sink", members.stream().map(SinkUnit.Member::life).toList(), deadline(19, 20));
  }

  boolean stopChannels(Collection<ChannelUnit> channels) throws InterruptedException {
    return stopAll(
        "channel", channels.stream().map(ChannelUnit::life).toList(), beginNanos + limitNanos);
  }

  /** Stops all at once, each on a thread of its own, so that one that hangs holds up no other. */
  private boolean stopAll(String kind, Collection<Supervised> lives, long deadlineNanos)
      throws InterruptedException {
    List<Thread> steps = new ArrayList<>();
    for (Supervised life : lives) {
      Thread step = threads.newThread(life::stop);
      step.start();
      steps.add(step);
    }
    boolean all = true;
    for (Thread step : steps) {
      step.join(Math.max(1, (deadlineNanos - System.nanoTime()) / 1_000_000));
      all &= !step.isAlive();
    }
    for (Supervised life : lives) {
      if (life.status().state() != ComponentStatus.State.STOPPED) {
        log.warn("The {} {} did not stop in time", kind, life.status().component());
      }
    }
    return all;
  }

  long millisSoFar() {
    return (System.nanoTime() - beginNanos) / 1_000_000;
  }
}
