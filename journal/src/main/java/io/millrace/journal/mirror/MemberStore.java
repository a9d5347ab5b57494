/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** The directory of one copy. Guarded by the lane's lock. */
final class MemberStore {
  private static final String LOCK = "lane.lock";
  private static final String BAD_SUFFIX = ".bad";
  private static final int CHUNK_BYTES = 1 << 20;

  private final Disk disk;
  private final Path directory;
  private final int member;
  private final CopyStateFile state;
  private AutoCloseable held;

  MemberStore(Disk disk, Path directory, int member) {
    this.disk = disk;
    this.directory = directory;
    this.member = member;
    this.state = new CopyStateFile(disk, directory, CopyStateFile.NAME);
  }

  /** False if somebody else has it. */
  boolean tryLock() throws IOException {
    held = disk.tryLock(directory.resolve(LOCK));
    return held != null;
  }

  void unlock() throws IOException {
    AutoCloseable releasing = held;
    held = null;
    if (releasing != null) {
      try {
        releasing.close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IOException(e);
      }
    }
  }

  MemberFacts facts(Set<UUID> foreign) throws IOException {
    CopyState found = state.read();
    if (found != null) {
      found = found.movedTo(member);
    }
    boolean isForeign = found != null && foreign.contains(found.pairId());
    return new MemberFacts(true, found, state.isWhole(), !laneFiles().isEmpty(), isForeign);
  }

  void write(CopyState next) throws IOException {
    state.write(next);
  }

  Path directory() {
    return directory;
  }

  void createDirectory() throws IOException {
    disk.createDirectories(directory);
  }

  /** Makes names durable. */
  void force() throws IOException {
    disk.forceDirectory(directory);
  }

  long usableSpaceBytes() throws IOException {
    return disk.usableSpaceBytes(directory);
  }

  DiskFile create(String name) throws IOException {
    return disk.create(directory.resolve(name));
  }

  DiskFile open(String name) throws IOException {
    return disk.open(directory.resolve(name));
  }

  boolean exists(String name) throws IOException {
    return disk.exists(directory.resolve(name));
  }

  void rename(String from, String to) throws IOException {
    disk.rename(directory.resolve(from), directory.resolve(to));
  }

  void delete(String name) throws IOException {
    disk.delete(directory.resolve(name));
  }

  void checkPresence() throws IOException {
    if (!disk.exists(directory.resolve(CopyStateFile.NAME))) {
      throw new IOException(directory + " is empty or not there any more");
    }
  }

  /** All but what tells of locks and copies. */
  List<String> laneFiles() throws IOException {
    return disk.list(directory).stream()
        .filter(name -> !name.equals(LOCK) && !name.startsWith(CopyStateFile.NAME))
        .toList();
  }

  /** Deletes what the other copy has not. What was quarantined stays: it may be all there is. */
  void deleteAllBut(List<String> kept) throws IOException {
    for (String name : laneFiles()) {
      if (!kept.contains(name) && !name.endsWith(BAD_SUFFIX)) {
        disk.delete(directory.resolve(name));
      }
    }
  }

  /** Copies a whole file, which gets its name when it is complete. */
  void copyFrom(MemberStore other, String name) throws IOException {
    Path unfinished = directory.resolve(name + CopyStateFile.NEW_SUFFIX);
    disk.delete(unfinished);
    try (DiskFile source = disk.open(other.directory.resolve(name));
        DiskFile target = disk.create(unfinished)) {
      long bytes = source.sizeBytes();
      ByteBuffer chunk = ByteBuffer.allocate((int) Math.min(CHUNK_BYTES, bytes));
      for (long at = 0; at < bytes; at += chunk.capacity()) {
        source.read(chunk.clear(), at);
        target.write(chunk.flip(), at);
      }
      target.force();
    }
    disk.rename(unfinished, directory.resolve(name));
    disk.forceDirectory(directory);
  }
}
