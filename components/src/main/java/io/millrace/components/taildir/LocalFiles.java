/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The files of this host. Stateless. */
final class LocalFiles implements FileAccess {
  private static final String ATTRIBUTES =
      "unix:dev,ino,size,lastModifiedTime,isRegularFile,isDirectory";

  @Override
  public FileFacts stat(Path path) throws IOException {
    Map<String, Object> attributes;
    try {
      attributes = Files.readAttributes(path, ATTRIBUTES);
    } catch (NoSuchFileException e) {
      return null;
    }
    FileTime modified = (FileTime) attributes.get("lastModifiedTime");
    return new FileFacts(
        new FileId(
            ((Number) attributes.get("dev")).longValue(),
            ((Number) attributes.get("ino")).longValue()),
        ((Number) attributes.get("size")).longValue(),
        modified.to(TimeUnit.NANOSECONDS),
        (Boolean) attributes.get("isRegularFile"),
        (Boolean) attributes.get("isDirectory"));
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    List<String> names = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        names.add(entry.getFileName().toString());
      }
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    return names;
  }

  @Override
  public boolean isRealDirectory(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public OpenedFile open(Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    return new OpenedFile() {
      @Override
      public long sizeBytes() throws IOException {
        return channel.size();
      }

      @Override
      public int read(ByteBuffer target, long position) throws IOException {
        return channel.read(target, position);
      }

      @Override
      public void close() throws IOException {
        channel.close();
      }
    };
  }
}
