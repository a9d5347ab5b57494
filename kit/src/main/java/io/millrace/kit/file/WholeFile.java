/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.file;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Replaces a file in one step: whoever reads it finds the old content or the new, whole. Stateless.
 */
public final class WholeFile {
  private WholeFile() {}

  /**
   * Writes {@code aside}, a neighbour of the file, and renames it. On the disk when this returns,
   * and through a power loss at any time one of the two is there.
   */
  public static void replace(Path file, Path aside, byte[] content) throws IOException {
    // Before the rename: a file system may else show an empty file after a power loss.
    write(aside, content, true);
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory(file.toAbsolutePath().getParent());
  }

  /** What a file is to hold, for one that is too long for an array. */
  public interface Content {
    void writeTo(OutputStream target) throws IOException;
  }

  /** As {@link #replace(Path, Path, byte[])}, with content that is written piece by piece. */
  public static void replace(Path file, Path aside, Content content) throws IOException {
    try (FileChannel channel = open(aside);
        OutputStream target = new BufferedOutputStream(Channels.newOutputStream(channel))) {
      content.writeTo(target);
      target.flush();
      channel.force(true);
    }
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory(file.toAbsolutePath().getParent());
  }

  /**
   * As {@link #replace(Path, Path, byte[])}, without waiting for the disk: a power loss may leave
   * any content.
   */
  public static void replaceUnsynced(Path file, Path aside, byte[] content) throws IOException {
    write(aside, content, false);
    Files.move(aside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Makes the entries of a directory durable. */
  public static void syncDirectory(Path directory) throws IOException {
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      entries.force(true);
    }
  }

  private static void write(Path file, byte[] content, boolean isSynced) throws IOException {
    try (FileChannel channel = open(file)) {
      ByteBuffer rest = ByteBuffer.wrap(content);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      if (isSynced) {
        channel.force(true);
      }
    }
  }

  private static FileChannel open(Path file) throws IOException {
    return FileChannel.open(
        file,
        StandardOpenOption.CREATE,
        StandardOpenOption.TRUNCATE_EXISTING,
        StandardOpenOption.WRITE);
  }
}
