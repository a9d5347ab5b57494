/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.api.ConfigurationException;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A directory and the names in it that are followed. Immutable. */
record FileGroup(String name, Path directory, Pattern pattern, Map<String, String> headers) {

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
    try {
      return new FileGroup(
          name,
          Path.of(slash == 0 ? "/" : value.substring(0, slash)).toAbsolutePath().normalize(),
          Pattern.compile(value.substring(slash + 1)),
          Map.copyOf(headers));
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

  boolean matches(String fileName) {
    return pattern.matcher(fileName).matches();
  }
}
