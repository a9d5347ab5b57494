/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EventView;
import io.millrace.api.RejectedException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Writes what waits in a bucket: into the open file and as many after it as the options say, and
 * syncs once at the end.
 */
final class BucketTurn extends CallPool.Turn {
  /** Flume's bound: a cluster that is short of data nodes would make a file for each batch. */
  private static final int MAX_REPLICA_ROLLS = 30;

  private final Workplace work;
  private final Buckets buckets;
  private final Bucket bucket;
  private final long rollBytes;
  private final long rollEvents;

  /** Not written yet, in order. */
  private final Deque<Part> pending = new ArrayDeque<>();

  BucketTurn(Workplace work, Buckets buckets, Bucket bucket) {
    super(work.pool());
    this.work = work;
    this.buckets = buckets;
    this.bucket = bucket;
    this.rollBytes = work.options().roll().bytes();
    this.rollEvents = work.options().roll().events();
  }

  @Override
  void work() {
    try {
      if (buckets.takeMustClose(bucket) && bucket.file != null) {
        end();
      }
      pending.addAll(buckets.take(bucket));
      closeIfReplicasAreMissing();
      while (!pending.isEmpty()) {
        writeFirst();
      }
      release();
    } catch (CallPool.AbandonedException e) {
      return;
    } catch (RejectedException e) {
      rejectAll(e.getMessage());
    } catch (IOException | RuntimeException e) {
      failed(e);
      return;
    }
    buckets.finished(bucket);
  }

  /** There can be no file for them. */
  private void rejectAll(String reason) {
    for (Part part : pending) {
      for (int i = part.from(); i < part.to(); i++) {
        part.flight().reject(part.index(i), reason);
      }
    }
    pending.clear();
  }

  private void release() throws IOException {
    OutFile file = bucket.file;
    if (file == null) {
      return;
    }
    boolean isAwaited = buckets.isDraining() && buckets.holdsUntilClosed();
    if (isFull(file) || isAwaited || buckets.isStopping()) {
      end();
    } else if (file.hasUnsettled() && !buckets.holdsUntilClosed()) {
      call(
          "sync " + file.inUse(),
          () -> {
            file.events().sync();
            return null;
          });
      work.counters().syncs().increment();
      file.settle();
    }
  }

  /** Writes of the first part as much as the file takes. */
  private void writeFirst() throws IOException {
    if (bucket.file == null) {
      open();
    }
    OutFile file = bucket.file;
    Part part = pending.peekFirst();
    Map<Integer, String> rejected = new TreeMap<>();
    int written = call("write to " + file.inUse(), () -> write(file, part, rejected));
    // Not before: while the call hung the part may have gone to another turn, or back.
    rejected.forEach(part.flight()::reject);
    file.hold(part.between(part.from(), written));
    pending.removeFirst();
    if (written < part.to()) {
      pending.addFirst(part.between(written, part.to()));
    }
    if (isFull(file)) {
      end();
    }
  }

  private boolean isFull(OutFile file) {
    return (rollEvents > 0 && file.eventCount() >= rollEvents)
        || (rollBytes > 0 && file.bodyBytes() >= rollBytes);
  }

  /**
   * Writes events of the part.
   *
   * @param rejected takes those that no file can hold, by their index, and why
   * @return where in the part it stopped
   */
  private int write(OutFile file, Part part, Map<Integer, String> rejected) throws IOException {
    Iterator<EventView> events = part.batch().iterator();
    for (int i = 0; i < part.from(); i++) {
      events.next();
    }
    int at = part.from();
    long bytes = 0;
    while (at < part.to() && !isFull(file)) {
      EventView event = events.next();
      int index = part.index(at);
      at++;
      if (part.flight().isRejected(index)) {
        continue;
      }
      try {
        file.events().write(event);
      } catch (RejectedException e) {
        rejected.put(index, e.getMessage());
        continue;
      }
      file.wrote(1, event.bodyBytes());
      bytes += event.bodyBytes();
    }
    work.counters().bodyBytes().add(bytes);
    return at;
  }

  private void open() throws IOException {
    if (buckets.endings().isFull()) {
      throw new IOException(
          work.options().maxPendingCloses()
              + " files wait to be closed or renamed (millrace.maxPendingCloses)");
    }
    FileSystem files = work.files();
    long counter = work.names().nextCounter();
    Path inUse = work.names().inUse(bucket.directory, bucket.prefix, counter);
    Path whole = work.names().whole(bucket.directory, bucket.prefix, counter);
    String directory = inUse.getParent().toString();
    if (work.names().isMarked()) {
      try {
        call("note " + directory, () -> mark(files, directory));
      } catch (IOException | RuntimeException e) {
        // It was counted before it was noted, and no file was asked for.
        work.marks().end(directory);
        throw e;
      }
    }
    int replicas = wantedReplicas(files, inUse);
    AtomicReference<OutFile> made = new AtomicReference<>();
    try {
      call(
          "create " + inUse,
          () -> {
            EventFile events = work.format().create(files, inUse, !inUse.equals(whole));
            made.set(
                new OutFile(
                    directory, bucket.directory, bucket.prefix, inUse, whole, events, replicas));
            return null;
          });
    } catch (CallPool.AbandonedException e) {
      // The call came back after all, to nobody who waits for the file.
      if (made.get() != null) {
        buckets.endings().add(Ending.ofLost(work, made.get()));
      } else if (work.names().isMarked()) {
        work.lostAnswers().add(inUse, directory);
      }
      throw e;
    } catch (IOException | RuntimeException e) {
      if (work.names().isMarked() && LostAnswers.leaveDoubt(e)) {
        work.lostAnswers().add(inUse, directory);
      } else {
        work.marks().end(directory);
      }
      if (NameLimits.isRefusal(e)) {
        throw new RejectedException("the name node does not take the path of its file", e);
      }
      throw e;
    }
    EventFile events = made.get().events();
    bucket.file = made.get();
    buckets.opened(bucket);
    if (!events.canSync()
        && !buckets.holdsUntilClosed()
        && work.options().sync() != HdfsSinkOptions.Sync.NONE) {
      buckets.holdUntilClosed();
      work.trouble(
          "the file system of " + inUse,
          "it cannot sync",
          "Events leave the channel when their file is closed, as with millrace.release = close");
    }
  }

  private Object mark(FileSystem files, String directory) throws IOException, InterruptedException {
    try {
      work.marks().begin(files, directory);
    } catch (IOException e) {
      if (work.options().isReleasedOnClose()) {
        throw e;
      }
      work.trouble(
          "the directory " + directory + " could not be noted",
          e,
          "Files that a crash leaves there would not be found again; see millrace.stateDirectory");
    }
    return null;
  }

  private int wantedReplicas(FileSystem files, Path path) {
    return work.options().roll().minBlockReplicas().orElse((int) files.getDefaultReplication(path));
  }

  private void closeIfReplicasAreMissing() throws IOException {
    OutFile file = bucket.file;
    if (file == null || file.eventCount() == 0 || pending.isEmpty()) {
      return;
    }
    int replicas = call("look at " + file.inUse(), file.events()::replicas);
    if (replicas < 0 || replicas >= file.wantedReplicas()) {
      bucket.replicaRolls = 0;
    } else if (bucket.replicaRolls < MAX_REPLICA_ROLLS) {
      bucket.replicaRolls++;
      work.counters().replicaRolls().increment();
      work.trouble(
          file.inUse() + " is closed early",
          "its block has " + replicas + " copies (expected: " + file.wantedReplicas() + ")",
          bucket.replicaRolls < MAX_REPLICA_ROLLS
              ? "Another file is begun"
              : "It was the " + MAX_REPLICA_ROLLS + "th in a row; copies are not looked at now");
      end();
    }
  }

  /** Gives the file away to be closed; what it holds is released there. */
  private void end() {
    OutFile file = bucket.file;
    bucket.file = null;
    buckets.ended(bucket);
    buckets.endings().add(Ending.of(work, file));
  }

  private void failed(Exception why) {
    work.counters().failed().increment();
    List<Part> unwritten = giveUpFile();
    work.trouble(
        "writing below " + bucket.directory + " failed",
        why,
        "What was not released is written again to another file");
    buckets.failed(bucket, unwritten);
  }

  @Override
  void abandoned(String message) {
    work.counters().failed().increment();
    List<Part> unwritten = giveUpFile();
    work.trouble(
        "writing below " + bucket.directory + " hangs",
        message,
        "What was not released is written again to another file");
    buckets.abandoned(bucket, unwritten);
  }

  /** Gives the file away as lost; what it held and what was not written, in order. */
  private List<Part> giveUpFile() {
    List<Part> unwritten = new ArrayList<>();
    OutFile file = bucket.file;
    bucket.file = null;
    if (file != null) {
      unwritten.addAll(file.takeUnsettled());
      buckets.endings().add(Ending.ofLost(work, file));
    }
    unwritten.addAll(pending);
    pending.clear();
    return unwritten;
  }
}
