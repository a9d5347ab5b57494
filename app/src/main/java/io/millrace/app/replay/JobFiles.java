/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.kit.file.WholeFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/**
 * The state file of a replay and its two neighbours. The job is written once, and is on the disk
 * before its first event is sent: without it a second run would send under another identity. The
 * progress is written again and again, and only saves time: what it does not know of is sent again
 * and dropped by the server. Confined to one thread.
 */
final class JobFiles implements Closeable {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .setVisibility(PropertyAccessor.ALL, JsonAutoDetect.Visibility.NONE)
          .setVisibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
          .setVisibility(PropertyAccessor.CREATOR, JsonAutoDetect.Visibility.ANY);

  private final Path jobFile;
  private final Path progressFile;
  private final Path lockFile;
  private final FileChannel lockChannel;

  private JobFiles(Path jobFile, Path progressFile, Path lockFile, FileChannel lockChannel) {
    this.jobFile = jobFile;
    this.progressFile = progressFile;
    this.lockFile = lockFile;
    this.lockChannel = lockChannel;
  }

  /**
   * Takes the state file for this process; empty when another has it.
   *
   * @throws IOException when its directory cannot be used
   */
  static Optional<JobFiles> lock(Path state) throws IOException {
    Path jobFile = state.toAbsolutePath().normalize();
    Files.createDirectories(jobFile.getParent());
    Path lockFile = neighbour(jobFile, ".lock");
    FileChannel channel =
        FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return Optional.of(
            new JobFiles(jobFile, neighbour(jobFile, ".progress"), lockFile, channel));
      }
    } catch (OverlappingFileLockException e) {
      // Another run in this process has it.
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
    channel.close();
    return Optional.empty();
  }

  private static Path neighbour(Path file, String suffix) {
    return file.resolveSibling(file.getFileName() + suffix);
  }

  Path path() {
    return jobFile;
  }

  Set<Path> all() {
    return Set.of(jobFile, progressFile, lockFile);
  }

  /**
   * The job of an earlier run.
   *
   * @throws IOException also when the file is none of ours
   */
  Optional<ReplayJob> job() throws IOException {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(jobFile);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    try {
      ReplayJob job = JSON.readValue(bytes, ReplayJob.class);
      if (job.version() != ReplayJob.VERSION) {
        throw new IOException(
            "state of version " + job.version() + " (expected: " + ReplayJob.VERSION + ")");
      }
      return Optional.of(job);
    } catch (JsonProcessingException e) {
      throw new IOException("no state of a replay: " + e.getOriginalMessage(), e);
    }
  }

  /** How far the job is; from the beginning, when nothing that can be read says more. */
  ReplayProgress progress(UUID journal) {
    try {
      ReplayProgress progress =
          JSON.readValue(Files.readAllBytes(progressFile), ReplayProgress.class);
      return progress.journal().equals(journal) ? progress : ReplayProgress.none(journal);
    } catch (IOException | RuntimeException e) {
      // Missing, or torn by a power cut: what was sent is sent again under the same numbers.
      return ReplayProgress.none(journal);
    }
  }

  /** Puts a new job in the place of any other, on the disk when this returns. */
  void begin(ReplayJob job) throws IOException {
    WholeFile.replace(jobFile, neighbour(jobFile, ".new"), JSON.writeValueAsBytes(job));
    Files.deleteIfExists(progressFile);
  }

  void save(ReplayProgress progress) throws IOException {
    WholeFile.replaceUnsynced(
        progressFile, neighbour(progressFile, ".new"), JSON.writeValueAsBytes(progress));
  }

  @Override
  public void close() throws IOException {
    lockChannel.close();
  }
}
