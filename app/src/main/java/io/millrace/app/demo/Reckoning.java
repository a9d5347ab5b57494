/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Compares what was to be read with what is stored, line by line, as multisets. It knows nothing of
 * the agents and believes none of their figures. Memory is bounded: lines are held as 64-bit
 * hashes, at most {@link #MAX_LINES_PER_PASS} at a time, and the files are read as often as that
 * takes. Two different lines with one hash could hide a loss: among ten million lines the odds are
 * one to 300,000.
 *
 * <p>Lines beyond the size a file had when this was {@linkplain #begin begun} may be in the store,
 * but need not be. Confined to one thread.
 */
final class Reckoning {
  static final long MAX_LINES_PER_PASS = 1 << 20;

  /** A file's size goes with its identity, as a log is renamed when it is rotated. */
  private final Map<Object, Long> requiredBytes = new HashMap<>();

  private final List<FollowedFiles> followed;
  private final Path store;
  private final long maxLinesPerPass;

  private Reckoning(List<FollowedFiles> followed, Path store, long maxLinesPerPass) {
    this.followed = List.copyOf(followed);
    this.store = store;
    this.maxLinesPerPass = maxLinesPerPass;
  }

  /** Takes down how far the files reach at this moment. */
  static Reckoning begin(List<FollowedFiles> followed, Path store) throws IOException {
    return begin(followed, store, MAX_LINES_PER_PASS);
  }

  static Reckoning begin(List<FollowedFiles> followed, Path store, long maxLinesPerPass)
      throws IOException {
    Reckoning reckoning = new Reckoning(followed, store, maxLinesPerPass);
    for (Path file : reckoning.sources()) {
      reckoning.requiredBytes.put(identity(file), Files.size(file));
    }
    return reckoning;
  }

  /** Counts now. */
  Tally count() throws IOException {
    long lines = 0;
    for (Path file : sources()) {
      lines += lineCount(file);
    }
    int passes = (int) Math.max(1, (lines + maxLinesPerPass - 1) / maxLinesPerPass);
    Tally tally = Tally.NONE;
    for (int pass = 0; pass < passes; pass++) {
      tally = tally.plus(pass(pass, passes));
    }
    return tally;
  }

  private Tally pass(int pass, int passes) throws IOException {
    LineCounts counts = new LineCounts();
    for (Path file : sources()) {
      long required = Optional.ofNullable(requiredBytes.get(identity(file))).orElse(0L);
      LineScanner.scan(
          file,
          (hash, endPosition, isEnded) -> {
            if (isOf(hash, pass, passes)) {
              if (isEnded && endPosition <= required) {
                counts.require(hash);
              } else {
                counts.allow(hash);
              }
            }
          });
    }
    for (Path file : storeFiles()) {
      LineScanner.scan(
          file,
          (hash, endPosition, isEnded) -> {
            if (isOf(hash, pass, passes)) {
              counts.store(hash);
            }
          });
    }
    return counts.tally();
  }

  private static boolean isOf(long hash, int pass, int passes) {
    return Long.remainderUnsigned(hash >>> 32, passes) == pass;
  }

  private List<Path> sources() throws IOException {
    List<Path> files = new ArrayList<>();
    for (FollowedFiles group : followed) {
      files.addAll(group.list());
    }
    return files.stream().distinct().toList();
  }

  List<Path> storeFiles() throws IOException {
    if (!Files.isDirectory(store)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(store)) {
      return files.filter(Files::isRegularFile).sorted().toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static long lineCount(Path file) throws IOException {
    long[] count = new long[1];
    LineScanner.scan(file, (hash, endPosition, isEnded) -> count[0]++);
    return count[0];
  }

  private static Object identity(Path file) throws IOException {
    Object key =
        Files.readAttributes(file, java.nio.file.attribute.BasicFileAttributes.class).fileKey();
    return key == null ? file : key;
  }
}
