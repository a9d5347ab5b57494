/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Looks at every file that the groups name, and says what is missing. Confined to the source's
 * thread.
 */
final class Surveyor {
  private final GroupListings listings;
  private final FileAccess access;
  private final Troubles troubles;
  private final Set<Path> saidMissing = new HashSet<>();

  Surveyor(GroupListings listings, FileAccess access, Troubles troubles) {
    this.listings = listings;
    this.access = access;
    this.troubles = troubles;
  }

  /**
   * Looks once.
   *
   * @param followed those in directories that can't be read now stay as they are
   */
  Survey look(Collection<TailedFile> followed) {
    List<ScanPlan.Seen> seen = new ArrayList<>(followed.size());
    Set<Path> unknowable = new HashSet<>();
    for (GroupListing listing : listings.all()) {
      sayState(listing);
      look(listing, seen, unknowable);
    }
    keepFilesOfUnreadable(followed, unknowable);
    return new Survey(seen, unknowable);
  }

  private void look(GroupListing listing, List<ScanPlan.Seen> seen, Set<Path> unknowable) {
    for (String name : listing.matching()) {
      Path path = listing.path(name);
      try {
        FileFacts facts = access.stat(path);
        if (facts == ArchivedFiles.NOT_NOW) {
          unknowable.add(path);
        } else if (facts != null && facts.isRegular()) {
          seen.add(new ScanPlan.Seen(listing.group(), path, facts));
        }
      } catch (IOException e) {
        unknowable.add(path);
        troubles.unreadable(path, e);
      }
    }
  }

  private void keepFilesOfUnreadable(Collection<TailedFile> followed, Set<Path> unknowable) {
    Set<Path> unreadable = new HashSet<>();
    Set<Path> withAllBelow = new HashSet<>();
    for (GroupListing listing : listings.all()) {
      if (listing.state() == GroupListing.State.UNREADABLE) {
        FileGroup group = listing.group();
        (group.isRecursive() ? withAllBelow : unreadable).add(group.directory());
      }
    }
    if (unreadable.isEmpty() && withAllBelow.isEmpty()) {
      return;
    }
    for (TailedFile file : followed) {
      Path directory = file.path().getParent();
      boolean isKept = unreadable.contains(directory);
      for (; directory != null && !isKept; directory = directory.getParent()) {
        isKept = withAllBelow.contains(directory);
      }
      if (isKept) {
        unknowable.add(file.path());
      }
    }
  }

  private void sayState(GroupListing listing) {
    Path directory = listing.group().directory();
    switch (listing.state()) {
      case PRESENT -> {
        if (saidMissing.remove(directory)) {
          troubles.say("directory {} is there now; its files are followed.", directory);
        }
      }
      case MISSING -> {
        if (listings.isRoot(listing) && saidMissing.add(directory)) {
          troubles.warn(
              "directory {} of file group {} is missing. The other groups go on; this one begins"
                  + " when the directory appears.",
              directory,
              listing.group().name());
        }
      }
      case UNREADABLE -> troubles.unreadable(directory, listing.failure());
    }
  }
}
