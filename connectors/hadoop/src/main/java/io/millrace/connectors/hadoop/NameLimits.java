/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.InvalidPathException;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.ipc.RemoteException;

/**
 * How long names and paths may be where the files are; an event whose file would be beyond that can
 * never be written. Immutable.
 *
 * @param nameBytes of a file or a directory; 0 for any number
 * @param pathLength in characters or in bytes
 * @param levels of directories
 * @param isRootCounted whether the slash that a path begins with is part of its length
 */
record NameLimits(
    int nameBytes, int pathLength, int levels, boolean isLengthInBytes, boolean isRootCounted) {
  private static final String HDFS_NAME_BYTES = "dfs.namenode.fs-limits.max-component-length";

  /** What a name node answers; the class is not in the client. */
  private static final String TOO_LONG_NAME =
      "org.apache.hadoop.hdfs.protocol.FSLimitException$PathComponentTooLongException";

  private static final String TOO_LONG_PATH = "Pathname too long";
  private static final int HDFS_PATH_CHARACTERS = 8000;
  private static final int HDFS_LEVELS = 1000;

  /** Linux counts the zero at the end. */
  private static final int LOCAL_PATH_BYTES = 4095;

  /** Of a key, which has no names and no slash at its front. */
  private static final int S3_PATH_BYTES = 1024;

  private static final int DEFAULT_NAME_BYTES = 255;

  /** Behind them is a name node, with what it allows. */
  private static final Set<String> HDFS_SCHEMES = Set.of("hdfs", "webhdfs", "swebhdfs", "viewfs");

  /** Bytes of a character of Java's at most. */
  private static final int MAX_BYTES = 3;

  /** Characters of a path that a reason quotes. */
  private static final int MAX_QUOTED = 120;

  static NameLimits of(FileSystem files, Configuration configuration) {
    if (LocalDisk.of(files).isPresent()) {
      return new NameLimits(DEFAULT_NAME_BYTES, LOCAL_PATH_BYTES, LOCAL_PATH_BYTES, true, true);
    }
    String scheme = files.getUri().getScheme();
    if ("s3a".equals(scheme)) {
      return new NameLimits(0, S3_PATH_BYTES, S3_PATH_BYTES, true, false);
    }
    // Of others it is only known that none takes more than HDFS for a path.
    return new NameLimits(
        scheme != null && HDFS_SCHEMES.contains(scheme)
            ? configuration.getInt(HDFS_NAME_BYTES, DEFAULT_NAME_BYTES)
            : 0,
        HDFS_PATH_CHARACTERS,
        HDFS_LEVELS,
        false,
        true);
  }

  /** Quick and careful: false may still fit. */
  boolean fitsSurely(int directoryLength, int nameLength) {
    return directoryLength * MAX_BYTES <= DEFAULT_NAME_BYTES
        && nameLength * MAX_BYTES <= DEFAULT_NAME_BYTES
        && (nameBytes == 0 || nameBytes >= DEFAULT_NAME_BYTES);
  }

  /** What is too long about a path; empty when nothing is. */
  Optional<String> excess(Path path) {
    String whole = path.toUri().getPath();
    String text = isRootCounted ? whole : whole.substring(whole.startsWith("/") ? 1 : 0);
    int length = isLengthInBytes ? bytes(text) : text.length();
    if (length > pathLength) {
      return Optional.of(
          "its path would have "
              + length
              + (isLengthInBytes ? " bytes" : " characters")
              + " (expected: at most "
              + pathLength
              + "): "
              + quoted(text));
    }
    if (path.depth() > levels) {
      return Optional.of(
          "its path would have "
              + path.depth()
              + " levels (expected: at most "
              + levels
              + "): "
              + quoted(text));
    }
    for (String name : text.split("/")) {
      int bytes = bytes(name);
      if (nameBytes > 0 && bytes > nameBytes) {
        return Optional.of(
            "its path would have a name of "
                + bytes
                + " bytes (expected: at most "
                + nameBytes
                + "): "
                + quoted(name));
      }
    }
    return Optional.empty();
  }

  private static int bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }

  private static String quoted(String text) {
    return text.length() <= MAX_QUOTED ? text : text.substring(0, MAX_QUOTED) + "...";
  }

  /** Whether a name node refuses a path for its length or form, whatever this knows of limits. */
  static boolean isRefusal(Exception why) {
    if (why instanceof RemoteException remote) {
      String thrown = String.valueOf(remote.getClassName());
      return thrown.equals(TOO_LONG_NAME)
          || thrown.equals(InvalidPathException.class.getName())
          || String.valueOf(remote.getMessage()).contains(TOO_LONG_PATH);
    }
    return why instanceof InvalidPathException;
  }
}
