/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** What a directory is, by the names of its files. */
enum DirectoryKind {
  DATA,
  CHECKPOINT,
  /** Data of a file channel of Apache Flume. */
  FLUME,
  OTHER;

  private static final Pattern SEGMENT = Pattern.compile("\\d{1,18}\\.(seg|ack|bad)");
  private static final Pattern CHECKPOINT_FILE = Pattern.compile("lane-\\d{5}\\.checkpoint");
  private static final Pattern FLUME_LOG = Pattern.compile("log-\\d+(\\.meta)?");
  private static final int MAX_NAMED = 8;

  static DirectoryKind of(Path directory) {
    if (!Files.isDirectory(directory)) {
      return OTHER;
    }
    DirectoryKind kind = OTHER;
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        if (name.equals("lane.id")
            || name.equals("copy.state")
            || SEGMENT.matcher(name).matches()) {
          return DATA;
        }
        if (name.equals("journal.id") || CHECKPOINT_FILE.matcher(name).matches()) {
          kind = CHECKPOINT;
        } else if (FLUME_LOG.matcher(name).matches()) {
          kind = FLUME;
        }
      }
    } catch (IOException e) {
      throw ChannelFiles.unreadable(e);
    }
    return kind;
  }

  /** Why the directory is of no use here, and which may be meant. */
  static String notOne(Path directory) {
    if (!Files.exists(directory)) {
      return directory + ": no such directory. If it is on a disk of its own, is that mounted?";
    }
    if (!Files.isDirectory(directory)) {
      return directory + ": not a directory (expected: a data directory of a file channel)";
    }
    List<String> below = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (below.size() < MAX_NAMED && Files.isDirectory(entry) && of(entry) != OTHER) {
          below.add(entry.toString());
        }
      }
    } catch (IOException e) {
      throw ChannelFiles.unreadable(e);
    }
    String text =
        directory
            + ": no files of a file channel in it (expected: lane.id, or *.seg, or journal.id)";
    below.sort(null);
    return below.isEmpty() ? text : text + ". Name these: " + String.join(" ", below);
  }
}
