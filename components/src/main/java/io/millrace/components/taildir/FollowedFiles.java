/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * The files that are followed, and which of them wait to be read. Confined to the source's thread.
 *
 * <p>Bound: a small object for each file that matches.
 */
final class FollowedFiles {
  private final TaildirOptions options;
  private final ArchivedFiles archives;
  private final FileAccess access;
  private final Troubles troubles;
  private final GroupListings listings;
  private final Map<FileId, TailedFile> files = new LinkedHashMap<>();
  private final OpenFiles open;
  private final ArrayDeque<TailedFile> ready = new ArrayDeque<>();
  private final Remembered remembered = new Remembered();
  private final Surveyor surveyor;
  private final Strangers strangers;
  private long nextOrdinal;
  private boolean isFirstScan = true;
  private boolean isForgettingDue = true;

  /**
   * @param isStopping ends what takes long
   */
  FollowedFiles(
      TaildirOptions options,
      FileAccess access,
      Troubles troubles,
      LongSupplier nanoTime,
      BooleanSupplier isStopping) {
    this.options = options;
    this.archives =
        new ArchivedFiles(
            access,
            () -> ArchivedFiles.EndRead.of(files.values(), remembered),
            troubles,
            nanoTime,
            isStopping);
    this.access = archives;
    this.troubles = troubles;
    this.open = new OpenFiles(options.maxOpenFiles(), archives, troubles, this::forget);
    this.listings =
        new GroupListings(options.groups(), archives, options.cachePatternMatching(), troubles);
    this.surveyor = new Surveyor(listings, archives, troubles);
    this.strangers = new Strangers(listings, archives, troubles);
  }

  void load(List<Position> positions) {
    remembered.load(positions);
  }

  Collection<TailedFile> files() {
    return files.values();
  }

  int openFiles() {
    return open.count();
  }

  boolean hasReady() {
    return !ready.isEmpty();
  }

  /** Whether the directory of any group changed since the last scan. */
  boolean isStale(long nowNanos) {
    return listings.isStale(nowNanos);
  }

  /** Looks at every directory and every followed path; whether anything changed. */
  boolean scan(long nowNanos) {
    archives.beginScan(isFirstScan && options.skipToEnd());
    listings.refresh(nowNanos);
    strangers.forget();
    Survey survey = surveyor.look(files.values());
    archives.endScan();
    List<ScanPlan.Known> known = new ArrayList<>(files.size());
    for (TailedFile file : files.values()) {
      known.add(ScanPlan.Known.of(file));
    }
    ScanPlan plan = ScanPlan.of(known, survey.seen(), survey.unknowable());
    boolean isChanged = false;
    for (ScanPlan.Step step : plan.steps()) {
      isChanged |= apply(step, nowNanos);
    }
    if (isFirstScan) {
      followRenamedMeanwhile(nowNanos);
      isFirstScan = false;
    }
    if (isForgettingDue && !archives.hasPutOff()) {
      // The position of a compressed file is taken when it was inflated.
      isForgettingDue = false;
      int forgotten = remembered.forgetOldest();
      if (forgotten > 0) {
        troubles.forgotten(forgotten);
      }
    }
    revisit(nowNanos);
    return isChanged || archives.isInflating();
  }

  private boolean apply(ScanPlan.Step step, long nowNanos) {
    if (step instanceof ScanPlan.Follow follow) {
      follow(follow.seen(), nowNanos);
      return true;
    }
    if (step instanceof ScanPlan.Move move) {
      FileFacts facts = move.seen().facts();
      TailedFile file = files.get(facts.id());
      boolean isSameContent =
          archives.isWhole(facts.id())
              && file.sizeBytes == facts.sizeBytes()
              && file.modifiedNanos == facts.modifiedNanos();
      file.moveTo(move.seen().group(), move.seen().path());
      refresh(file, facts, !isSameContent, nowNanos);
      return true;
    }
    if (step instanceof ScanPlan.Refresh refresh) {
      TailedFile file = files.get(refresh.seen().facts().id());
      refresh(file, refresh.seen().facts(), refresh.isChanged(), nowNanos);
      return refresh.isChanged();
    }
    leave(files.get(((ScanPlan.Leave) step).id()), nowNanos);
    return true;
  }

  private void follow(ScanPlan.Seen seen, long nowNanos) {
    FileFacts facts = seen.facts();
    Position position = remembered.take(facts.id(), seen.path());
    if (position == null) {
      position = archives.readBefore(facts.id());
    }
    boolean skipToEnd = options.skipToEnd() && isFirstScan;
    StartPosition start = StartPosition.of(position, seen.path(), facts.sizeBytes(), skipToEnd);
    if (position != null && start.position() < position.position()) {
      // Of another file on the inode: what was read of it may come compressed.
      remembered.ended(position);
    }
    TailedFile file = add(seen, start, nowNanos);
    if (isReadToItsEnd(file)) {
      return;
    }
    // A file that appears while we run is about to be written, perhaps renamed and deleted: the
    // handle keeps it readable.
    if (file.hasUnread() || file.readPosition() > 0 || !isFirstScan) {
      if (open.hasRoom()) {
        open(file, nowNanos);
      }
      queue(file);
    }
  }

  /**
   * Whether a compressed file was inflated, and all of it was read before: to look at the bytes
   * before its end would inflate it once more.
   */
  private boolean isReadToItsEnd(TailedFile file) {
    Position before = archives.readBefore(file.id());
    return before != null
        && file.sizeBytes == file.readPosition()
        && before.position() == file.readPosition()
        && before.mark().equals(file.readMark());
  }

  private TailedFile add(ScanPlan.Seen seen, StartPosition start, long nowNanos) {
    FileFacts facts = seen.facts();
    TailedFile file = new TailedFile(facts.id(), nextOrdinal++, seen.group(), seen.path(), start);
    file.sizeBytes = facts.sizeBytes();
    file.modifiedNanos = facts.modifiedNanos();
    file.lastChangeNanos = nowNanos;
    files.put(file.id(), file);
    return file;
  }

  private void refresh(TailedFile file, FileFacts facts, boolean isChanged, long nowNanos) {
    if (file.sizeBytes != facts.sizeBytes()) {
      file.lastChangeNanos = nowNanos;
    }
    file.sizeBytes = facts.sizeBytes();
    file.modifiedNanos = facts.modifiedNanos();
    if ((isChanged && !isReadToItsEnd(file)) || file.sizeBytes != file.readPosition()) {
      queue(file);
    }
  }

  private void leave(TailedFile file, long nowNanos) {
    file.isGone = true;
    if (file.isOpen()) {
      poll(file, nowNanos);
      return;
    }
    Path elsewhere = strangers.in(file.path().getParent()).get(file.id());
    if (elsewhere != null) {
      file.moveTo(file.group(), elsewhere);
      file.isGone = true;
      if (open(file, nowNanos)) {
        queue(file);
      }
      return;
    }
    if (file.hasUnread()) {
      troubles.lost(file, file.sizeBytes - file.readPosition(), "removed");
      file.sizeBytes = file.readPosition();
    }
    if (file.batchesInFlight() == 0) {
      forget(file);
    }
  }

  /** Takes up what could not be read before. */
  private void revisit(long nowNanos) {
    for (TailedFile file : List.copyOf(files.values())) {
      if (file.isGone && !file.isOpen() && !file.isQueued) {
        leave(file, nowNanos);
      } else if (file.hasFailed) {
        queue(file);
      }
    }
  }

  /** Files that were renamed out of their group while nobody looked: read to their end. */
  private void followRenamedMeanwhile(long nowNanos) {
    for (GroupListing listing : listings.all()) {
      Path directory = listing.group().directory();
      Map<Long, List<Position>> unseen = remembered.loadedIn(directory);
      if (unseen.isEmpty()) {
        continue;
      }
      strangers
          .in(directory)
          .forEach(
              (id, path) -> {
                for (Position position : unseen.getOrDefault(id.inode(), List.of())) {
                  // Only a mark proves that this is the file and not a later one on its inode.
                  if (position.mark().isKnown() && !files.containsKey(id)) {
                    followStray(listing.group(), id, path, position, nowNanos);
                  }
                }
              });
    }
  }

  private void followStray(
      FileGroup group, FileId id, Path path, Position position, long nowNanos) {
    try {
      FileFacts facts = access.stat(path);
      if (facts == null || !facts.id().equals(id) || facts.sizeBytes() < position.position()) {
        return;
      }
      remembered.take(id, position.path());
      TailedFile file =
          add(
              new ScanPlan.Seen(group, path, facts),
              new StartPosition(position.position(), position.mark()),
              nowNanos);
      file.isGone = true;
      file.isStray = true;
      queue(file);
    } catch (IOException e) {
      troubles.unreadable(path, e);
    }
  }

  /** Looks at the open files alone: growth, truncation, idleness; whether any changed. */
  boolean poll(long nowNanos) {
    boolean isChanged = false;
    for (TailedFile file : open.list()) {
      isChanged |= poll(file, nowNanos);
    }
    return isChanged;
  }

  private boolean poll(TailedFile file, long nowNanos) {
    if (file.isQueued) {
      return false;
    }
    try {
      long sizeBytes = file.handle.sizeBytes();
      if (sizeBytes != file.sizeBytes) {
        if (sizeBytes < file.readPosition() && file.hasUnread()) {
          troubles.lost(file, file.sizeBytes - file.readPosition(), "truncated");
        }
        file.sizeBytes = sizeBytes;
        file.lastChangeNanos = nowNanos;
        queue(file);
        return true;
      }
      if (isEventDue(file, nowNanos)) {
        file.isEventDue = true;
        file.eventDueSizeBytes = file.sizeBytes;
        queue(file);
        return true;
      }
      if (nowNanos - file.lastChangeNanos >= options.idleTimeout().toNanos()) {
        idle(file);
      }
    } catch (IOException e) {
      failed(file, e);
    }
    return false;
  }

  private boolean isEventDue(TailedFile file, long nowNanos) {
    return options.multiline().isOn()
        && file.hasUnread()
        && file.eventDueSizeBytes != file.sizeBytes
        && nowNanos - file.lastChangeNanos >= options.multiline().timeout().toNanos();
  }

  private void idle(TailedFile file) {
    if (file.hasUnread()) {
      file.isFlushDue = true;
      queue(file);
    } else if (file.isGone) {
      if (file.batchesInFlight() == 0) {
        forget(file);
      }
    } else {
      open.close(file);
    }
  }

  /** Whether lines of the file can be read now. */
  boolean isReadable(TailedFile file) {
    return file.isOpen() && files.get(file.id()) == file;
  }

  /** A read succeeded. */
  void succeeded(TailedFile file) {
    file.hasFailed = false;
    file.isFailureSaid = false;
  }

  /** The next file to be read, or null; it is no longer queued. */
  TailedFile nextReady() {
    TailedFile file;
    do {
      file = ready.poll();
      if (file == null) {
        return null;
      }
      file.isQueued = false;
    } while (files.get(file.id()) != file);
    return file;
  }

  void queue(TailedFile file) {
    if (!file.isQueued) {
      file.isQueued = true;
      ready.add(file);
    }
  }

  /** Opens the file if need be; false when it can't be now, which is said and tried again. */
  boolean open(TailedFile file, long nowNanos) {
    return open.open(file, nowNanos);
  }

  /** A read failed: it is tried again with the next scan. */
  void failed(TailedFile file, IOException reason) {
    open.failed(file, reason);
  }

  /** The bytes before the position are others: the file begins anew, unless it is a stranger. */
  void startOver(TailedFile file) {
    if (file.isStray) {
      forget(file);
      return;
    }
    remembered.ended(file.position());
    TailedFile fresh = file.startOver();
    files.put(fresh.id(), fresh);
    open.replace(fresh);
    // It was its turn; files that wait may hold what was written after it.
    fresh.isQueued = true;
    ready.addFirst(fresh);
  }

  /**
   * Positions to be saved: those of files that were not seen yet, whose volume may not be mounted
   * or whose first look may have failed, then those of the followed files. In that order the oldest
   * stand first for the next start, and of two with one inode the newer one comes later.
   */
  List<Position> positions() {
    List<Position> positions = remembered.loaded();
    for (TailedFile file : files.values()) {
      positions.add(file.position());
    }
    return positions;
  }

  void closeAll() {
    open.closeAll();
    archives.close();
  }

  private void forget(TailedFile file) {
    open.close(file);
    files.remove(file.id());
    remembered.left(file);
  }
}
