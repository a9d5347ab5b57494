/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.app.CommandFailedException;
import io.millrace.journal.JournalOptions;
import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.inspect.InspectionTarget;
import io.millrace.journal.inspect.JournalInspection;
import io.millrace.journal.inspect.JournalReport;
import io.millrace.journal.inspect.ReadOnlyDisk;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The directories of one channel, and what opens them. Immutable.
 *
 * @param title which channel, as the operator named it
 * @param options as the configuration has them; empty if only directories were named
 * @param copies of each lane, as configured; empty if only directories were named
 * @param remarks what is to be said before anything else
 */
record ChannelFiles(
    String title,
    List<Path> checkpointDirectories,
    List<Path> dataDirectories,
    PayloadCodec codec,
    Optional<JournalOptions> options,
    OptionalInt copies,
    List<String> remarks) {

  /** Reads what a start would read. */
  JournalInspection inspect() {
    try {
      return JournalInspection.of(
          ReadOnlyDisk.ofThisMachine(),
          new InspectionTarget(checkpointDirectories, dataDirectories, codec, copies));
    } catch (IOException e) {
      throw unreadable(e);
    }
  }

  static CommandFailedException unreadable(IOException e) {
    if (e instanceof AccessDeniedException denied) {
      return new CommandFailedException(
          2,
          "Permission denied: "
              + denied.getFile()
              + owner(Path.of(denied.getFile()))
              + ". Nothing was judged. Run it as the user that the agent runs as.",
          e);
    }
    return new CommandFailedException(
        2, "The files can't be read: " + e + ". See the kernel's log (dmesg) for the disk.", e);
  }

  private static String owner(Path path) {
    try {
      return " (of user " + Files.getOwner(path).getName() + ")";
    } catch (IOException | UnsupportedOperationException e) {
      return "";
    }
  }

  /** Refuses to go on with a channel of which nothing can be read. */
  static void requireReadable(JournalReport report) {
    if (report.lanes().stream().noneMatch(lane -> lane.isUsable())) {
      StringBuilder text = new StringBuilder("No data directory can be read:");
      report
          .lanes()
          .forEach(
              lane ->
                  text.append(System.lineSeparator())
                      .append("  ")
                      .append(lane.directory())
                      .append(": ")
                      .append(ReportText.stateOf(lane)));
      throw new CommandFailedException(2, text.toString());
    }
  }
}
