/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.hadoop.fs.Abortable;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.fs.StreamCapabilities;
import org.apache.hadoop.fs.Syncable;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.util.Progressable;

/**
 * Local files under {@code watched:} that say what is done with their streams. Below a directory
 * named lost the answer to the first creation is lost; below one named broken the second sync of
 * the first file fails; below one named objects a file is there when it is closed, and writing the
 * first one fails.
 */
public final class WatchedFileSystem extends RawLocalFileSystem {
  /** By the value of the setting {@code watched.name}: each test has its own. */
  private static final Map<String, List<String>> CALLS = new ConcurrentHashMap<>();

  /** Each call as {@code NAME OF THE FILE: CALL}, in their order. */
  static List<String> calls(String name) {
    return CALLS.computeIfAbsent(name, n -> Collections.synchronizedList(new ArrayList<>()));
  }

  @Override
  public String getScheme() {
    return "watched";
  }

  @Override
  public URI getUri() {
    return URI.create("watched:///");
  }

  @Override
  public FSDataOutputStream create(
      Path path,
      FsPermission permission,
      boolean overwrite,
      int bufferSize,
      short replication,
      long blockSize,
      Progressable progress)
      throws IOException {
    FSDataOutputStream made =
        super.create(path, permission, overwrite, bufferSize, replication, blockSize, progress);
    if (path.toString().contains("/.millrace/")) {
      return made;
    }
    List<String> calls = calls(getConf().get("watched.name"));
    boolean isFirst = calls.stream().noneMatch(call -> call.endsWith(": create"));
    calls.add(path.getName() + ": create");
    if (isFirst && path.toString().contains("/lost/")) {
      made.close();
      throw new SocketTimeoutException("no answer");
    }
    if (path.toString().contains("/objects/")) {
      made.close();
      delete(path, false);
      return new FSDataOutputStream(new Upload(path, calls, isFirst), null);
    }
    boolean isBroken = isFirst && path.toString().contains("/broken/");
    return new FSDataOutputStream(new Watched(made, path.getName(), calls, isBroken), null);
  }

  /** What an object store's stream does: all of it goes there at the end, or nothing. */
  private final class Upload extends OutputStream implements StreamCapabilities, Abortable {
    private final Path path;
    private final List<String> calls;
    private final boolean isBroken;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean isClosed;

    Upload(Path path, List<String> calls, boolean isBroken) {
      this.path = path;
      this.calls = calls;
      this.isBroken = isBroken;
    }

    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
      bytes.write(from, offset, length);
      if (isBroken) {
        throw new IOException("the store is away");
      }
    }

    @Override
    public boolean hasCapability(String capability) {
      return capability.equals(StreamCapabilities.ABORTABLE_STREAM);
    }

    @Override
    public void close() throws IOException {
      calls.add(path.getName() + ": close");
      if (!isClosed) {
        isClosed = true;
        Files.write(pathToFile(path).toPath(), bytes.toByteArray());
      }
    }

    @Override
    public AbortableResult abort() {
      calls.add(path.getName() + ": abort");
      boolean wasClosed = isClosed;
      isClosed = true;
      return new AbortableResult() {
        @Override
        public boolean alreadyClosed() {
          return wasClosed;
        }

        @Override
        public IOException anyCleanupException() {
          return null;
        }
      };
    }
  }

  private static final class Watched extends OutputStream implements Syncable, StreamCapabilities {
    private final FSDataOutputStream target;
    private final String name;
    private final List<String> calls;
    private final boolean isBroken;
    private int syncs;

    Watched(FSDataOutputStream target, String name, List<String> calls, boolean isBroken) {
      this.target = target;
      this.name = name;
      this.calls = calls;
      this.isBroken = isBroken;
    }

    @Override
    public void write(int value) throws IOException {
      calls.add(name + ": write");
      target.write(value);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      calls.add(name + ": write");
      target.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      target.flush();
    }

    @Override
    public void hflush() throws IOException {
      target.hflush();
    }

    @Override
    public void hsync() throws IOException {
      if (isBroken && ++syncs == 2) {
        throw new IOException("the disk does not sync");
      }
      target.hsync();
      calls.add(name + ": hsync");
    }

    @Override
    public boolean hasCapability(String capability) {
      return target.hasCapability(capability);
    }

    @Override
    public void close() throws IOException {
      calls.add(name + ": close");
      target.close();
    }
  }
}
