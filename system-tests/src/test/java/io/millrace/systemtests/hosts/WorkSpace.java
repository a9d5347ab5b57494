/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Command;
import io.millrace.systemtests.Scene;
import io.millrace.systemtests.Tool;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A directory with a short path, which sockets need, and a small disk in it, mounted where that is
 * permitted. Its name says which process made it, so that a run finds what a killed one left
 * mounted. Confined to one thread.
 */
final class WorkSpace implements AutoCloseable {
  private static final int DISK_MIB = 16;
  private static final Pattern MOUNTED =
      Pattern.compile("^\\S+ (\\S*/millrace-hosts-(\\d+)-\\S*) tmpfs ", Pattern.MULTILINE);

  private final Path directory;
  private final Path disk;
  private final boolean hasDisk;

  private WorkSpace(Path directory) throws IOException {
    this.directory = directory;
    this.disk = Files.createDirectory(directory.resolve("disk"));
    unmountLeftovers();
    Command mounted =
        Tool.call(
            directory, "mount", "-t", "tmpfs", "-o", "size=" + DISK_MIB + "m", "tmpfs", "" + disk);
    hasDisk = mounted.isWell();
    if (!hasDisk) {
      Scene.say("No small disk can be mounted here, so none is filled: " + mounted.output());
    }
  }

  static WorkSpace make() throws IOException {
    long pid = ProcessHandle.current().pid();
    return new WorkSpace(Files.createTempDirectory("millrace-hosts-" + pid + "-"));
  }

  Path directory() {
    return directory;
  }

  /** Whether the disk is one of its own, that can be filled. */
  boolean hasDisk() {
    return hasDisk;
  }

  Path disk() {
    return disk;
  }

  /** Somebody else takes all its space. */
  void fillDisk() {
    try (OutputStream out = Files.newOutputStream(ballast())) {
      byte[] page = new byte[4 << 10];
      for (int written = 0; written < DISK_MIB << 20; written += page.length) {
        out.write(page);
      }
    } catch (IOException e) {
      if (!String.valueOf(e.getMessage()).contains("No space left")) {
        throw new UncheckedIOException("Filling " + disk, e);
      }
    }
  }

  void freeDisk() {
    try {
      Files.deleteIfExists(ballast());
    } catch (IOException e) {
      throw new UncheckedIOException("Freeing " + disk, e);
    }
  }

  private Path ballast() {
    return disk.resolve("ballast");
  }

  private void unmountLeftovers() throws IOException {
    Matcher mount = MOUNTED.matcher(Files.readString(Path.of("/proc/self/mounts")));
    while (mount.find()) {
      if (ProcessHandle.of(Long.parseLong(mount.group(2))).isEmpty()) {
        Command done = Tool.call(directory, "umount", "-l", mount.group(1));
        Scene.say("Left over by an earlier run: " + mount.group(1) + "; gone: " + done.isWell());
      }
    }
  }

  @Override
  public void close() {
    if (hasDisk) {
      Command done = Tool.call(directory, "umount", "-l", disk.toString());
      if (!done.isWell()) {
        throw new IllegalStateException("Could not unmount " + disk + ": " + done.output());
      }
    }
    try (Stream<Path> files = Files.walk(directory)) {
      List<Path> deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
      for (Path file : deepestFirst) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Could not remove " + directory, e);
    }
  }
}
