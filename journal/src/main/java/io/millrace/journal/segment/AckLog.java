/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.ack.SequenceSet;
import io.millrace.journal.format.AckBlock;
import io.millrace.journal.format.AckBlockLayout;
import io.millrace.journal.format.SequenceRange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/**
 * The acknowledgement log of a lane: preallocated files used in turn, so that acknowledging needs
 * no space. A file in which a write or sync failed is given up for a fresh one with a snapshot.
 * Confined to the lane's owner thread. Format: docs/formats/journal-v1.md#acknowledgement-log
 */
public final class AckLog {
  private final LaneFiles files;
  private final long laneKey;
  private final long fileBytes;

  /** Receives additions; null until a generation was begun. */
  private SegmentFile active;

  /** The next generation goes there; its content is contained in the active file. */
  private SegmentFile idle;

  /** Given up or surplus, to be deleted once a later generation is durable. */
  private final List<SegmentFile> obsolete = new ArrayList<>();

  /** No additions to the active file any more. */
  private boolean isActiveClosed;

  /** A write or sync of the active file failed: it is not used again. */
  private boolean hasActiveFailed;

  private boolean isSynced;
  private long generation;
  private long position;

  private AckLog(LaneFiles files, long laneKey, long fileBytes, long generation) {
    this.files = files;
    this.laneKey = laneKey;
    this.fileBytes = fileBytes;
    this.generation = generation;
  }

  /**
   * Takes over the files that an earlier process left, oldest generation first. Nothing is written
   * until {@link #beginGeneration}.
   */
  public static AckLog over(
      LaneFiles files, long laneKey, long fileBytes, long generation, List<SegmentFile> existing) {
    AckLog log = new AckLog(files, laneKey, fileBytes, generation);
    int surplus = Math.max(0, existing.size() - 2);
    log.obsolete.addAll(existing.subList(0, surplus));
    List<SegmentFile> kept = existing.subList(surplus, existing.size());
    if (!kept.isEmpty()) {
      log.active = kept.get(kept.size() - 1);
      log.idle = kept.size() == 2 ? kept.get(0) : null;
    }
    // The first addition of this process goes to a new generation.
    log.isActiveClosed = true;
    return log;
  }

  /**
   * Writes what was acknowledged, without a sync.
   *
   * @param state with {@code added} in it
   */
  public void append(SequenceSet state, List<SequenceRange> added) throws IOException {
    long blockBytes = AckBlockLayout.blockBytes(added.size());
    if (active == null || isActiveClosed || position > active.fileBytes() - blockBytes) {
      // Should it fail, nothing may be added to the active file: it would lack this addition.
      isActiveClosed = true;
      beginGeneration(state);
      return;
    }
    AckBlock block =
        new AckBlock(false, laneKey, generation, (int) position, state.lowWater(), added);
    isSynced = false;
    try {
      active.file().write(block.encode(), position);
      position += blockBytes;
    } catch (IOException e) {
      isActiveClosed = true;
      hasActiveFailed = true;
      beginGenerationInstead(state, e);
    }
  }

  /** Makes everything appended so far durable. */
  public void force(SequenceSet state) throws IOException {
    if (isSynced) {
      return;
    }
    if (active == null || isActiveClosed) {
      beginGeneration(state);
      return;
    }
    try {
      active.file().force();
      isSynced = true;
    } catch (IOException e) {
      isActiveClosed = true;
      hasActiveFailed = true;
      beginGenerationInstead(state, e);
    }
  }

  /** Starts the other file with a snapshot and syncs it. */
  public void beginGeneration(SequenceSet state) throws IOException {
    AckBlock snapshot =
        new AckBlock(true, laneKey, generation + 1, 0, state.lowWater(), state.ranges());
    isSynced = false;
    SegmentFile target = takeFileFor(snapshot.blockBytes());
    try {
      ByteBuffer bytes = snapshot.encode();
      target.file().write(bytes, 0);
      target.file().force();
    } catch (IOException e) {
      obsolete.add(target);
      throw e;
    }
    retireActive();
    active = target;
    isActiveClosed = false;
    hasActiveFailed = false;
    isSynced = true;
    generation++;
    position = snapshot.blockBytes();
    discardObsolete();
  }

  private void retireActive() {
    if (active == null) {
      return;
    }
    if (hasActiveFailed) {
      obsolete.add(active);
    } else {
      idle = active;
    }
  }

  private void beginGenerationInstead(SequenceSet state, IOException cause) throws IOException {
    try {
      beginGeneration(state);
    } catch (IOException e) {
      e.addSuppressed(cause);
      throw e;
    }
  }

  /** A file in which a snapshot takes at most a quarter, so that additions have room. */
  private SegmentFile takeFileFor(long snapshotBytes) throws IOException {
    long wantedBytes = Math.max(fileBytes, 4 * snapshotBytes);
    SegmentFile candidate = idle;
    if (candidate != null
        && candidate.fileBytes() >= Math.min(wantedBytes, 2 * snapshotBytes)
        && candidate.fileBytes() >= fileBytes) {
      idle = null;
      return candidate;
    }
    SegmentFile created = files.prepareAckFile(wantedBytes);
    if (candidate != null) {
      obsolete.add(candidate);
      idle = null;
    }
    return created;
  }

  private void discardObsolete() {
    for (SegmentFile file : obsolete) {
      try {
        file.discard();
      } catch (IOException e) {
        // Left to the next start, which sees it as surplus: what it says is true all the same.
      }
    }
    obsolete.clear();
  }

  public void close() throws IOException {
    for (SegmentFile file : obsolete) {
      file.close();
    }
    if (idle != null) {
      idle.close();
    }
    if (active != null) {
      active.close();
    }
  }
}
