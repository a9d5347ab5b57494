/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import io.millrace.app.CommandFailedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of one directory whose names match an expression: what a file group of the taildir
 * source follows. Immutable.
 */
record FollowedFiles(Path directory, String namePattern) {
  /** Every file but hidden and compressed ones. */
  private static final String READABLE_FILES = "(?!\\.)(?!.*\\.(gz|bz2|xz|zst|zip)$).*";

  /**
   * What following {@code path}, a file or a directory, means.
   *
   * @throws CommandFailedException when it cannot be read
   */
  static FollowedFiles of(Path path) {
    Path absolute = path.toAbsolutePath().normalize();
    if (!Files.exists(absolute)) {
      throw new CommandFailedException(2, "--follow " + path + ": no such file or directory");
    }
    if (!Files.isReadable(absolute)) {
      throw new CommandFailedException(
          2, "--follow " + path + ": may not be read by " + System.getProperty("user.name"));
    }
    if (Files.isDirectory(absolute)) {
      return new FollowedFiles(absolute, READABLE_FILES);
    }
    String name = absolute.getFileName().toString();
    return new FollowedFiles(absolute.getParent(), name.replaceAll("[^\\p{Alnum} _-]", "\\\\$0"));
  }

  List<Path> list() throws IOException {
    Pattern pattern = Pattern.compile(namePattern);
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> pattern.matcher(file.getFileName().toString()).matches())
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The value of a file group. */
  String fileGroup() {
    return directory + "/" + namePattern;
  }
}
