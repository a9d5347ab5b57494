/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.journal.segment;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import io.millrace.journal.disk.DiskFullException;
import io.millrace.journal.format.Identity;
import io.millrace.journal.format.NewerFormatException;
import io.millrace.journal.format.SegmentHeader;
import io.millrace.journal.format.SegmentHeaderLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Makes and names the files of one data directory. A file appears under its final name only when
 * all its blocks are written and synced. Safe for use by several threads.
 */
public final class LaneFiles {
  public static final String SEGMENT_SUFFIX = ".seg";
  public static final String ACK_SUFFIX = ".ack";
  public static final String BAD_SUFFIX = ".bad";
  public static final String NEW_SUFFIX = ".new";
  public static final List<String> SUFFIXES = List.of(SEGMENT_SUFFIX, ACK_SUFFIX, BAD_SUFFIX);

  /** Says whose directory it is. */
  public static final String LANE_ID = "lane.id";

  private static final long SANE_ID_BYTES = 4096;
  private static final int ZEROS_BYTES = 1 << 20;

  private final Disk disk;
  private final Path directory;
  private final long reserveBytes;
  private final AtomicLong lastNumber;

  /**
   * @param reserveBytes that a new segment must leave free
   * @param lastNumber the highest number in use in a file name
   */
  public LaneFiles(Disk disk, Path directory, long reserveBytes, long lastNumber) {
    this.disk = disk;
    this.directory = directory;
    this.reserveBytes = reserveBytes;
    this.lastNumber = new AtomicLong(lastNumber);
  }

  public Disk disk() {
    return disk;
  }

  public Path directory() {
    return directory;
  }

  /** The number that a file name starts with, or -1. */
  public static long numberOf(String name) {
    int dot = name.indexOf('.');
    if (dot < 1 || dot > 18 || !name.chars().limit(dot).allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return Long.parseLong(name, 0, dot, 10);
  }

  /**
   * Makes a spare segment file. Also the probe for a disk that failed: it creates, writes, syncs
   * and renames.
   */
  public SegmentFile prepareSegment(SegmentHeader spareHeader, long fileBytes) throws IOException {
    long usableBytes = disk.usableSpaceBytes(directory);
    if (usableBytes - fileBytes < reserveBytes) {
      throw new DiskFullException(
          directory
              + ": "
              + usableBytes
              + " bytes usable (expected: at least "
              + (fileBytes + reserveBytes)
              + " for a segment and the reserve)");
    }
    ByteBuffer header = ByteBuffer.allocate(SegmentHeaderLayout.BLOCK_BYTES);
    spareHeader.encodeBlock(header);
    return prepare(SEGMENT_SUFFIX, header.flip(), fileBytes);
  }

  /**
   * Whether the directory is still in its place, and no other: not one that was deleted or
   * unmounted under us. Files that are open go on to work then, and are lost to the next start.
   */
  public boolean isInPlace(Identity expected) throws IOException {
    Path file = directory.resolve(LANE_ID);
    if (!disk.exists(file)) {
      return false;
    }
    try (DiskFile source = disk.open(file)) {
      ByteBuffer content = ByteBuffer.allocate((int) Math.min(SANE_ID_BYTES, source.sizeBytes()));
      source.read(content, 0);
      Identity actual = Identity.decode(content.flip());
      // One that is damaged says nothing; the next start mends it.
      return actual == null || actual.equals(expected);
    } catch (NewerFormatException e) {
      return false;
    }
  }

  /** What to say when it is not. */
  public IOException misplaced() {
    return new IOException(
        directory
            + " is not the directory that was opened (expected: its "
            + LANE_ID
            + "); was it unmounted or deleted?");
  }

  /** Makes a file of the acknowledgement log. It may use the reserve. */
  SegmentFile prepareAckFile(long fileBytes) throws IOException {
    return prepare(ACK_SUFFIX, ByteBuffer.allocate(0), fileBytes);
  }

  /** Fills a file and syncs it. */
  interface Filler {
    void fill(SegmentFile unfinished) throws IOException;
  }

  /** Makes a segment file that is complete when it gets its name. It may use the reserve. */
  SegmentFile writeAside(long fileBytes, Filler filler) throws IOException {
    String name =
        String.format(Locale.ROOT, "%010d%s", lastNumber.incrementAndGet(), SEGMENT_SUFFIX);
    Path unfinished = directory.resolve(name + NEW_SUFFIX);
    Path finished = directory.resolve(name);
    SegmentFile aside = new SegmentFile(disk, unfinished, fileBytes, disk.create(unfinished));
    try {
      filler.fill(aside);
      aside.close();
      disk.rename(unfinished, finished);
      disk.forceDirectory(directory);
      return new SegmentFile(disk, finished, fileBytes);
    } catch (Throwable e) { // an Error too must leave no file behind
      try {
        aside.discard();
        disk.delete(finished);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  private SegmentFile prepare(String suffix, ByteBuffer start, long fileBytes) throws IOException {
    String name = String.format(Locale.ROOT, "%010d%s", lastNumber.incrementAndGet(), suffix);
    Path unfinished = directory.resolve(name + NEW_SUFFIX);
    Path finished = directory.resolve(name);
    DiskFile file = disk.create(unfinished);
    try {
      long position = start.remaining();
      file.write(start, 0);
      ByteBuffer zeros = AlignedBuffers.allocate((int) Math.min(ZEROS_BYTES, fileBytes));
      while (position < fileBytes) {
        zeros.clear().limit((int) Math.min(zeros.capacity(), fileBytes - position));
        position += zeros.remaining();
        file.write(zeros, position - zeros.remaining());
      }
      file.force();
      disk.rename(unfinished, finished);
      disk.forceDirectory(directory);
      return new SegmentFile(disk, finished, fileBytes, file);
    } catch (Throwable e) { // an Error too must leave no file behind
      try {
        file.close();
        disk.delete(unfinished);
        disk.delete(finished);
      } catch (IOException suppressed) {
        e.addSuppressed(suppressed);
      }
      throw e;
    }
  }

  /** Adds the bytes {@code [from, to)} of a segment file to the {@code .bad} file beside it. */
  public void quarantine(SegmentFile segment, long from, long to) throws IOException {
    String name = segment.name();
    String base = name.substring(0, name.length() - SEGMENT_SUFFIX.length());
    Path bad = directory.resolve(base + BAD_SUFFIX);
    boolean isNew = !disk.exists(bad);
    try (DiskFile target = isNew ? disk.create(bad) : disk.open(bad)) {
      long end = target.sizeBytes();
      ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(ZEROS_BYTES, to - from));
      for (long at = from; at < to; at += buffer.capacity()) {
        buffer.clear().limit((int) Math.min(buffer.capacity(), to - at));
        segment.file().read(buffer, at);
        target.write(buffer.flip(), end + at - from);
      }
      target.force();
    }
    if (isNew) {
      disk.forceDirectory(directory);
    }
  }
}
