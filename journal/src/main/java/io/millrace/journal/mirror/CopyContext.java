/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import io.millrace.journal.disk.Disk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * What all lanes share. Immutable.
 *
 * @param foreign for a data directory, the pairs that the other ones belong to
 */
record CopyContext(
    Disk disk,
    Path checkpointDirectory,
    CopyListener listener,
    LongSupplier nanoClock,
    LongSupplier random,
    long retryNanos,
    int chunkBytes,
    Function<Path, Set<UUID>> foreign) {

  private static final String WITNESS_PREFIX = "copies-";
  private static final long REPORT_NANOS = 10_000_000_000L;

  /** Between two reports of progress. */
  long reportNanos() {
    return REPORT_NANOS;
  }

  Set<UUID> foreignPairs(Path dataDirectory) {
    return foreign.apply(dataDirectory);
  }

  private static CopyStateFile witness(Disk disk, Path checkpointDirectory, UUID pairId) {
    return new CopyStateFile(disk, checkpointDirectory, WITNESS_PREFIX + pairId);
  }

  static boolean isWitness(String fileName) {
    return fileName.startsWith(WITNESS_PREFIX);
  }

  /** Null if there is none, or none that can be read: it is a hint. */
  static CopyState readWitness(Disk disk, Path checkpointDirectory, UUID pairId) {
    try {
      return witness(disk, checkpointDirectory, pairId).read();
    } catch (IOException e) {
      return null;
    }
  }

  CopyState readWitness(UUID pairId) {
    return readWitness(disk, checkpointDirectory, pairId);
  }

  void writeWitness(CopyState state) {
    try {
      witness(disk, checkpointDirectory, state.pairId()).write(state);
    } catch (IOException e) {
      listener.onTrouble(-1, checkpointDirectory, e);
    }
  }
}
