/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.ConfigurationException;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Recognizes the directories of Apache Flume's file channel, so that its events are not buried
 * under ours. Only reads. Stateless.
 */
final class FlumeDirectories {
  private static final Pattern DATA = Pattern.compile("log-\\d+(\\.meta(\\.tmp|\\.old)?|\\.bak)?");
  private static final Pattern CHECKPOINT =
      Pattern.compile("checkpoint(\\.meta|\\.snappy)?|inflightputs|inflighttakes|queueset");

  private FlumeDirectories() {}

  /** Throws when one of the directories is Flume's. */
  static void refuse(String channel, FileChannelOptions options) {
    for (Path directory : options.dataDirs()) {
      refuse(channel, "dataDirs", directory, DATA);
    }
    refuse(channel, "checkpointDir", options.checkpointDir(), CHECKPOINT);
  }

  private static void refuse(String channel, String option, Path directory, Pattern names) {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (names.matcher(file.getFileName().toString()).matches()) {
          throw new ConfigurationException(
              option,
              "Channel "
                  + channel
                  + ": "
                  + directory
                  + " holds a file channel of Apache Flume ("
                  + file.getFileName()
                  + "), which this version cannot take over. Nothing was touched. Let Flume drain"
                  + " it, or name another directory");
        }
      }
    } catch (IOException | DirectoryIteratorException e) {
      // The journal says that it cannot be read, and does without it if there are others.
    }
  }
}
