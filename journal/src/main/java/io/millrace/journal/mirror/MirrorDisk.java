/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.LongSupplier;

/**
 * A disk on which each data directory stands for two: itself, and a directory inside the next one,
 * the last of them being followed by the first. Other directories are passed on as they are. Safe
 * for use by several threads.
 */
public final class MirrorDisk implements Disk {
  private static final String COPY_DIRECTORY = "copy";
  private static final int MAX_CHUNK_BYTES = 1 << 20;
  private static final int BLOCK_BYTES = 4096;

  private final Disk disk;
  private final Map<Path, LaneCopies> lanes = new LinkedHashMap<>();

  /**
   * @param segmentBytes the size of most files
   * @param random draws the names of pairs
   */
  public MirrorDisk(
      Disk disk,
      Path checkpointDirectory,
      List<Path> dataDirectories,
      long segmentBytes,
      Duration retryInterval,
      CopyListener listener,
      LongSupplier nanoClock,
      LongSupplier random) {
    this.disk = disk;
    long chunkBytes = Math.min(MAX_CHUNK_BYTES, segmentBytes / 4 / BLOCK_BYTES * BLOCK_BYTES);
    CopyContext context =
        new CopyContext(
            disk,
            checkpointDirectory,
            listener,
            nanoClock,
            random,
            retryInterval.toNanos(),
            (int) chunkBytes,
            this::foreignPairs);
    for (int i = 0; i < dataDirectories.size(); i++) {
      Path directory = dataDirectories.get(i);
      Path next = dataDirectories.get((i + 1) % dataDirectories.size());
      lanes.put(directory, new LaneCopies(context, directory, copyDirectory(next)));
    }
  }

  /** Where in a data directory the copy of another one is. */
  public static Path copyDirectory(Path dataDirectory) {
    return dataDirectory.resolve(COPY_DIRECTORY);
  }

  /** The copies of a data directory. */
  public LaneCopies copiesOf(Path dataDirectory) {
    return lanes.get(dataDirectory);
  }

  /**
   * Says durably which copies are in use before anything is written to them.
   *
   * @throws IOException if the lane can't be used for now
   */
  public void activate(Path dataDirectory, int laneIndex) throws IOException {
    lanes.get(dataDirectory).activate(laneIndex);
  }

  /**
   * Notes that a data directory is opened without its copy, so that the copy is never taken for
   * current. Does nothing in one that never had a copy.
   *
   * @return whether the directory had been left out, so that what was appended since is missing
   */
  public static boolean openAlone(Disk disk, Path checkpointDirectory, Path dataDirectory)
      throws IOException {
    CopyStateFile file = new CopyStateFile(disk, dataDirectory, CopyStateFile.NAME);
    CopyState state = file.read();
    if (state == null) {
      return false;
    }
    int member = state.member();
    CopyState witness = CopyContext.readWitness(disk, checkpointDirectory, state.pairId());
    boolean isLeftOut =
        !state.includes(member)
            || (witness != null
                && witness.generation() > state.generation()
                && !witness.includes(member));
    if (isLeftOut || state.inSync() != CopyState.bit(member)) {
      long latest = Math.max(state.generation(), witness == null ? 0 : witness.generation());
      file.write(
          new CopyState(
              member,
              state.pairId(),
              CopyState.afterUnseen(latest),
              state.contained(),
              CopyState.bit(member)));
    }
    return isLeftOut;
  }

  /** Whether a file of a data or checkpoint directory has to do with copies. */
  public static boolean isOurs(String fileName) {
    return fileName.equals(CopyStateFile.NAME) || CopyContext.isWitness(fileName);
  }

  /** Copies move between lanes when the order of directories changes; what they hold does not. */
  private Set<UUID> foreignPairs(Path dataDirectory) {
    Set<UUID> pairs = new HashSet<>();
    for (Path other : lanes.keySet()) {
      if (!other.equals(dataDirectory)) {
        try {
          CopyState state = new CopyStateFile(disk, other, CopyStateFile.NAME).read();
          if (state != null) {
            pairs.add(state.pairId());
          }
        } catch (IOException e) {
          // It claims nothing that it can't be asked for.
          continue;
        }
      }
    }
    return pairs;
  }

  private LaneCopies laneOf(Path file) {
    return lanes.get(file.getParent());
  }

  private static String nameOf(Path file) {
    return file.getFileName().toString();
  }

  @Override
  public DiskFile create(Path file) throws IOException {
    LaneCopies lane = laneOf(file);
    return lane == null ? disk.create(file) : lane.create(nameOf(file));
  }

  @Override
  public DiskFile open(Path file) throws IOException {
    LaneCopies lane = laneOf(file);
    return lane == null ? disk.open(file) : lane.open(nameOf(file));
  }

  @Override
  public boolean exists(Path file) throws IOException {
    LaneCopies lane = laneOf(file);
    return lane == null ? disk.exists(file) : lane.exists(nameOf(file));
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    LaneCopies lane = laneOf(from);
    if (lane == null) {
      disk.rename(from, to);
    } else {
      lane.rename(nameOf(from), nameOf(to));
    }
  }

  @Override
  public void delete(Path file) throws IOException {
    LaneCopies lane = laneOf(file);
    if (lane == null) {
      disk.delete(file);
    } else {
      lane.delete(nameOf(file));
    }
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    LaneCopies lane = lanes.get(directory);
    return lane == null ? disk.list(directory) : lane.list();
  }

  @Override
  public void createDirectories(Path directory) throws IOException {
    LaneCopies lane = lanes.get(directory);
    if (lane == null) {
      disk.createDirectories(directory);
    } else {
      lane.createDirectories();
    }
  }

  @Override
  public void forceDirectory(Path directory) throws IOException {
    LaneCopies lane = lanes.get(directory);
    if (lane == null) {
      disk.forceDirectory(directory);
    } else {
      lane.forceDirectory();
    }
  }

  @Override
  public long usableSpaceBytes(Path directory) throws IOException {
    LaneCopies lane = lanes.get(directory);
    return lane == null ? disk.usableSpaceBytes(directory) : lane.usableSpaceBytes();
  }

  /** The lock of a data directory stands for both of its copies. */
  @Override
  public AutoCloseable tryLock(Path file) throws IOException {
    LaneCopies lane = laneOf(file);
    return lane == null ? disk.tryLock(file) : lane.tryLock(foreignPairs(file.getParent()));
  }
}
