/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The files of one data directory, read as docs/formats/journal-v1.md has them, and damaged. Of an
 * agent that does not run. Stateless.
 */
final class JournalFiles {
  private static final int BLOCK_BYTES = 4096;
  private static final int FRAME_MAGIC = 0x4D4A4631;
  static final int FRAME_HEADER_BYTES = 72;

  /** A line of a ledger, with or without filling. */
  private static final Pattern LINE = Pattern.compile("[a-z]+[0-9]* [0-9]+ \\.{40}z*");

  private JournalFiles() {}

  /** A segment in use. */
  record SegmentFile(Path path, long ordinal, List<Frame> frames) {
    Frame lastFrame() {
      return frames.get(frames.size() - 1);
    }

    int recordCount() {
      return frames.stream().mapToInt(Frame::recordCount).sum();
    }
  }

  /** A frame of a segment. */
  record Frame(int position, int payloadBytes, int recordCount, long firstSequence) {
    int payloadPosition() {
      return position + FRAME_HEADER_BYTES;
    }

    int endPosition() {
      return payloadPosition() + payloadBytes;
    }

    /** The records in it, by their place in the journal. */
    boolean holds(long sequence) {
      return sequence >= firstSequence && sequence < firstSequence + recordCount;
    }
  }

  /** Those that are used and hold frames, oldest first. */
  static List<SegmentFile> segments(Path directory) {
    List<SegmentFile> segments = new ArrayList<>();
    for (Path file : files(directory, ".seg")) {
      ByteBuffer content = ByteBuffer.wrap(read(file));
      long ordinal = content.getLong(40);
      long id = content.getLong(48);
      List<Frame> frames = content.getShort(10) == 0 ? List.of() : frames(content, id);
      if (!frames.isEmpty()) {
        segments.add(new SegmentFile(file, ordinal, frames));
      }
    }
    segments.sort(Comparator.comparing(SegmentFile::ordinal));
    return segments;
  }

  private static List<Frame> frames(ByteBuffer content, long segmentId) {
    List<Frame> frames = new ArrayList<>();
    int at = BLOCK_BYTES;
    while (at + FRAME_HEADER_BYTES <= content.limit()) {
      if (content.getInt(at) == FRAME_MAGIC
          && content.getLong(at + 40) == segmentId
          && content.getInt(at + 56) == at) {
        Frame frame =
            new Frame(
                at, content.getInt(at + 16), content.getInt(at + 20), content.getLong(at + 24));
        frames.add(frame);
        at = (frame.endPosition() + 7) / 8 * 8;
      } else {
        at += 8;
      }
    }
    return frames;
  }

  /** The lines in a data directory, as senders wrote them. */
  static Set<String> lines(Path directory) {
    Set<String> lines = new HashSet<>();
    segments(directory).forEach(segment -> lines.addAll(lines(directory, segment)));
    return lines;
  }

  static Set<String> lines(Path directory, SegmentFile segment) {
    String content =
        new String(read(directory.resolve(segment.path())), StandardCharsets.ISO_8859_1);
    Set<String> lines = new HashSet<>();
    for (Frame frame : segment.frames()) {
      Matcher line = LINE.matcher(content.substring(frame.payloadPosition(), frame.endPosition()));
      while (line.find()) {
        lines.add(line.group());
      }
    }
    return lines;
  }

  static List<Path> files(Path directory, String suffix) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(file -> file.toString().endsWith(suffix)).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException("Directory " + directory, e);
    }
  }

  /** How many records the checkpoints say that the lanes have had. */
  static long checkpointedRecords(Path directory) {
    return files(directory, ".checkpoint").stream()
        .mapToLong(file -> ByteBuffer.wrap(read(file)).getLong(32))
        .sum();
  }

  static void flipBit(Path file, long position, int bit) {
    byte[] content = read(file);
    content[(int) position] ^= (byte) (1 << bit);
    write(file, content);
  }

  static void overwrite(Path file, long position, byte[] bytes) {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.seek(position);
      open.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("File " + file, e);
    }
  }

  static void truncate(Path file, long bytes) {
    try (RandomAccessFile open = new RandomAccessFile(file.toFile(), "rw")) {
      open.setLength(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException("File " + file, e);
    }
  }

  static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new UncheckedIOException("File " + file, e);
    }
  }

  private static void write(Path file, byte[] content) {
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException("File " + file, e);
    }
  }

  static void deleteTree(Path root) {
    try (Stream<Path> tree = Files.walk(root)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Could not delete " + root, e);
    }
  }

  /** Copies a directory with all that is in it. */
  static void copyTree(Path from, Path to) {
    try (Stream<Path> tree = Files.walk(from)) {
      for (Path path : tree.toList()) {
        Path target = to.resolve(from.relativize(path));
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.copy(path, target);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Copy of " + from, e);
    }
  }
}
