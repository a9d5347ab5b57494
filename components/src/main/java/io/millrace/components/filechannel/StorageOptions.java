/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.BareUnit;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.components.filechannel.codec.Codecs;
import io.millrace.components.filechannel.codec.CompressionKind;
import io.millrace.components.filechannel.codec.EncryptionOptions;
import io.millrace.journal.JournalOptions;
import io.millrace.journal.NoteDigest;
import io.millrace.journal.codec.KeySource;
import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.NioDisk;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Where and how a channel keeps events on disk: options that every channel over the journal has.
 * Immutable.
 */
public record StorageOptions(
    @Option(
            doc = "Directory of the checkpoint; small, made if need be.",
            def = "~/.flume/file-channel/checkpoint")
        Path checkpointDir,
    @Option(
            doc =
                "Directories of the events, separated by commas, on different disks if there are"
                    + " several; made if need be.",
            def = "~/.flume/file-channel/data",
            separator = ",")
        List<Path> dataDirs,
    @Option(
            doc = "Time between two checkpoints; at least one second.",
            def = "30000",
            bareUnit = BareUnit.MILLISECONDS,
            min = 1,
            fallsBack = true)
        Duration checkpointInterval,
    @Option(
            doc =
                "Largest data file. Ours are 64 MiB when not set, and never larger than 256 MiB"
                    + " unless a single batch is.",
            bareUnit = BareUnit.BYTES,
            min = 1)
        Optional<DataSize> maxFileSize,
    @Option(
            doc =
                "Free space that appends leave in each data directory, so that the channel can"
                    + " always be drained; at least 1 MiB.",
            def = "524288000",
            bareUnit = BareUnit.BYTES)
        DataSize minimumRequiredSpace,
    @Option(
            doc =
                "Whether an append is synced before it is answered. With false a power cut loses"
                    + " what was accepted within the last fsyncInterval.",
            def = "true")
        boolean fsyncPerTransaction,
    @Option(
            doc = "Time between two syncs; only with fsyncPerTransaction = false.",
            def = "5",
            bareUnit = BareUnit.SECONDS,
            min = 1)
        Duration fsyncInterval,
    @Option(doc = "Whether a stop writes a checkpoint, for a faster start.", def = "true")
        boolean checkpointOnClose,
    @Option(
            doc =
                "Whether each checkpoint is written a second time, to backupCheckpointDir. A lost"
                    + " checkpoint costs a short scan at the next start, and no event.",
            def = "false")
        boolean useDualCheckpoints,
    @Option(doc = "Directory of the second checkpoint; required with useDualCheckpoints.")
        Optional<Path> backupCheckpointDir,
    @Option(
            doc = "Whether the second checkpoint is compressed.",
            def = "false",
            noEffect = "a checkpoint is a few hundred bytes, whatever the channel holds")
        boolean compressBackupCheckpoint,
    @Option(
            doc = "Whether Flume's first way of replaying is used.",
            name = "use-log-replay-v1",
            def = "false",
            noEffect = StorageOptions.NO_REPLAY)
        boolean usesLogReplayV1,
    @Option(
            doc = "Whether Flume replays without a queue.",
            name = "use-fast-replay",
            def = "false",
            noEffect = StorageOptions.NO_REPLAY)
        boolean usesFastReplay,
    @OptionGroup EncryptionOptions encryption,
    @Option(
            doc =
                "How each batch is packed before it is written: none, lz4 or zstd. May be changed at"
                    + " any time; what is there already stays readable.",
            name = "millrace.compression",
            def = "none")
        CompressionKind compression,
    @Option(
            doc =
                "On how many data directories each batch is written before it is accepted. With 2,"
                    + " either disk may be lost without an event; needs two or more dataDirs. May be"
                    + " changed at any start.",
            name = "millrace.copies",
            def = "1",
            min = 1,
            max = 2)
        int copies,
    @Option(
            doc =
                "Whether synced events go to disk past the page cache, where the file system allows"
                    + " it. Leaves the memory to other programs; slower while sinks keep up, and a"
                    + " sink that lags reads from the disk.",
            name = "millrace.direct-io",
            def = "false")
        boolean usesDirectIo) {
  static final String NO_REPLAY =
      "nothing is replayed at a start: the journal reads its checkpoint and the end of one file per"
          + " data directory";

  private static final long DEFAULT_SEGMENT_BYTES = 64L << 20;

  /** Segments are allocated ahead and freed whole: larger ones only cost space and time. */
  private static final long MAX_SEGMENT_BYTES = 256L << 20;

  private static final long MIN_SEGMENT_BYTES = 32L << 10;
  private static final long MIN_RESERVE_BYTES = 1L << 20;
  private static final Duration MIN_CHECKPOINT_INTERVAL = Duration.ofSeconds(1);

  /** Heap for the queue and for the cache of each lane, where the heap is large. */
  private static final long MAX_HEAP_BYTES = 64L << 20;

  /** Else that share of the heap, all lanes together. */
  private static final int HEAP_SHARE = 16;

  private static final long MIN_HEAP_BYTES = 1L << 20;

  public StorageOptions {
    checkpointDir = checkpointDir.toAbsolutePath().normalize();
    dataDirs = dataDirs.stream().map(path -> path.toAbsolutePath().normalize()).toList();
    backupCheckpointDir = backupCheckpointDir.map(path -> path.toAbsolutePath().normalize());
    if (useDualCheckpoints && backupCheckpointDir.isEmpty()) {
      throw new ConfigurationException(
          "backupCheckpointDir",
          "is required with useDualCheckpoints = true; name a directory, best on another disk, or"
              + " leave useDualCheckpoints out");
    }
    if (dataDirs.isEmpty()) {
      throw new ConfigurationException(
          "dataDirs", "no directory is named (expected: one or more, separated by commas)");
    }
    if (copies > 1 && dataDirs.size() < 2) {
      throw new ConfigurationException(
          "millrace.copies",
          "2 copies need two or more dataDirs, on different disks (given: " + dataDirs + ")");
    }
    DirectoryRules.refuseOverlaps(checkpointDir, dataDirs, backupCheckpointDir);
  }

  /**
   * For tools that work on the files while no agent does.
   *
   * @throws ConfigurationException if a key is not to be had
   */
  public JournalOptions journal() {
    return journal(encryption.keySource(), Optional.empty());
  }

  /**
   * @param keys those of {@link #encryption}
   */
  JournalOptions journal(KeySource keys, Optional<NoteDigest> notes) {
    long heapBytes =
        Math.max(
            MIN_HEAP_BYTES,
            Math.min(
                MAX_HEAP_BYTES, Runtime.getRuntime().maxMemory() / HEAP_SHARE / dataDirs.size()));
    JournalOptions.Builder builder = JournalOptions.in(checkpointDir, dataDirs);
    notes.ifPresent(builder::noteDigest);
    return builder
        .segmentBytes(segmentBytes())
        .checkpointInterval(
            checkpointInterval.compareTo(MIN_CHECKPOINT_INTERVAL) < 0
                ? MIN_CHECKPOINT_INTERVAL
                : checkpointInterval)
        .checkpointOnClose(checkpointOnClose)
        .backupCheckpointDirectory(useDualCheckpoints ? backupCheckpointDir : Optional.empty())
        .reserveBytes(reserveBytes())
        .syncInterval(fsyncPerTransaction ? Duration.ZERO : fsyncInterval)
        .maxQueuedBytes(heapBytes)
        .tailCacheBytes(heapBytes)
        .copies(copies)
        .codec(Codecs.of(compression, encryption, keys))
        .build();
  }

  /** Without a sync each time, an append would wait for the disk where it need not. */
  Disk disk() {
    return usesDirectIo && fsyncPerTransaction ? NioDisk.uncached() : new NioDisk();
  }

  long reserveBytes() {
    return Math.max(MIN_RESERVE_BYTES, minimumRequiredSpace.bytes());
  }

  private long segmentBytes() {
    long bytes = maxFileSize.map(DataSize::bytes).orElse(DEFAULT_SEGMENT_BYTES);
    return Math.max(MIN_SEGMENT_BYTES, Math.min(MAX_SEGMENT_BYTES, bytes));
  }
}
