/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal;

import io.millrace.journal.mirror.CopyListener;
import java.nio.file.Path;

/** Tells the journal's listener what becomes of copies. As safe for threads as the listener. */
final class CopyEvents implements CopyListener {
  private static final int BLOCK_BYTES = 4096;

  private final JournalListener listener;

  CopyEvents(JournalListener listener) {
    this.listener = listener;
  }

  @Override
  public void onLost(int laneIndex, Path directory, Exception cause) {
    listener.onEvent(new JournalEvent.CopyLost(laneIndex, directory.toString(), cause));
  }

  @Override
  public void onCatchingUp(int laneIndex, Path directory, long doneBytes, long totalBytes) {
    listener.onEvent(
        new JournalEvent.CopyCatchingUp(laneIndex, directory.toString(), doneBytes, totalBytes));
  }

  @Override
  public void onInSync(int laneIndex, Path directory) {
    listener.onEvent(new JournalEvent.CopyInSync(laneIndex, directory.toString()));
  }

  @Override
  public void onStale(int laneIndex, Path directory) {
    listener.onEvent(new JournalEvent.CopyStale(laneIndex, directory.toString()));
  }

  @Override
  public void onDiverged(int laneIndex, Path directory) {
    listener.onEvent(new JournalEvent.CopyDiverged(laneIndex, directory.toString()));
  }

  @Override
  public void onRewritten(int laneIndex, Path file, long position, int blockCount) {
    listener.onEvent(
        new JournalEvent.CopyRepaired(
            laneIndex,
            file.toString(),
            position,
            position + (long) blockCount * BLOCK_BYTES,
            null));
  }

  @Override
  public void onTrouble(int laneIndex, Path directory, Exception cause) {
    listener.onEvent(
        new JournalEvent.DiskTrouble(
            laneIndex, "a second copy can't be kept for now, at " + directory, cause));
  }
}
