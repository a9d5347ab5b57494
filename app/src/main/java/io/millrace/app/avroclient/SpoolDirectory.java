/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory whose files are sent once each, as Flume's spooling directory has it: files of the
 * directory itself, oldest first, without those that begin with a dot or are done; a file that is
 * done gets the suffix {@link #DONE_SUFFIX}. Immutable.
 */
final class SpoolDirectory {
  static final String DONE_SUFFIX = ".COMPLETED";

  /** A file as it was found. */
  record Spooled(Path path, long bytes, FileTime modified) {}

  private final Path directory;

  SpoolDirectory(Path directory) {
    this.directory = directory;
  }

  List<Spooled> open() throws IOException {
    List<Spooled> found = new ArrayList<>();
    try (Stream<Path> entries = Files.list(directory)) {
      for (Path path : entries.toList()) {
        String name = path.getFileName().toString();
        if (Files.isRegularFile(path) && !name.startsWith(".") && !name.endsWith(DONE_SUFFIX)) {
          found.add(stateOf(path));
        }
      }
    }
    found.sort(
        Comparator.comparing(Spooled::modified)
            .thenComparing(spooled -> spooled.path().toString()));
    return found;
  }

  private static Spooled stateOf(Path path) throws IOException {
    return new Spooled(path, Files.size(path), Files.getLastModifiedTime(path));
  }

  /** Marks a file as done, all of which was acknowledged. Nothing is ever replaced. */
  void complete(Spooled spooled) throws IOException, SendFailedException {
    Path path = spooled.path();
    if (!stateOf(path).equals(spooled)) {
      throw new SendFailedException(
          path
              + " was written to while it was read (expected: files that are complete). What was"
              + " read is sent; the file was not renamed, so all of it is sent again next time.");
    }
    Path done = path.resolveSibling(path.getFileName() + DONE_SUFFIX);
    try {
      // Unlike a rename, a link never replaces what is there.
      Files.createLink(done, path);
    } catch (FileAlreadyExistsException e) {
      throw new SendFailedException(
          path + " is sent, but cannot be renamed: " + done + " exists. Move one of them away.");
    } catch (UnsupportedOperationException e) {
      Files.move(path, done);
      return;
    }
    Files.delete(path);
  }
}
