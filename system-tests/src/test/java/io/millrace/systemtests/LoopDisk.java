/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An ext4 of its own in a file, mounted for one test, whose power can be cut and which can break
 * down. Unmounted when closed. Confined to one thread.
 */
final class LoopDisk implements AutoCloseable {
  /** Metadata and journal of the file system lie before it. */
  static final int METADATA_MIB = 16;

  private final Path image;
  private final Path directory;
  private final Path powerCut;
  private final Path work;

  /** Loop devices that may still be in use, the one that is mounted last. */
  private final List<String> devices = new ArrayList<>();

  private boolean isMounted;

  private LoopDisk(Path image, Path directory, Path work) {
    this.image = image;
    this.directory = directory;
    this.work = work;
    this.powerCut = NativeCode.program("power-cut", work);
  }

  /**
   * Makes and mounts one; the test is left out, and says why, where that is not possible.
   *
   * @param image sparse, but for its first {@link #METADATA_MIB}
   */
  static LoopDisk ext4(Scene scene, Path image, int sizeMib) {
    if (!Tool.isThere("mkfs.ext4") || !Tool.isThere("losetup")) {
      abort("No mkfs.ext4 or losetup here (apt-get install e2fsprogs mount)");
    }
    Path directory = scene.directory("mount-of-" + image.getFileName());
    LoopDisk disk = new LoopDisk(image, directory, scene.directory("tools"));
    disk.format(sizeMib);
    disk.mount();
    return disk;
  }

  private void format(int sizeMib) {
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength((long) sizeMib << 20);
      tool(
          "mkfs.ext4",
          "-q",
          "-F",
          "-b",
          "4096",
          "-J",
          "size=4",
          "-E",
          "packed_meta_blocks=1,lazy_itable_init=0,lazy_journal_init=0",
          image.toString());
      // Writing what is there gives the metadata blocks of their own in the file below.
      byte[] metadata = new byte[METADATA_MIB << 20];
      file.seek(0);
      file.readFully(metadata);
      file.seek(0);
      file.write(metadata);
    } catch (IOException e) {
      throw new UncheckedIOException("Image " + image, e);
    }
  }

  /** Mounts it, through a new loop device, as after a reboot. */
  void mount() {
    Command attached = call("losetup", "--find", "--show", image.toString());
    if (attached.status() != 0) {
      abort("Loop devices cannot be had here (root can do it): " + attached.output());
    }
    String[] lines = attached.output().trim().split("\n", -1);
    String device = lines[lines.length - 1].trim();
    devices.add(device);
    Command mounted = call("mount", "-t", "ext4", device, directory.toString());
    if (mounted.status() != 0) {
      detachDevices();
      abort("A loop device cannot be mounted here (root can do it): " + mounted.output());
    }
    isMounted = true;
  }

  Path directory() {
    return directory;
  }

  /** A directory in it. */
  Path directory(String name) {
    try {
      return Files.createDirectories(directory.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException("Directory " + name + " of " + directory, e);
    }
  }

  /** From now on nothing gets to the disk; what had not got there is gone after the next mount. */
  void cutPower() {
    tool(powerCut.toString(), directory.toString());
  }

  /** The kernel finds an error in the file system, and makes it read-only under its users. */
  void breakDown() {
    tool("mount", "-o", "remount,errors=remount-ro", directory.toString());
    String device = devices.get(devices.size() - 1);
    Path trigger =
        Path.of("/sys/fs/ext4", Path.of(device).getFileName().toString(), "trigger_fs_error");
    try {
      Files.writeString(trigger, "test");
    } catch (IOException e) {
      throw new UncheckedIOException("Trigger " + trigger, e);
    }
  }

  /** Nobody uses it any more. */
  void unmount() {
    tool("umount", directory.toString());
    isMounted = false;
    detachDevices();
  }

  /** It goes from under its users, who keep the files that they have open. */
  void unmountUnderItsUsers() {
    tool("umount", "-l", directory.toString());
    isMounted = false;
  }

  /** Mounts again what {@link #unmountUnderItsUsers} took away. */
  void mountAgain() {
    tool("mount", "-t", "ext4", devices.get(devices.size() - 1), directory.toString());
    isMounted = true;
  }

  private void detachDevices() {
    // One that is in use yet goes when its last user does.
    devices.forEach(device -> tool("losetup", "--detach", device));
    devices.clear();
  }

  private void tool(String... words) {
    Tool.need(work, words);
  }

  private Command call(String... words) {
    return Tool.call(work, words);
  }

  @Override
  public void close() {
    if (isMounted) {
      Command unmounted = call("umount", "-l", directory.toString());
      if (unmounted.status() != 0) {
        throw new IllegalStateException(
            "Could not unmount " + Arrays.asList(directory, unmounted.output()));
      }
      isMounted = false;
    }
    detachDevices();
  }
}
