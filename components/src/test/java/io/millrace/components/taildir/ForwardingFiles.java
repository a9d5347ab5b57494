/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/** Passes every access on; tests override the one that fails. */
class ForwardingFiles implements FileAccess {
  private final FileAccess files;

  ForwardingFiles(FileAccess files) {
    this.files = files;
  }

  @Override
  public FileFacts stat(Path path) throws IOException {
    return files.stat(path);
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return files.list(directory);
  }

  @Override
  public boolean isRealDirectory(Path path) {
    return files.isRealDirectory(path);
  }

  @Override
  public OpenedFile open(Path path) throws IOException {
    OpenedFile file = files.open(path);
    return new OpenedFile() {
      @Override
      public long sizeBytes() throws IOException {
        return file.sizeBytes();
      }

      @Override
      public int read(ByteBuffer target, long position) throws IOException {
        return ForwardingFiles.this.read(file, target, position);
      }

      @Override
      public void close() throws IOException {
        file.close();
      }
    };
  }

  int read(OpenedFile file, ByteBuffer target, long position) throws IOException {
    return file.read(target, position);
  }
}
