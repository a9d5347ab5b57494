/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.mirror.MirrorDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a journal keeps its records. Immutable.
 *
 * @since 0.1
 */
public final class JournalOptions {
  private static final long MIN_SEGMENT_BYTES = 32 * 1024;
  private static final long MAX_SEGMENT_BYTES = 1L << 30;
  private static final int MAX_LANES = 1 << 10;

  private final List<Path> dataDirectories;
  private final Path checkpointDirectory;
  private final Optional<Path> backupCheckpointDirectory;
  private final long segmentBytes;
  private final Duration checkpointInterval;
  private final boolean checkpointOnClose;
  private final long maxQueuedBytes;
  private final long tailCacheBytes;
  private final long reserveBytes;
  private final Duration syncInterval;
  private final Duration retryInterval;
  private final PayloadCodec codec;
  private final int copies;
  private final Optional<NoteDigest> noteDigest;

  private JournalOptions(Builder builder) {
    dataDirectories = builder.dataDirectories;
    checkpointDirectory = builder.checkpointDirectory;
    backupCheckpointDirectory = builder.backupCheckpointDirectory;
    segmentBytes = builder.segmentBytes;
    checkpointInterval = builder.checkpointInterval;
    checkpointOnClose = builder.checkpointOnClose;
    maxQueuedBytes = builder.maxQueuedBytes;
    tailCacheBytes = builder.tailCacheBytes;
    reserveBytes = builder.reserveBytes;
    syncInterval = builder.syncInterval;
    retryInterval = builder.retryInterval;
    codec = builder.codec;
    copies = builder.copies;
    noteDigest = builder.noteDigest;
    check();
    checkCopies();
  }

  private void check() {
    checkRange("dataDirectories", dataDirectories.size(), 1, MAX_LANES);
    checkRange("segmentBytes", segmentBytes, MIN_SEGMENT_BYTES, MAX_SEGMENT_BYTES);
    checkRange("checkpointInterval in ms", checkpointInterval.toMillis(), 1000, Integer.MAX_VALUE);
    checkRange("maxQueuedBytes", maxQueuedBytes, 1, Long.MAX_VALUE);
    checkRange("tailCacheBytes", tailCacheBytes, 0, Long.MAX_VALUE);
    checkRange("reserveBytes", reserveBytes, 0, Long.MAX_VALUE / 2);
    checkRange("syncInterval in ms", syncInterval.toMillis(), 0, Integer.MAX_VALUE);
    checkRange("retryInterval in ms", retryInterval.toMillis(), 1, Integer.MAX_VALUE);
    List<Path> all = new ArrayList<>(dataDirectories);
    all.add(checkpointDirectory);
    backupCheckpointDirectory.ifPresent(all::add);
    if (all.stream().distinct().count() < all.size()) {
      throw new IllegalArgumentException("directories: " + all + " (expected: all different)");
    }
  }

  private void checkCopies() {
    checkRange("copies", copies, 1, 2);
    if (copies == 2 && dataDirectories.size() < 2) {
      throw new IllegalArgumentException(
          "dataDirectories: "
              + dataDirectories
              + " (expected: at least 2, on different disks, for copies = 2)");
    }
    for (Path directory : dataDirectories) {
      Path reserved = MirrorDisk.copyDirectory(directory);
      if (copies == 2
          && (dataDirectories.contains(reserved) || checkpointDirectory.equals(reserved))) {
        throw new IllegalArgumentException(
            "directory: "
                + reserved
                + " (expected: none of that name, it is for the copy of another data directory)");
      }
    }
  }

  private static void checkRange(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }

  /**
   * A journal in these directories, everything else by default.
   *
   * @param checkpointDirectory small and rarely written; not one of the data directories
   * @param dataDirectories one lane each; on different disks if there are several
   */
  public static Builder in(Path checkpointDirectory, List<Path> dataDirectories) {
    return new Builder(checkpointDirectory, dataDirectories);
  }

  public List<Path> dataDirectories() {
    return dataDirectories;
  }

  public Path checkpointDirectory() {
    return checkpointDirectory;
  }

  public Optional<Path> backupCheckpointDirectory() {
    return backupCheckpointDirectory;
  }

  public long segmentBytes() {
    return segmentBytes;
  }

  public Duration checkpointInterval() {
    return checkpointInterval;
  }

  public boolean checkpointOnClose() {
    return checkpointOnClose;
  }

  public long maxQueuedBytes() {
    return maxQueuedBytes;
  }

  public long tailCacheBytes() {
    return tailCacheBytes;
  }

  public long reserveBytes() {
    return reserveBytes;
  }

  public Duration syncInterval() {
    return syncInterval;
  }

  public Duration retryInterval() {
    return retryInterval;
  }

  public PayloadCodec codec() {
    return codec;
  }

  public int copies() {
    return copies;
  }

  public Optional<NoteDigest> noteDigest() {
    return noteDigest;
  }

  /** Each method sets what it is named after. Confined to one thread. */
  public static final class Builder {
    private final List<Path> dataDirectories;
    private final Path checkpointDirectory;
    private Optional<Path> backupCheckpointDirectory = Optional.empty();
    private long segmentBytes = 64L << 20;
    private Duration checkpointInterval = Duration.ofSeconds(30);
    private boolean checkpointOnClose = true;
    private long maxQueuedBytes = 64L << 20;
    private long tailCacheBytes = 64L << 20;
    private long reserveBytes = 128L << 20;
    private Duration syncInterval = Duration.ZERO;
    private Duration retryInterval = Duration.ofSeconds(2);
    private PayloadCodec codec = PayloadCodec.plain();
    private int copies = 1;
    private Optional<NoteDigest> noteDigest = Optional.empty();

    private Builder(Path checkpointDirectory, List<Path> dataDirectories) {
      this.checkpointDirectory = Objects.requireNonNull(checkpointDirectory);
      this.dataDirectories = List.copyOf(dataDirectories);
    }

    /** A second copy of each checkpoint goes there; on another disk, as a rule. */
    public Builder backupCheckpointDirectory(Optional<Path> value) {
      backupCheckpointDirectory = value;
      return this;
    }

    /** Size of a segment file; rounded up to a multiple of 4096. */
    public Builder segmentBytes(long value) {
      segmentBytes = value;
      return this;
    }

    /** At least 1 s. */
    public Builder checkpointInterval(Duration value) {
      checkpointInterval = value;
      return this;
    }

    /** Spares the next start a scan of one segment per lane. */
    public Builder checkpointOnClose(boolean value) {
      checkpointOnClose = value;
      return this;
    }

    /**
     * Bytes per lane that may wait to be written; a single larger append is taken when nothing else
     * waits.
     */
    public Builder maxQueuedBytes(long value) {
      maxQueuedBytes = value;
      return this;
    }

    /**
     * Recently appended payloads kept on the heap per lane, so that a consumer that keeps up reads
     * no disk.
     */
    public Builder tailCacheBytes(long value) {
      tailCacheBytes = value;
      return this;
    }

    /** Space in a data directory that segments leave free. */
    public Builder reserveBytes(long value) {
      reserveBytes = value;
      return this;
    }

    /**
     * Zero: an append completes when it is synced. Else it completes when it is written and is
     * synced within the interval; a power loss then costs what was not synced.
     */
    public Builder syncInterval(Duration value) {
      syncInterval = value;
      return this;
    }

    /** Between attempts to use a disk that failed or was full. */
    public Builder retryInterval(Duration value) {
      retryInterval = value;
      return this;
    }

    /** How payloads are packed and sealed. */
    public Builder codec(PayloadCodec value) {
      codec = value;
      return this;
    }

    /**
     * 2: every batch is written to two data directories, of which there must be at least two, and
     * either may be lost.
     */
    public Builder copies(int value) {
      copies = value;
      return this;
    }

    /**
     * What the notes of frames add up to; without it frames take no notes. A digest belongs to one
     * opening of the journal: it is told all that was known before.
     */
    public Builder noteDigest(NoteDigest value) {
      noteDigest = Optional.of(value);
      return this;
    }

    /**
     * @throws IllegalArgumentException if a value is out of its range; it says which and why
     */
    public JournalOptions build() {
      return new JournalOptions(this);
    }
  }
}
