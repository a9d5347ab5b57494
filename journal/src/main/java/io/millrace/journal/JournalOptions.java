/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * How a journal keeps its records. Immutable.
 *
 * @param dataDirectories one lane each; on different disks if there are several
 * @param checkpointDirectory small and rarely written; not one of the data directories
 * @param segmentBytes size of a segment file; rounded up to a multiple of 4096
 * @param checkpointInterval at least 1 s
 * @param checkpointOnClose spares the next start a scan of one segment per lane
 * @param maxQueuedBytes payload bytes per lane that may wait to be written; a single larger append
 *     is taken when nothing else waits
 * @param tailCacheBytes recently appended payloads kept on the heap per lane, so that a consumer
 *     that keeps up reads no disk
 * @param reserveBytes space in a data directory that segments leave free
 * @param syncInterval zero: an append completes when it is synced. Else it completes when it is
 *     written and is synced within the interval; a power loss then costs what was not synced
 * @param retryInterval between attempts to use a disk that failed or was full
 * @since 0.1
 */
public record JournalOptions(
    List<Path> dataDirectories,
    Path checkpointDirectory,
    long segmentBytes,
    Duration checkpointInterval,
    boolean checkpointOnClose,
    long maxQueuedBytes,
    long tailCacheBytes,
    long reserveBytes,
    Duration syncInterval,
    Duration retryInterval) {

  private static final long MIN_SEGMENT_BYTES = 32 * 1024;
  private static final long MAX_SEGMENT_BYTES = 1L << 30;
  private static final int MAX_LANES = 1 << 10;

  public JournalOptions {
    dataDirectories = List.copyOf(dataDirectories);
    checkRange("dataDirectories", dataDirectories.size(), 1, MAX_LANES);
    checkRange("segmentBytes", segmentBytes, MIN_SEGMENT_BYTES, MAX_SEGMENT_BYTES);
    checkRange("checkpointInterval in ms", checkpointInterval.toMillis(), 1000, Integer.MAX_VALUE);
    checkRange("maxQueuedBytes", maxQueuedBytes, 1, Long.MAX_VALUE);
    checkRange("tailCacheBytes", tailCacheBytes, 0, Long.MAX_VALUE);
    checkRange("reserveBytes", reserveBytes, 0, Long.MAX_VALUE / 2);
    checkRange("syncInterval in ms", syncInterval.toMillis(), 0, Integer.MAX_VALUE);
    checkRange("retryInterval in ms", retryInterval.toMillis(), 1, Integer.MAX_VALUE);
    if (dataDirectories.stream().distinct().count() < dataDirectories.size()
        || dataDirectories.contains(checkpointDirectory)) {
      throw new IllegalArgumentException(
          "directories: "
              + checkpointDirectory
              + ", "
              + dataDirectories
              + " (expected: all different)");
    }
  }

  /** The defaults, for these directories. */
  public static JournalOptions of(Path checkpointDirectory, List<Path> dataDirectories) {
    return new JournalOptions(
        dataDirectories,
        checkpointDirectory,
        64L << 20,
        Duration.ofSeconds(30),
        true,
        64L << 20,
        64L << 20,
        128L << 20,
        Duration.ZERO,
        Duration.ofSeconds(2));
  }

  public JournalOptions withSegmentBytes(long value) {
    return new JournalOptions(
        dataDirectories,
        checkpointDirectory,
        value,
        checkpointInterval,
        checkpointOnClose,
        maxQueuedBytes,
        tailCacheBytes,
        reserveBytes,
        syncInterval,
        retryInterval);
  }

  public JournalOptions withCheckpointInterval(Duration value) {
    return new JournalOptions(
        dataDirectories,
        checkpointDirectory,
        segmentBytes,
        value,
        checkpointOnClose,
        maxQueuedBytes,
        tailCacheBytes,
        reserveBytes,
        syncInterval,
        retryInterval);
  }

  public JournalOptions withCheckpointOnClose(boolean value) {
    return new JournalOptions(
        dataDirectories,
        checkpointDirectory,
        segmentBytes,
        checkpointInterval,
        value,
        maxQueuedBytes,
        tailCacheBytes,
        reserveBytes,
        syncInterval,
        retryInterval);
  }

  public JournalOptions withMaxQueuedBytes(long value) {
    return new JournalOptions(
        dataDirectories,
        checkpointDirectory,
        segmentBytes,
        checkpointInterval,
        checkpointOnClose,
        value,
        tailCacheBytes,
        reserveBytes,
        syncInterval,
        retryInterval);
  }

  public JournalOptions withTailCacheBytes(long value) {
    return new JournalOptions(
        dataDirectories,
        checkpointDirectory,
        segmentBytes,
        checkpointInterval,
        checkpointOnClose,
        maxQueuedBytes,
        value,
        reserveBytes,
        syncInterval,
        retryInterval);
  }

  public JournalOptions withReserveBytes(long value) {
    return new JournalOptions(
        dataDirectories,
        checkpointDirectory,
        segmentBytes,
        checkpointInterval,
        checkpointOnClose,
        maxQueuedBytes,
        tailCacheBytes,
        value,
        syncInterval,
        retryInterval);
  }

  public JournalOptions withSyncInterval(Duration value) {
    return new JournalOptions(
        dataDirectories,
        checkpointDirectory,
        segmentBytes,
        checkpointInterval,
        checkpointOnClose,
        maxQueuedBytes,
        tailCacheBytes,
        reserveBytes,
        value,
        retryInterval);
  }

  public JournalOptions withRetryInterval(Duration value) {
    return new JournalOptions(
        dataDirectories,
        checkpointDirectory,
        segmentBytes,
        checkpointInterval,
        checkpointOnClose,
        maxQueuedBytes,
        tailCacheBytes,
        reserveBytes,
        syncInterval,
        value);
  }

  private static void checkRange(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }
}
