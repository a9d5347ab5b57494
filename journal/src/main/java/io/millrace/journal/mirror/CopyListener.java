/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.mirror;

import java.nio.file.Path;

/** Hears what becomes of copies. Called with a lane's lock held: quick, and calls nothing back. */
public interface CopyListener {
  /** A copy is not written any more; the other one has everything. */
  void onLost(int laneIndex, Path directory, Exception cause);

  /** A copy is being brought up to date. Said at a bounded rate. */
  void onCatchingUp(int laneIndex, Path directory, long doneBytes, long totalBytes);

  void onInSync(int laneIndex, Path directory);

  /** The only copy there is was set aside earlier: what was appended since is missing. */
  void onStale(int laneIndex, Path directory);

  /** A copy holds what the one in use does not know of. It is not touched. */
  void onDiverged(int laneIndex, Path directory);

  /** Blocks of one copy could not be read and were written again from the other one. */
  void onRewritten(int laneIndex, Path file, long position, int blockCount);

  /** Something failed that costs neither records nor a copy. Said at a bounded rate. */
  void onTrouble(int laneIndex, Path directory, Exception cause);
}
