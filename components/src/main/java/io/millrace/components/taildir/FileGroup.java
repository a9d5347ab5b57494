/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.api.ConfigurationException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * A directory and the names in it that are followed. Immutable.
 *
 * @param isRecursive whether those in directories below are followed, too
 */
record FileGroup(
    String name,
    Path directory,
    Pattern pattern,
    Map<String, String> headers,
    boolean isRecursive) {
  /** As the last directory: this one and all below. No path of a file has such an element. */
  private static final String ANY_DEPTH = "/**";

  /**
   * Reads a directory followed by a regular expression for the file name. A relative directory,
   * which Flume takes too, is one of the working directory.
   */
  static FileGroup parse(String name, String value, Map<String, String> headers) {
    String option = "filegroups." + name;
    int slash = value.lastIndexOf('/');
    if (slash < 0 || slash == value.length() - 1) {
      throw new ConfigurationException(
          option,
          "'"
              + value
              + "' (expected: a directory, a slash, and a regular expression for the"
              + " file name, such as /var/log/app/.*\\\\.log)");
    }
    String directory = value.substring(0, slash);
    boolean isRecursive = directory.endsWith(ANY_DEPTH);
    if (isRecursive) {
      directory = directory.substring(0, directory.length() - ANY_DEPTH.length());
    }
    try {
      return new FileGroup(
          name,
          Path.of(directory.isEmpty() ? "/" : directory).toAbsolutePath().normalize(),
          Pattern.compile(value.substring(slash + 1)),
          Map.copyOf(headers),
          isRecursive);
    } catch (PatternSyntaxException e) {
      throw new ConfigurationException(
          option,
          "'"
              + value.substring(slash + 1)
              + "' is not a regular expression: "
              + e.getDescription()
              + " near index "
              + e.getIndex());
    }
  }

  /** The same of a directory below. */
  FileGroup in(Path below) {
    return new FileGroup(name, below, pattern, headers, isRecursive);
  }

  boolean matches(String fileName) {
    return pattern.matcher(fileName).matches();
  }
}
