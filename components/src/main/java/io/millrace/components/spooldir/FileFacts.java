/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** What the file system says of a path. Immutable. */
record FileFacts(
    long device,
    long inode,
    long sizeBytes,
    long modifiedNanos,
    boolean isRegular,
    boolean isDirectory,
    boolean isLink) {
  private static final String ATTRIBUTES =
      "unix:dev,ino,size,lastModifiedTime,isRegularFile,isDirectory,isSymbolicLink";

  /** Of what is at the path, or null when nothing is; a link to a file counts as the file. */
  static FileFacts of(Path path) throws IOException {
    FileFacts own = read(path, LinkOption.NOFOLLOW_LINKS);
    if (own == null || !own.isLink()) {
      return own;
    }
    FileFacts target = read(path);
    if (target == null) {
      return own;
    }
    // A directory behind a link may lead anywhere, and around.
    return new FileFacts(
        target.device,
        target.inode,
        target.sizeBytes,
        target.modifiedNanos,
        target.isRegular,
        false,
        true);
  }

  private static FileFacts read(Path path, LinkOption... links) throws IOException {
    Map<String, Object> attributes;
    try {
      attributes = Files.readAttributes(path, ATTRIBUTES, links);
    } catch (NoSuchFileException e) {
      return null;
    }
    return new FileFacts(
        ((Number) attributes.get("dev")).longValue(),
        ((Number) attributes.get("ino")).longValue(),
        ((Number) attributes.get("size")).longValue(),
        ((FileTime) attributes.get("lastModifiedTime")).to(TimeUnit.NANOSECONDS),
        (Boolean) attributes.get("isRegularFile"),
        (Boolean) attributes.get("isDirectory"),
        (Boolean) attributes.get("isSymbolicLink"));
  }

  boolean isSameFile(FileFacts other) {
    return device == other.device && inode == other.inode;
  }

  /** Whether it is the same file and nobody has written to it. */
  boolean isUnchanged(FileFacts other) {
    return isSameFile(other)
        && sizeBytes == other.sizeBytes
        && modifiedNanos == other.modifiedNanos;
  }
}
