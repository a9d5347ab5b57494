/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The directories of all groups, and those below the recursive ones. Confined to the source's
 * thread.
 */
final class GroupListings {
  /** Most directories. */
  static final int MAX_DIRECTORIES = 10_000;

  private final FileAccess access;
  private final boolean trustsModificationTime;
  private final Troubles troubles;
  private final List<GroupListing> roots = new ArrayList<>();
  private List<GroupListing> all;

  /** A directory as one group sees it: groups may overlap. */
  private record Place(String group, Path directory) {
    static Place of(GroupListing listing, Path directory) {
      return new Place(listing.group().name(), directory);
    }
  }

  GroupListings(
      List<FileGroup> groups,
      FileAccess access,
      boolean trustsModificationTime,
      Troubles troubles) {
    this.access = access;
    this.trustsModificationTime = trustsModificationTime;
    this.troubles = troubles;
    for (FileGroup group : groups) {
      roots.add(new GroupListing(group, access, trustsModificationTime));
    }
    all = List.copyOf(roots);
  }

  /** In the order of the groups, those below behind. */
  List<GroupListing> all() {
    return all;
  }

  /** Whether it is the directory that a group names. */
  boolean isRoot(GroupListing listing) {
    return roots.contains(listing);
  }

  /** Whether any directory changed since the last time. */
  boolean isStale(long nowNanos) {
    for (GroupListing listing : all) {
      if (listing.isStale(nowNanos)) {
        return true;
      }
    }
    return false;
  }

  /** Lists the roots anew, and what is below the recursive ones. */
  void refresh(long nowNanos) {
    Map<Place, GroupListing> before = new HashMap<>();
    for (GroupListing listing : all) {
      if (!isRoot(listing)) {
        before.put(Place.of(listing, listing.group().directory()), listing);
      }
    }
    List<GroupListing> found = new ArrayList<>();
    ArrayDeque<GroupListing> rest = new ArrayDeque<>(roots);
    Set<Place> entered = new HashSet<>();
    while (!rest.isEmpty()) {
      GroupListing listing = rest.remove();
      listing.refresh(nowNanos);
      found.add(listing);
      for (Path below : listing.subdirectories()) {
        if (found.size() + rest.size() >= MAX_DIRECTORIES) {
          troubles.tooManyDirectories(below, MAX_DIRECTORIES);
          continue;
        }
        Place place = Place.of(listing, below);
        if (entered.add(place)) {
          GroupListing known = before.get(place);
          rest.add(
              known != null
                  ? known
                  : new GroupListing(listing.group().in(below), access, trustsModificationTime));
        }
      }
    }
    all = found;
  }
}
