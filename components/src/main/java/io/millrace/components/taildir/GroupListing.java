/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The names in the directory of a group, listed again when the directory changed. Confined to the
 * source's thread.
 *
 * <p>A modification time is only as fine as the file system makes it, up to two seconds: a listing
 * counts as complete only when it was made that long after its modification time was first seen.
 * Until then it is made anew at each look.
 */
final class GroupListing {
  private static final long SETTLE_NANOS = Duration.ofSeconds(2).toNanos();

  /** What is there. */
  enum State {
    PRESENT,
    MISSING,
    UNREADABLE
  }

  private final FileGroup group;
  private final FileAccess access;
  private final boolean trustsModificationTime;
  private State state = State.MISSING;
  private boolean isListed;
  private long modifiedNanos;
  private long modificationSeenNanos;
  private long listedNanos;
  private List<String> matching = List.of();
  private List<String> others = List.of();
  private List<Path> subdirectories = List.of();
  private IOException failure;

  GroupListing(FileGroup group, FileAccess access, boolean trustsModificationTime) {
    this.group = group;
    this.access = access;
    this.trustsModificationTime = trustsModificationTime;
  }

  FileGroup group() {
    return group;
  }

  State state() {
    return state;
  }

  /** Why the directory is unreadable. */
  IOException failure() {
    return failure;
  }

  List<String> matching() {
    return matching;
  }

  /** Names that the group does not follow. */
  List<String> others() {
    return others;
  }

  /** Directories in it, when the group is recursive; those that begin with a dot are left out. */
  List<Path> subdirectories() {
    return subdirectories;
  }

  /** Whether a cheap look at the directory says that its names may have changed. */
  boolean isStale(long nowNanos) {
    if (!trustsModificationTime) {
      return false;
    }
    try {
      FileFacts facts = access.stat(group.directory());
      boolean isThere = facts != null && facts.isDirectory();
      if (isThere != (state == State.PRESENT)) {
        return isThere || state != State.MISSING;
      }
      return isThere && !isCurrent(facts, nowNanos);
    } catch (IOException e) {
      return state != State.UNREADABLE;
    }
  }

  /** Lists the directory unless the last listing is known to be complete. */
  void refresh(long nowNanos) {
    try {
      FileFacts facts = access.stat(group.directory());
      if (facts == null || !facts.isDirectory()) {
        become(State.MISSING, null);
        return;
      }
      if (state == State.PRESENT && trustsModificationTime && isCurrent(facts, nowNanos)) {
        return;
      }
      if (!isListed || facts.modifiedNanos() != modifiedNanos) {
        modifiedNanos = facts.modifiedNanos();
        modificationSeenNanos = nowNanos;
      }
      list();
      isListed = true;
      listedNanos = nowNanos;
      state = State.PRESENT;
      failure = null;
    } catch (IOException e) {
      become(State.UNREADABLE, e);
    }
  }

  private boolean isCurrent(FileFacts facts, long nowNanos) {
    return isListed
        && facts.modifiedNanos() == modifiedNanos
        && listedNanos - modificationSeenNanos >= SETTLE_NANOS
        && nowNanos >= listedNanos;
  }

  private void list() throws IOException {
    List<String> matches = new ArrayList<>();
    List<String> rest = new ArrayList<>();
    List<Path> directories = new ArrayList<>();
    for (String name : access.list(group.directory())) {
      (group.matches(name) ? matches : rest).add(name);
      if (group.isRecursive() && !name.startsWith(".") && access.isRealDirectory(path(name))) {
        directories.add(path(name));
      }
    }
    directories.sort(null);
    subdirectories = directories;
    matches.sort(null);
    matching = matches;
    others = rest;
  }

  private void become(State newState, IOException reason) {
    state = newState;
    failure = reason;
    isListed = false;
    matching = List.of();
    others = List.of();
    subdirectories = List.of();
  }

  Path path(String name) {
    return group.directory().resolve(name);
  }
}
