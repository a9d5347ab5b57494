/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.machine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Where things are in a checkout. */
public final class BenchDirectories {
  /** Left free by every run: other programs live on this disk too. */
  private static final long SPARE_BYTES = 4L << 30;

  private static final Duration SETTLE_TIME = Duration.ofSeconds(1);

  private BenchDirectories() {}

  /**
   * Holds the work directory for one run: two at a time would measure each other, and clear away
   * each other's files.
   */
  public static AutoCloseable lock() throws IOException {
    Files.createDirectories(work());
    FileChannel file =
        FileChannel.open(
            root().resolve("bench/target/run.lock"),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE);
    if (file.tryLock() == null) {
      file.close();
      throw new IOException("another benchmark of this checkout runs; wait for its end");
    }
    return file;
  }

  public static Path root() {
    return Path.of(System.getProperty("millrace.root", ".")).toAbsolutePath().normalize();
  }

  /** Where agents run: on the disk that holds the checkout. */
  public static Path work() {
    return root().resolve("bench/target/run");
  }

  public static Path results() {
    return root().resolve("bench/results");
  }

  /** Pictures that pages of the documentation show. */
  public static Path pictures() {
    return root().resolve("docs/img");
  }

  /** An empty directory of that name under {@link #work}. */
  public static Path fresh(String name) throws IOException {
    Path directory = work().resolve(name);
    delete(directory);
    return Files.createDirectories(directory);
  }

  /**
   * Throws unless the disk that holds the checkout has room for what a run is about to write.
   *
   * @param bytes at most, all copies included
   */
  public static void requireFree(long bytes) throws IOException {
    long freeBytes = Files.getFileStore(Files.createDirectories(work())).getUsableSpace();
    if (freeBytes < bytes + SPARE_BYTES) {
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s has %,d MiB free (expected: %,d MiB for this run and %,d MiB to spare); ask for"
                  + " fewer events or smaller bodies",
              work(),
              freeBytes >> 20,
              bytes >> 20,
              SPARE_BYTES >> 20));
    }
  }

  /** Ends what earlier runs left the kernel to write, so that it does not fall on the next. */
  public static void settle() throws IOException, InterruptedException {
    new ProcessBuilder("sync").inheritIO().start().waitFor();
    Pause.of(SETTLE_TIME);
  }

  public static void delete(Path directory) throws IOException {
    for (Path path : deepestFirst(directory)) {
      Files.delete(path);
    }
  }

  /** The directory and all in it, each before what holds it; nothing if there is no such. */
  public static List<Path> deepestFirst(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return List.of();
    }
    try (Stream<Path> walk = Files.walk(directory)) {
      return walk.sorted(Comparator.reverseOrder()).toList();
    }
  }
}
