/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The free space of the disks under some directories, looked up at most every few seconds: whoever
 * reads metrics often must not keep a disk busy. Guarded by {@code this}.
 */
final class FreeSpace {
  private static final long BETWEEN_LOOKS_NANOS = Duration.ofSeconds(2).toNanos();

  private final List<Path> directories;
  private final LongSupplier nanoClock;
  private boolean isKnown;
  private long lookedAtNanos;
  private long leastBytes;

  FreeSpace(List<Path> directories, LongSupplier nanoClock) {
    this.directories = List.copyOf(directories);
    this.nanoClock = nanoClock;
  }

  /** Of the disk that has least; one that cannot be asked has none. */
  synchronized long leastBytes() {
    long now = nanoClock.getAsLong();
    if (!isKnown || now - lookedAtNanos >= BETWEEN_LOOKS_NANOS) {
      isKnown = true;
      lookedAtNanos = now;
      leastBytes = directories.stream().mapToLong(FreeSpace::bytes).min().orElse(0);
    }
    return leastBytes;
  }

  private static long bytes(Path directory) {
    Path there = directory.toAbsolutePath();
    while (!Files.exists(there) && there.getParent() != null) {
      there = there.getParent();
    }
    try {
      return Files.getFileStore(there).getUsableSpace();
    } catch (IOException e) {
      return 0; // as little as can be: the alert on it is right
    }
  }
}
