/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.Origin;
import io.millrace.connectors.hadoop.CommitRecord.Lane;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
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
  private static final String COMMITS = "commits";
  private static final String END = ".commit";

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

  private long nextNumber;
  private boolean isSessionMade;

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
    for (FileStatus run : turn.call("list " + own, () -> list(files, own))) {
      Path directory = run.getPath();
      if (directory.getName().equals(session.getName())) {
        continue;
      }
      if (!directory.getName().startsWith("was-")) {
        Path moved = new Path(own, "was-" + directory.getName());
        if (!turn.call("rename " + directory, () -> files.rename(run.getPath(), moved))) {
          throw new IOException(directory + " could not be renamed to " + moved);
        }
        directory = moved;
      }
      recover(turn, files, directory);
    }
  }

  private void recover(CallPool.Turn turn, FileSystem files, Path directory) throws IOException {
    FileStatus[] records = turn.call("list " + directory, () -> list(files, directory));
    if (records.length == 0) {
      turn.call("delete " + directory, () -> files.delete(directory, false));
    }
    for (FileStatus record : records) {
      if (!recovered.contains(record.getPath())) {
        turn.call(
            "read " + record.getPath(),
            () -> {
              read(files, record);
              return null;
            });
        recovered.add(record.getPath());
      }
    }
  }

  /**
   * Reads what other sinks beside this one, or this one under another mark, committed of a journal
   * that has not been seen yet.
   */
  void learn(FileSystem files, UUID journal) throws IOException {
    synchronized (this) {
      if (knownJournals.contains(journal)) {
        return;
      }
    }
    for (FileStatus other : list(files, state)) {
      Path commits = new Path(other.getPath(), COMMITS);
      if (commits.equals(own) || commits.toUri().getPath().equals(own.toUri().getPath())) {
        continue;
      }
      for (FileStatus run : list(files, commits)) {
        for (FileStatus record : list(files, run.getPath())) {
          if (record.getPath().getName().contains(journal.toString())) {
            read(files, record);
          }
        }
      }
    }
    synchronized (this) {
      knownJournals.add(journal);
    }
  }

  synchronized boolean knows(UUID journal) {
    return knownJournals.contains(journal);
  }

  private static FileStatus[] list(FileSystem files, Path directory) throws IOException {
    try {
      return files.listStatus(directory);
    } catch (FileNotFoundException e) {
      return new FileStatus[0];
    }
  }

  private void read(FileSystem files, FileStatus status) throws IOException {
    Path path = status.getPath();
    if (!path.getName().endsWith(END) || status.getLen() > MAX_RECORD_BYTES) {
      return;
    }
    byte[] bytes = new byte[(int) status.getLen()];
    CommitRecord record;
    try (FSDataInputStream in = files.open(path)) {
      in.readFully(0, bytes);
      record = CommitRecord.decode(bytes);
    } catch (java.io.EOFException | java.util.zip.ZipException | FileNotFoundException e) {
      forgetTorn(files, path, e);
      return;
    }
    if (files.exists(record.inUse())) {
      Renames.toFreeName(files, record.inUse(), record.whole(), whole -> whole);
    }
    add(path, record);
  }

  /** It was being written when the agent died: its events were not released. */
  private static void forgetTorn(FileSystem files, Path path, IOException why) throws IOException {
    log.info("{} is no whole record ({}); its file counts as not committed", path, why.toString());
    files.delete(path, false);
  }

  private synchronized void add(Path path, CommitRecord record) {
    Map<Lane, Long> ends = new HashMap<>();
    record
        .events()
        .forEach(
            (lane, bits) -> {
              had.computeIfAbsent(lane, l -> new SequenceBits()).addAll(bits);
              ends.put(lane, bits.end());
            });
    stored.add(new Stored(path, ends));
  }

  /** Makes a file count. To be called within a bounded call; may be called again. */
  void commit(FileSystem files, Path path, CommitRecord record) throws IOException {
    synchronized (this) {
      if (!isSessionMade) {
        if (!files.mkdirs(session)) {
          throw new IOException(session + " could not be made");
        }
        isSessionMade = true;
      }
    }
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
  }

  /** The file of a record; each has one of its own. */
  synchronized Path pathFor(CommitRecord record) {
    Set<String> journals = new TreeSet<>();
    record.events().keySet().forEach(lane -> journals.add(lane.journal().toString()));
    return new Path(session, String.join("_", journals) + "." + nextNumber++ + END);
  }

  /** Notes a record whose file has its final name. */
  synchronized void done(Path path, CommitRecord record) {
    add(path, record);
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

  synchronized int records() {
    return stored.size();
  }
}
