/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.fileroll;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A disk in memory that fails the calls it is told to, and knows what a power cut would leave: the
 * files whose directory entry was synced, with the bytes of their last good sync. A failed sync
 * drops what was not synced, as kernels do; syncing that file again is an error of the sink.
 */
final class SimRollDisk implements RollDisk {
  private final Map<Path, SimFile> files = new LinkedHashMap<>();
  private final Map<Path, SimFile> durableFiles = new LinkedHashMap<>();
  private final List<String> failedCalls = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private int calls;
  private int failFrom = Integer.MAX_VALUE;
  private int failUntil = Integer.MAX_VALUE;
  private long fullAtBytes = Long.MAX_VALUE;
  private long writtenBytes;
  private long diskBytes = Long.MAX_VALUE / 2;

  /** The time of what is written from now on. */
  Instant now = Instant.EPOCH;

  int syncs;

  /** Fails the calls {@code [from, until)}, counted from 1. */
  void failCalls(int from, int until) {
    failFrom = from;
    failUntil = until;
  }

  /** Writes fail from now on once so many more bytes are written. */
  void fillUpAfter(long bytes) {
    fullAtBytes = writtenBytes + bytes;
  }

  void freeSpace() {
    fullAtBytes = Long.MAX_VALUE;
  }

  int calls() {
    return calls;
  }

  List<String> failedCalls() {
    return failedCalls;
  }

  List<String> violations() {
    return violations;
  }

  List<String> names() {
    return files.keySet().stream().map(path -> path.getFileName().toString()).toList();
  }

  /** Lines of all files as a reader sees them now. */
  List<String> lines() {
    return lines(files, false);
  }

  /** Lines that a power cut would leave. */
  List<String> durableLines() {
    return lines(durableFiles, true);
  }

  private static List<String> lines(Map<Path, SimFile> files, boolean isDurable) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    files.values().forEach(file -> all.writeBytes(isDurable ? file.durable : file.visible));
    return all.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private void call(String what) throws IOException {
    calls++;
    if (calls >= failFrom && calls < failUntil) {
      failedCalls.add(what);
      throw new IOException("injected failure of " + what + ", call " + calls);
    }
  }

  @Override
  public String problemWith(Path directory) {
    return null;
  }

  @Override
  public RollFile create(Path path) throws IOException {
    call("create");
    if (files.containsKey(path)) {
      throw new FileAlreadyExistsException(path.toString());
    }
    SimFile file = new SimFile();
    files.put(path, file);
    return file;
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    call("syncDirectory");
    durableFiles.clear();
    durableFiles.putAll(files);
  }

  @Override
  public void delete(Path path) throws IOException {
    call("delete");
    files.remove(path);
  }

  @Override
  public FileFacts facts(Path path) throws IOException {
    call("facts");
    SimFile file = files.get(path);
    return file == null ? null : new FileFacts(file.visible.length, file.modified);
  }

  /** Of a disk of so many bytes. */
  void setDiskBytes(long bytes) {
    diskBytes = bytes;
  }

  @Override
  public long freeBytes(Path directory) throws IOException {
    call("freeBytes");
    return diskBytes - files.values().stream().mapToLong(file -> file.visible.length).sum();
  }

  @Override
  public byte[] read(Path path) throws IOException {
    call("read");
    return files.containsKey(path) ? files.get(path).visible : null;
  }

  @Override
  public RollFile append(Path path) throws IOException {
    call("append");
    SimFile file = files.computeIfAbsent(path, absent -> new SimFile());
    file.isClosed = false;
    file.isPoisoned = false;
    return file;
  }

  @Override
  public void replace(Path path, byte[] bytes) throws IOException {
    call("replace");
    SimFile file = new SimFile();
    file.visible = bytes;
    file.durable = bytes;
    files.put(path, file);
  }

  private final class SimFile implements RollFile {
    private byte[] visible = new byte[0];
    private byte[] durable = new byte[0];
    private Instant modified = Instant.EPOCH;
    private boolean isPoisoned;
    private boolean isClosed;

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      if (isClosed || isPoisoned) {
        violations.add("write to a file that was given up or closed");
      }
      try {
        call("write");
        if (writtenBytes + length > fullAtBytes) {
          throw new IOException("No space left on device");
        }
      } catch (IOException e) {
        append(bytes, offset, length / 2);
        throw e;
      }
      append(bytes, offset, length);
    }

    private void append(byte[] bytes, int offset, int length) {
      int end = visible.length;
      visible = Arrays.copyOf(visible, end + length);
      System.arraycopy(bytes, offset, visible, end, length);
      writtenBytes += length;
      modified = now;
    }

    @Override
    public void sync() throws IOException {
      if (isPoisoned) {
        violations.add("sync of a file after a failed sync");
      }
      try {
        call("sync");
      } catch (IOException e) {
        isPoisoned = true;
        throw e;
      }
      syncs++;
      durable = visible;
    }

    @Override
    public void truncate(long length) throws IOException {
      call("truncate");
      visible = Arrays.copyOf(visible, (int) length);
    }

    @Override
    public void close() throws IOException {
      isClosed = true;
      call("close");
    }
  }
}
