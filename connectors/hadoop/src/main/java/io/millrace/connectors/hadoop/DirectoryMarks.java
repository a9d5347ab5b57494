/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * Notes the directories in which the sink has files open, in small files below {@code
 * STATE/MARK/directories}: after a crash only these are searched, not a tree of years. One note a
 * directory, made before its first file and kept for a while after its last one. Safe for many
 * threads.
 */
final class DirectoryMarks {
  /** Directories noted before those are forgotten that are not in use. */
  static final int MAX_IDLE_MARKS = 1000;

  /** HDFS allows 8000 characters. */
  private static final int MAX_PATH_BYTES = 32 * 1024;

  /** The lock is held while the note is written or deleted, which may hang. */
  private static final class Use {
    final ReentrantLock lock = new ReentrantLock();
    final AtomicInteger files = new AtomicInteger();
    volatile boolean isNoted;
  }

  private final Path directory;
  private final Map<String, Use> uses = new ConcurrentHashMap<>();

  DirectoryMarks(Path state) {
    this.directory = new Path(state, "directories");
  }

  /** A file is about to be made in the directory; to be called within a bounded call. */
  void begin(FileSystem files, String path) throws IOException, InterruptedException {
    // Before the look at isNoted: whoever deletes the note looks in the opposite order.
    Use use =
        uses.compute(
            path,
            (p, known) -> {
              Use its = known == null ? new Use() : known;
              its.files.incrementAndGet();
              return its;
            });
    if (use.isNoted) {
      return;
    }
    use.lock.lockInterruptibly();
    try {
      if (!use.isNoted) {
        Path note = new Path(directory, name(path));
        // An earlier run's says the same. Written anew it would be empty for a moment, in which who
        // looks for that run's files would pass over the directory.
        if (!isWhole(files, note)) {
          write(files, note, path);
        }
        use.isNoted = true;
      }
    } finally {
      use.lock.unlock();
    }
  }

  /** A file of the directory has its final name, or is gone. */
  void end(String path) {
    Use use = uses.get(path);
    if (use != null) {
      use.files.decrementAndGet();
    }
  }

  private static String name(String path) {
    CRC32C checksum = new CRC32C();
    byte[] bytes = path.getBytes(StandardCharsets.UTF_8);
    checksum.update(bytes);
    return String.format("%08x%08x", path.hashCode(), checksum.getValue());
  }

  private static boolean isWhole(FileSystem files, Path note) throws IOException {
    try {
      return files.getFileStatus(note).getLen() > 0;
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  private static void write(FileSystem files, Path note, String path) throws IOException {
    Optional<LocalDisk> disk = LocalDisk.of(files);
    if (disk.isPresent()) {
      disk.get().makeDirectory(note.getParent());
    }
    try (FSDataOutputStream out = files.create(note, true)) {
      out.write(path.getBytes(StandardCharsets.UTF_8));
      if (disk.isPresent()) {
        out.hsync();
      }
    }
    if (disk.isPresent()) {
      disk.get().sync(note.getParent());
    }
  }

  /** A directory of an earlier run, and the note of it. */
  record Noted(Path note, Path directory) {}

  /** Where the notes are. */
  Path notes() {
    return directory;
  }

  /** What an earlier run noted; empty when it is not there any more, or not whole. */
  static Optional<Noted> read(FileSystem files, FileStatus note) throws IOException {
    byte[] bytes = new byte[(int) Math.min(note.getLen(), MAX_PATH_BYTES)];
    try (FSDataInputStream in = files.open(note.getPath())) {
      in.readFully(0, bytes);
    } catch (FileNotFoundException e) {
      return Optional.empty();
    }
    return bytes.length == 0
        ? Optional.empty()
        : Optional.of(
            new Noted(note.getPath(), new Path(new String(bytes, StandardCharsets.UTF_8))));
  }

  /** Forgets a directory of an earlier run, unless this one uses it too. */
  void forget(FileSystem files, Noted noted) throws IOException {
    String path = noted.directory().toString();
    Use use = uses.computeIfAbsent(path, p -> new Use());
    use.lock.lock();
    try {
      // Whoever begins a file there counts it first, and looks for the note under the lock.
      if (!use.isNoted && use.files.get() == 0) {
        files.delete(noted.note(), false);
      }
      uses.computeIfPresent(path, (p, its) -> its.files.get() == 0 && !its.isNoted ? null : its);
    } finally {
      use.lock.unlock();
    }
  }

  /** Forgets directories that are not in use, when there are many, or all of them. */
  void forgetIdle(FileSystem files, boolean all) throws IOException {
    if (!all && uses.size() <= MAX_IDLE_MARKS) {
      return;
    }
    for (Map.Entry<String, Use> each : uses.entrySet()) {
      Use use = each.getValue();
      if (use.files.get() == 0 && use.lock.tryLock()) {
        try {
          forgetIfIdle(files, each.getKey(), use);
        } finally {
          use.lock.unlock();
        }
      }
    }
    if (all && uses.isEmpty()) {
      deleteEmpty(files, directory);
    }
  }

  private void forgetIfIdle(FileSystem files, String path, Use use) throws IOException {
    boolean wasNoted = use.isNoted;
    use.isNoted = false;
    if (use.files.get() > 0) {
      use.isNoted = wasNoted;
    } else if (wasNoted) {
      files.delete(new Path(directory, name(path)), false);
    }
    uses.computeIfPresent(path, (p, its) -> its.files.get() == 0 && !its.isNoted ? null : its);
  }

  /** Removes the directory and what it is in, as far as they are empty. */
  private static void deleteEmpty(FileSystem files, Path directory) throws IOException {
    Path at = directory;
    for (int level = 0; level < 3 && isEmpty(files, at); level++) {
      // Not recursive: a file that was made since keeps it.
      files.delete(at, false);
      at = at.getParent();
    }
  }

  private static boolean isEmpty(FileSystem files, Path directory) throws IOException {
    try {
      return Arrays.asList(files.listStatus(directory)).isEmpty();
    } catch (FileNotFoundException e) {
      return true;
    }
  }
}
