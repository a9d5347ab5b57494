/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that is being written, by directory and prefix; decides whose turn it is. A bucket has one
 * turn at a time, so that its events stay in their order and a bucket that hangs holds up no other.
 * Guarded by {@code this}; deliveries are answered outside of it.
 */
final class Buckets {
  /** How long events wait here for a file system that fails, before they go back. */
  private static final Duration HOLD = Duration.ofSeconds(10);

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final int MAX_PAUSE_SHIFT = 5;

  /** Events of one turn, which share a sync. */
  private static final long MAX_TURN_BYTES = 8L << 20;

  /** Age at which a file is closed that releases its events only then, whatever the options say. */
  private static final Duration MAX_HELD = Duration.ofMinutes(10);

  private final Workplace work;
  private final Map<String, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true);
  private Endings endings;
  private int openFiles;
  private boolean isDraining;
  private boolean isStopping;

  /** Set once the file system proves unable to sync. */
  private volatile boolean holdsUntilClosed;

  Buckets(Workplace work) {
    this.work = work;
    this.holdsUntilClosed = work.options().isReleasedOnClose();
  }

  /** Before the first event; the two know each other. */
  void endings(Endings theirs) {
    endings = theirs;
  }

  Endings endings() {
    return endings;
  }

  /** Whether events are released when their file is closed, not before. */
  boolean holdsUntilClosed() {
    return holdsUntilClosed;
  }

  void holdUntilClosed() {
    holdsUntilClosed = true;
  }

  /** Takes events to be written. */
  synchronized void offer(String directory, String prefix, Part part) {
    Bucket bucket = bucket(directory, prefix);
    bucket.queue.addLast(part);
    schedule(bucket);
  }

  private Bucket bucket(String directory, String prefix) {
    String key = directory + "/" + prefix;
    Bucket bucket = buckets.get(key);
    if (bucket == null) {
      bucket = new Bucket(key, directory, prefix);
      buckets.put(key, bucket);
    }
    return bucket;
  }

  private void schedule(Bucket bucket) {
    if (bucket.isScheduled || (bucket.queue.isEmpty() && !bucket.mustClose)) {
      return;
    }
    if (System.nanoTime() - bucket.pausedUntilNanos < 0) {
      return;
    }
    bucket.isScheduled = true;
    if (!work.pool().submit(new BucketTurn(work, this, bucket))) {
      bucket.isScheduled = false;
    }
  }

  /** What the turn is to write; at least one part if there is one. */
  synchronized List<Part> take(Bucket bucket) {
    List<Part> taken = new ArrayList<>();
    long bytes = 0;
    while (!bucket.queue.isEmpty() && bytes < MAX_TURN_BYTES) {
      Part part = bucket.queue.removeFirst();
      bytes += part.bytes();
      taken.add(part);
    }
    return taken;
  }

  synchronized boolean takeMustClose(Bucket bucket) {
    boolean must = bucket.mustClose;
    bucket.mustClose = false;
    return must;
  }

  synchronized boolean isDraining() {
    return isDraining;
  }

  /** The bucket has a file now. */
  synchronized void opened(Bucket bucket) {
    bucket.hasFile = true;
    bucket.openedNanos = System.nanoTime();
    bucket.writtenNanos = bucket.openedNanos;
    openFiles++;
    work.counters().opened().increment();
    if (openFiles > work.options().maxOpenFiles()) {
      closeEldest(bucket);
    }
  }

  private void closeEldest(Bucket except) {
    for (Bucket eldest : buckets.values()) {
      if (eldest != except && eldest.hasFile && !eldest.mustClose) {
        eldest.mustClose = true;
        schedule(eldest);
        return;
      }
    }
  }

  /** The bucket has given its file away. */
  synchronized void ended(Bucket bucket) {
    if (bucket.hasFile) {
      bucket.hasFile = false;
      openFiles--;
    }
  }

  /** A turn is over and went well. */
  synchronized void finished(Bucket bucket) {
    bucket.isScheduled = false;
    bucket.failures = 0;
    bucket.writtenNanos = System.nanoTime();
    if (bucket.queue.isEmpty() && !bucket.hasFile) {
      buckets.remove(bucket.key, bucket);
    } else {
      schedule(bucket);
    }
  }

  /** A turn has failed; what it did not write is to be written again, before what came since. */
  void failed(Bucket bucket, List<Part> unwritten) {
    List<Part> given;
    synchronized (this) {
      bucket.isScheduled = false;
      ended(bucket);
      given = again(bucket, unwritten);
    }
    giveBack(given);
  }

  /** A turn hangs: another bucket takes its place. */
  void abandoned(Bucket bucket, List<Part> unwritten) {
    List<Part> given;
    synchronized (this) {
      ended(bucket);
      Bucket heir = new Bucket(bucket.key, bucket.directory, bucket.prefix);
      heir.failures = bucket.failures;
      heir.queue.addAll(bucket.queue);
      bucket.queue.clear();
      buckets.put(heir.key, heir);
      given = again(heir, unwritten);
    }
    giveBack(given);
  }

  /** What a file that could not be closed held is to be written again. */
  void writeElsewhere(OutFile file, List<Part> unwritten) {
    List<Part> given;
    synchronized (this) {
      String prefix = file.bucketKey().substring(file.directory().length() + 1);
      given = again(bucket(file.directory(), prefix), unwritten);
    }
    giveBack(given);
  }

  private List<Part> again(Bucket bucket, List<Part> unwritten) {
    long now = System.nanoTime();
    List<Part> given = new ArrayList<>();
    for (int i = unwritten.size() - 1; i >= 0; i--) {
      bucket.queue.addFirst(unwritten.get(i).failed(now));
    }
    bucket.pausedUntilNanos =
        now + (FIRST_PAUSE.toNanos() << Math.min(bucket.failures, MAX_PAUSE_SHIFT));
    bucket.failures++;
    while (!bucket.queue.isEmpty() && isHeldTooLong(bucket.queue.peekFirst(), now)) {
      given.add(bucket.queue.removeFirst());
    }
    return given;
  }

  private boolean isHeldTooLong(Part part, long now) {
    return part.failedNanos() != 0 && (isStopping || now - part.failedNanos() > HOLD.toNanos());
  }

  private void giveBack(List<Part> parts) {
    for (Part part : parts) {
      part.flight().retry(part);
    }
    if (!parts.isEmpty() && holdsUntilClosed) {
      // The engine asks for nothing more before all that is under way is answered.
      closeAll();
    }
  }

  /** Gives back everything that a bucket that fails holds, to make room for others. */
  void giveBackFailing() {
    List<Part> given = new ArrayList<>();
    synchronized (this) {
      for (Bucket bucket : buckets.values()) {
        if (bucket.failures > 0 && !bucket.isScheduled) {
          given.addAll(bucket.queue);
          bucket.queue.clear();
        }
      }
    }
    giveBack(given);
  }

  /** Closes what is due by time, and gives turns to those whose pause is over. */
  synchronized void sweep(long nowNanos) {
    RollOptions roll = work.options().roll();
    long interval = roll.intervalNanos();
    if (holdsUntilClosed) {
      interval = interval == 0 ? MAX_HELD.toNanos() : Math.min(interval, MAX_HELD.toNanos());
    }
    List<String> unused = new ArrayList<>();
    for (Bucket bucket : buckets.values()) {
      if (bucket.hasFile && !bucket.mustClose) {
        boolean isOld = interval > 0 && nowNanos - bucket.openedNanos >= interval;
        boolean isIdle =
            roll.idleNanos() > 0
                && bucket.queue.isEmpty()
                && nowNanos - bucket.writtenNanos >= roll.idleNanos();
        bucket.mustClose = isOld || isIdle;
      }
      schedule(bucket);
      if (!bucket.isScheduled && !bucket.hasFile && bucket.queue.isEmpty()) {
        unused.add(bucket.key);
      }
    }
    unused.forEach(buckets::remove);
  }

  /** Closes every file that is open now. */
  synchronized void closeAll() {
    for (Bucket bucket : buckets.values()) {
      if (bucket.hasFile) {
        bucket.mustClose = true;
        schedule(bucket);
      }
    }
  }

  /** From now on nothing is held that could be released. */
  synchronized void drain() {
    isDraining = true;
    if (holdsUntilClosed) {
      closeAll();
    }
  }

  /** Closes everything; what fails goes back at once. */
  void stop() {
    synchronized (this) {
      isStopping = true;
      isDraining = true;
      closeAll();
    }
    giveBackFailing();
  }

  synchronized boolean isIdle() {
    for (Bucket bucket : buckets.values()) {
      if (bucket.hasFile || bucket.isScheduled || !bucket.queue.isEmpty()) {
        return false;
      }
    }
    return true;
  }

  synchronized int openFiles() {
    return openFiles;
  }
}
