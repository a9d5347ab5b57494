/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.Origin;
import io.millrace.connectors.hadoop.CommitRecord.Lane;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which events are in files for good, for a sink that releases them when files are closed: one
 * record a file below {@code STATE/MARK/commits/SESSION}. A record is stored before its file gets
 * its final name, and goes when the channel will never send its events again.
 *
 * <p>A run that begins moves the directories of earlier ones away: what a thread of an earlier one
 * that still hangs might write there fails, instead of claiming events that were written again.
 *
 * <p>Guarded by {@code this}; files are read and written outside of it.
 */
final class CommitLog {
  private static final Logger log = LoggerFactory.getLogger(CommitLog.class);
  private static final int MAX_RECORD_BYTES = 64 << 20;

  /** At the end of what gzip makes. */
  private static final int LENGTH_BYTES = 4;

  private static final String COMMITS = "commits";
  private static final String END = ".commit";

  /** With what the names of directories of earlier runs begin. */
  private static final String MOVED = "was-";

  /** A stored record, and how far its events reach. */
  private record Stored(Path path, Map<Lane, Long> ends) {}

  private final Path state;
  private final Path own;
  private final Path session;
  private final Map<Lane, SequenceBits> had = new HashMap<>();
  private final Map<Lane, Long> floors = new HashMap<>();
  private final List<Stored> stored = new ArrayList<>();
  private final Set<UUID> knownJournals = new HashSet<>();

  /** What a recovery that failed on its way has read already; one at a time. */
  private final Set<Path> recovered = new HashSet<>();

  /** The same of what other sinks committed. */
  private final Set<Path> learnt = new HashSet<>();

  private long nextNumber;

  /**
   * @param state directory of all sinks of this root
   */
  CommitLog(Path state, String mark, String session) {
    this.state = state;
    this.own = new Path(new Path(state, mark), COMMITS);
    this.session = new Path(own, session);
  }

  /**
   * Takes over what earlier runs of this sink committed and did not rename; after a failure to be
   * called again. Each file has a call of its own: there may be more than one call has time for.
   */
  void recover(CallPool.Turn turn, FileSystem files) throws IOException {
    Listing.each(
        turn,
        files,
        own,
        run -> {
          Path directory = run.getPath();
          if (!directory.getName().equals(session.getName())) {
            recover(turn, files, moved(turn, files, directory));
          }
        });
  }

  private Path moved(CallPool.Turn turn, FileSystem files, Path directory) throws IOException {
    if (directory.getName().startsWith(MOVED)) {
      return directory;
    }
    Path moved = new Path(own, MOVED + directory.getName());
    if (!turn.call("rename " + directory, () -> files.rename(directory, moved))) {
      throw new IOException(directory + " could not be renamed to " + moved);
    }
    return moved;
  }

  private void recover(CallPool.Turn turn, FileSystem files, Path directory) throws IOException {
    int[] records = new int[1];
    Listing.each(
        turn,
        files,
        directory,
        record -> {
          records[0]++;
          if (!recovered.contains(record.getPath())) {
            read(turn, files, record, true);
            recovered.add(record.getPath());
          }
        });
    if (records[0] == 0) {
      turn.call("delete " + directory, () -> files.delete(directory, false));
    }
  }

  /** Makes the place for the records of this run; before the first one. */
  void open(CallPool.Turn turn, FileSystem files) throws IOException {
    turn.call(
        "make " + session,
        () -> {
          Optional<LocalDisk> disk = LocalDisk.of(files);
          if (disk.isPresent()) {
            disk.get().makeDirectory(session);
          } else if (!files.mkdirs(session)) {
            throw new IOException(session + " could not be made");
          }
          return null;
        });
  }

  /** Removes the place for the records of this run, if there are none. */
  void close(FileSystem files) throws IOException {
    for (Path at : List.of(session, own)) {
      try {
        if (files.listStatus(at).length > 0) {
          return;
        }
      } catch (FileNotFoundException e) {
        continue;
      }
      // Not recursive: what was made since keeps it.
      files.delete(at, false);
    }
  }

  /**
   * Reads what other sinks beside this one, or this one under another mark, committed of a journal
   * that has not been seen yet. What is theirs stays as it is, but for files that they committed:
   * these get their final names, whoever comes first. After a failure to be called again; what was
   * read is not read twice.
   */
  void learn(CallPool.Turn turn, FileSystem files, UUID journal) throws IOException {
    if (knows(journal)) {
      return;
    }
    Listing.each(
        turn,
        files,
        state,
        other -> {
          Path commits = new Path(other.getPath(), COMMITS);
          if (commits.toUri().getPath().equals(own.toUri().getPath())) {
            return;
          }
          Listing.each(
              turn, files, commits, run -> learn(turn, files, run.getPath(), journal.toString()));
        });
    synchronized (this) {
      knownJournals.add(journal);
      learnt.clear();
    }
  }

  private void learn(CallPool.Turn turn, FileSystem files, Path run, String journal)
      throws IOException {
    Listing.each(
        turn,
        files,
        run,
        record -> {
          if (record.getPath().getName().contains(journal) && !isLearnt(record.getPath())) {
            read(turn, files, record, false);
            synchronized (this) {
              learnt.add(record.getPath());
            }
          }
        });
  }

  private synchronized boolean isLearnt(Path record) {
    return learnt.contains(record);
  }

  synchronized boolean knows(UUID journal) {
    return knownJournals.contains(journal);
  }

  private void read(CallPool.Turn turn, FileSystem files, FileStatus status, boolean isOwn)
      throws IOException {
    if (status.getPath().getName().endsWith(END) && status.getLen() <= MAX_RECORD_BYTES) {
      turn.call(
          "read " + status.getPath(),
          () -> {
            read(files, status, isOwn);
            return null;
          });
    }
  }

  private void read(FileSystem files, FileStatus status, boolean isOwn) throws IOException {
    Path path = status.getPath();
    byte[] bytes = new byte[(int) status.getLen()];
    try (FSDataInputStream in = files.open(path)) {
      in.readFully(0, bytes);
    } catch (FileNotFoundException e) {
      // Of no use any more to whose it is.
      return;
    }
    CommitRecord record;
    try {
      record = CommitRecord.decode(bytes);
    } catch (IOException e) {
      if (!isTorn(bytes, e)) {
        throw new IOException(
            path
                + " is damaged ("
                + e
                + "): whether its file counts is not known, so that nothing is delivered until the"
                + " record is mended or removed",
            e);
      }
      // That of another sink may be about to be written.
      if (isOwn) {
        log.info(
            "{} is no whole record ({}); its file counts as not committed", path, e.toString());
        files.delete(path, false);
      }
      return;
    }
    if (files.exists(record.inUse())) {
      Renames.toFreeName(files, record.inUse(), record.whole(), whole -> whole);
    }
    add(path, record, isOwn);
  }

  /**
   * Whether it was being written when the agent died, so that its events were not released: cut
   * off, or with zeros at its end, which a local disk may have left for what was never synced. A
   * whole record ends in the length of what is packed in it, which is never 0.
   */
  private static boolean isTorn(byte[] bytes, IOException why) {
    if (why instanceof EOFException) {
      return true;
    }
    for (int i = Math.max(0, bytes.length - LENGTH_BYTES); i < bytes.length; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  /** The records of others are theirs to delete. */
  private synchronized void add(Path path, CommitRecord record, boolean isOwn) {
    Map<Lane, Long> ends = new HashMap<>();
    record
        .events()
        .forEach(
            (lane, bits) -> {
              had.computeIfAbsent(lane, l -> new SequenceBits()).addAll(bits);
              ends.put(lane, bits.end());
            });
    if (isOwn) {
      stored.add(new Stored(path, ends));
    }
  }

  /** Makes a file count. To be called within a bounded call; may be called again. */
  void commit(FileSystem files, Path path, CommitRecord record) throws IOException {
    byte[] bytes = record.encoded();
    // Not with its parents: once a later run has moved the directory away nothing may come in.
    try (FSDataOutputStream out =
        files.createNonRecursive(
            path,
            true,
            4096,
            files.getDefaultReplication(path),
            files.getDefaultBlockSize(path),
            null)) {
      out.write(bytes);
      out.hsync();
    }
    Optional<LocalDisk> disk = LocalDisk.of(files);
    if (disk.isPresent()) {
      disk.get().sync(session);
    }
  }

  /** The file of a record; each has one of its own. */
  synchronized Path pathFor(CommitRecord record) {
    Set<String> journals = new TreeSet<>();
    record.events().keySet().forEach(lane -> journals.add(lane.journal().toString()));
    return new Path(session, String.join("_", journals) + "." + nextNumber++ + END);
  }

  /** Notes a record whose file has its final name. */
  synchronized void done(Path path, CommitRecord record) {
    add(path, record, true);
  }

  /** Which events of a delivery are in files; null for none. */
  synchronized BitSet had(Origin origin) {
    SequenceBits bits = had.get(new Lane(origin.journal(), origin.lane()));
    if (bits == null || bits.end() <= origin.first()) {
      return null;
    }
    BitSet found = new BitSet();
    for (int i = 0; i < origin.count(); i++) {
      if (bits.contains(origin.first() + i)) {
        found.set(i);
      }
    }
    return found.isEmpty() ? null : found;
  }

  /** Notes below what the channel sends nothing again. */
  synchronized void floor(Origin origin) {
    floors.merge(new Lane(origin.journal(), origin.lane()), origin.floor(), Math::max);
  }

  /** Takes the records that are of no use any more, to be deleted. */
  synchronized List<Path> takeObsolete() {
    floors.forEach(
        (lane, floor) -> {
          SequenceBits bits = had.get(lane);
          if (bits != null) {
            bits.forgetBelow(floor);
          }
        });
    List<Path> obsolete = new ArrayList<>();
    for (Iterator<Stored> each = stored.iterator(); each.hasNext(); ) {
      Stored record = each.next();
      boolean isPast =
          record.ends().entrySet().stream()
              .allMatch(end -> floors.getOrDefault(end.getKey(), 0L) >= end.getValue());
      if (isPast) {
        obsolete.add(record.path());
        each.remove();
      }
    }
    return obsolete;
  }

  /** Takes back what could not be deleted. */
  synchronized void putBack(List<Path> obsolete) {
    // Without events, of which it needs none: it stays obsolete.
    obsolete.forEach(path -> stored.add(new Stored(path, Map.of())));
  }

  synchronized int records() {
    return stored.size();
  }
}
