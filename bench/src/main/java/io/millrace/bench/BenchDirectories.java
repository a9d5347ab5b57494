/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Where things are in a checkout. */
final class BenchDirectories {
  private BenchDirectories() {}

  static Path root() {
    return Path.of(System.getProperty("millrace.root", ".")).toAbsolutePath().normalize();
  }

  /** Where agents run: on the disk that holds the checkout. */
  static Path work() {
    return root().resolve("bench/target/run");
  }

  static Path results() {
    return root().resolve("bench/results");
  }

  /** An empty directory of that name under {@link #work}. */
  static Path fresh(String name) throws IOException {
    Path directory = work().resolve(name);
    delete(directory);
    return Files.createDirectories(directory);
  }

  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(directory)) {
      paths = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : paths) {
      Files.delete(path);
    }
  }
}
