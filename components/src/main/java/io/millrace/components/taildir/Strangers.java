/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Files beside the followed ones that no group follows, looked for when a followed file is missed:
 * it may have one of their names now. Each directory is looked at once a scan. Confined to the
 * source's thread.
 */
final class Strangers {
  private final GroupListings listings;
  private final FileAccess access;
  private final Troubles troubles;
  private final Map<Path, List<GroupListing>> byDirectory = new HashMap<>();
  private final Map<Path, Map<FileId, Path>> found = new HashMap<>();

  Strangers(GroupListings listings, FileAccess access, Troubles troubles) {
    this.listings = listings;
    this.access = access;
    this.troubles = troubles;
  }

  /** The directories were listed anew. */
  void forget() {
    byDirectory.clear();
    found.clear();
  }

  /** Those in the directory, by identity. */
  Map<FileId, Path> in(Path directory) {
    Map<FileId, Path> known = found.get(directory);
    if (known == null) {
      known = look(directory);
      found.put(directory, known);
    }
    return known;
  }

  private Map<FileId, Path> look(Path directory) {
    if (byDirectory.isEmpty()) {
      for (GroupListing listing : listings.all()) {
        byDirectory
            .computeIfAbsent(listing.group().directory(), path -> new ArrayList<>())
            .add(listing);
      }
    }
    Map<FileId, Path> files = new HashMap<>();
    for (GroupListing listing : byDirectory.getOrDefault(directory, List.of())) {
      for (String name : listing.others()) {
        Path path = listing.path(name);
        try {
          FileFacts facts = access.stat(path);
          if (facts != null && facts.isRegular()) {
            files.put(facts.id(), path);
          }
        } catch (IOException e) {
          troubles.unreadable(path, e);
        }
      }
    }
    return files;
  }
}
