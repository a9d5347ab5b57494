/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import io.millrace.kit.regex.BoundedPattern;
import io.millrace.kit.regex.RunawayPatternException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Looks for files that are ready to be read. Confined to the source's thread.
 *
 * <p>Bounds: the {@link #MAX_FILES} files that come first, {@link #MAX_DIRECTORIES} directories, as
 * deep as {@link #MAX_DEPTH}; the other files are found when these are done.
 */
final class SpoolListing {
  static final int MAX_FILES = 100_000;
  static final int MAX_DIRECTORIES = 100_000;
  static final int MAX_DEPTH = 64;

  private final SpoolDirOptions options;
  private final Path root;
  private final Path tracker;
  private final BoundedPattern include;
  private final BoundedPattern ignore;
  private final SpoolTroubles troubles;
  private final Random random;
  private final long settleNanos;
  private final EmptiedDirectories emptied = new EmptiedDirectories();
  private Map<Path, Sighting> unsettled = new HashMap<>();

  /** A file that is ready. */
  record Found(Path path, FileFacts facts) {}

  private record Sighting(FileFacts facts, long sinceNanos) {}

  private record Directory(Path path, int depth) {}

  SpoolListing(SpoolDirOptions options, SpoolTroubles troubles, Random random) {
    this.options = options;
    this.root = options.spoolPath();
    this.tracker = options.trackerPath();
    this.include = BoundedPattern.compile("includePattern", options.includePattern());
    this.ignore = BoundedPattern.compile("ignorePattern", options.ignorePattern());
    this.troubles = troubles;
    this.random = random;
    this.settleNanos = options.settleTime().toNanos();
  }

  /** Files that were there, but too young to be read. */
  int unsettled() {
    return unsettled.size();
  }

  /**
   * The files to be read, in their order.
   *
   * @param isKnown files that are in work, wait after a failure, or are known to be finished
   */
  ArrayDeque<Found> find(Predicate<Found> isKnown, long nowNanos, long wallNanos) {
    Comparator<Found> order = order();
    // The one that comes last stands first, to be thrown out.
    PriorityQueue<Found> first = new PriorityQueue<>(order.reversed());
    Map<Path, Sighting> young = new HashMap<>();
    ArrayDeque<Directory> directories = new ArrayDeque<>();
    directories.add(new Directory(root, 0));
    emptied.begin();
    int seenDirectories = 1;
    while (!directories.isEmpty()) {
      Directory directory = directories.remove();
      long modifiedNanos = modifiedNanos(directory.path());
      List<Path> below = emptied.subdirectories(directory.path(), modifiedNanos, nowNanos);
      if (below == null) {
        Entries entries =
            list(
                directory.path(),
                found -> {
                  if (!isKnown.test(found)) {
                    consider(found, first, young, nowNanos, wallNanos);
                  }
                });
        below = entries.subdirectories();
        // Where names do not tell which files are finished, the files must be looked at.
        if (entries.isDone() && options.writesSpoolDir()) {
          emptied.add(directory.path(), modifiedNanos, below, nowNanos, wallNanos);
        }
      }
      for (Path path : below) {
        if (directory.depth() < MAX_DEPTH && seenDirectories < MAX_DIRECTORIES) {
          directories.add(new Directory(path, directory.depth() + 1));
          seenDirectories++;
        } else {
          troubles.tooManyDirectories(path);
        }
      }
    }
    unsettled = young;
    List<Found> sorted = new ArrayList<>(first);
    if (options.consumeOrder() == SpoolDirOptions.ConsumeOrder.RANDOM) {
      Collections.shuffle(sorted, random);
    } else {
      sorted.sort(order);
    }
    return new ArrayDeque<>(sorted);
  }

  /**
   * What is below a directory.
   *
   * @param isDone whether all of it could be looked at, and no file is to be read or marked
   */
  private record Entries(List<Path> subdirectories, boolean isDone) {}

  private Entries list(Path directory, Consumer<Found> files) {
    List<Path> subdirectories = new ArrayList<>();
    boolean isDone = true;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path path : entries) {
        String name = path.getFileName().toString();
        boolean mayBeFile = isCandidate(name);
        if (!mayBeFile && !options.recursiveDirectorySearch()) {
          continue;
        }
        FileFacts facts = facts(path);
        if (facts == null) {
          isDone = false;
        } else if (facts.isDirectory()) {
          if (isToBeEntered(path, name)) {
            if (subdirectories.size() < MAX_DIRECTORIES) {
              subdirectories.add(path);
            } else {
              troubles.tooManyDirectories(path);
            }
          }
        } else if (mayBeFile && facts.isRegular()) {
          isDone = false;
          files.accept(new Found(path, facts));
        }
      }
    } catch (IOException e) {
      troubles.unreadable(directory, e);
      isDone = false;
    } catch (DirectoryIteratorException e) {
      troubles.unreadable(directory, e.getCause());
      isDone = false;
    }
    return new Entries(subdirectories, isDone);
  }

  /** When names in the directory changed last; one that can't be looked at is listed each time. */
  private static long modifiedNanos(Path directory) {
    try {
      FileFacts facts = FileFacts.of(directory);
      return facts == null ? Long.MAX_VALUE : facts.modifiedNanos();
    } catch (IOException e) {
      // Listing it fails with the same reason, and says so.
      return Long.MAX_VALUE;
    }
  }

  private void consider(
      Found found,
      PriorityQueue<Found> first,
      Map<Path, Sighting> young,
      long nowNanos,
      long wallNanos) {
    if (!isSettled(found, young, nowNanos, wallNanos)) {
      return;
    }
    first.add(found);
    if (first.size() > MAX_FILES) {
      first.remove();
    }
  }

  /**
   * Whether nobody has written to the file for a while. The wall clock tells of files that were
   * there before; one that it says nothing good of is watched.
   */
  private boolean isSettled(Found found, Map<Path, Sighting> young, long nowNanos, long wallNanos) {
    if (settleNanos == 0 || wallNanos - found.facts().modifiedNanos() >= settleNanos) {
      return true;
    }
    Sighting before = unsettled.get(found.path());
    if (before != null && before.facts().isUnchanged(found.facts())) {
      if (nowNanos - before.sinceNanos() >= settleNanos) {
        return true;
      }
    } else {
      before = new Sighting(found.facts(), nowNanos);
    }
    if (young.size() < MAX_FILES) {
      young.put(found.path(), before);
    }
    return false;
  }

  private boolean isToBeEntered(Path path, String name) {
    return options.recursiveDirectorySearch()
        && !name.startsWith(".")
        && !matches(ignore, name)
        && !path.equals(tracker);
  }

  /** Whether a file of this name is to be read. */
  boolean isCandidate(String name) {
    return !name.startsWith(".")
        && !name.endsWith(options.fileSuffix())
        && !Marks.isSetAside(name)
        && !matches(ignore, name)
        && matches(include, name);
  }

  private boolean matches(BoundedPattern pattern, String name) {
    try {
      return pattern.matches(name);
    } catch (RunawayPatternException e) {
      troubles.runaway(name, e);
      return false;
    }
  }

  private FileFacts facts(Path path) {
    try {
      return FileFacts.of(path);
    } catch (IOException e) {
      troubles.unreadable(path, e);
      return null;
    }
  }

  private Comparator<Found> order() {
    Comparator<Found> byTime = Comparator.comparingLong(found -> found.facts().modifiedNanos());
    Comparator<Found> byName = Comparator.comparing(found -> found.path().toString());
    return switch (options.consumeOrder()) {
      case OLDEST -> byTime.thenComparing(byName);
      case YOUNGEST -> byTime.reversed().thenComparing(byName);
      case RANDOM -> byName;
    };
  }
}
