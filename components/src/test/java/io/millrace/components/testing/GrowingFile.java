/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** A file that grows line by line, for fixtures. Guarded by {@code this}. */
public final class GrowingFile {
  private final Path path;

  public GrowingFile(Path path) throws IOException {
    this.path = path;
    append(new byte[0]);
  }

  public Path path() {
    return path;
  }

  /** A line that stands in the file is taken over. */
  public Set<String> offer(List<String> lines) throws IOException {
    append((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
    return new HashSet<>(lines);
  }

  public synchronized void append(byte[] bytes) throws IOException {
    Files.write(path, bytes, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }
}
