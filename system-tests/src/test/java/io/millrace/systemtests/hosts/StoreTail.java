/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Reads the lines that come to a directory of file_roll, each once, and none before it has its line
 * feed: the end of a file whose writer was killed may never get one. Confined to one thread.
 */
final class StoreTail {
  private final Path directory;
  private final Consumer<String> lines;
  private final Map<Path, Long> positions = new HashMap<>();

  StoreTail(Path directory, Consumer<String> lines) {
    this.directory = directory;
    this.lines = lines;
  }

  /** Reads what has come since the last call. */
  void readOn() {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        readOn(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Store " + directory, e);
    }
  }

  private void readOn(Path file) throws IOException {
    long position = positions.getOrDefault(file, 0L);
    long size = Files.size(file);
    if (size == position) {
      return;
    }
    byte[] bytes = new byte[Math.toIntExact(size - position)];
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "r")) {
      open.seek(position);
      open.readFully(bytes);
    }
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int whole = text.lastIndexOf('\n') + 1;
    if (whole > 0) {
      List.of(text.substring(0, whole - 1).split("\n", -1)).forEach(lines);
      positions.put(file, position + whole);
    }
  }
}
