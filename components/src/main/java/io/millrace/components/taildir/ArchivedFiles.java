/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.api.EventDeserializer.MalformedFileException;
import io.millrace.components.content.Compression;
import io.millrace.components.content.FileContent;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Shows compressed files as what they hold, so that all else need not know of them. A file counts
 * as compressed by the end of its name and by its first bytes. It is inflated once when it is seen
 * first: only then is it known to be whole, how long it is, and whether its content was read before
 * it was compressed, which the bytes before the position that was reached there tell.
 *
 * <p>Until it is whole, or the file that it was made of is read and gone, it is not there. Confined
 * to the source's thread.
 *
 * <p>Bounds: facts of {@link #MAX_ARCHIVES} files; {@link #SCAN_NANOS} of inflating a scan, or one
 * file.
 */
final class ArchivedFiles implements FileAccess {
  static final int MAX_ARCHIVES = 100_000;
  static final long SCAN_NANOS = 500_000_000;

  /** What {@link #stat} says of a file that was not looked into yet. */
  static final FileFacts NOT_NOW = new FileFacts(new FileId(-1, -1), 0, 0, false, false);

  private static final int CHUNK_BYTES = 256 << 10;

  /** So many tell gzip and zstd from anything else. */
  private static final int MAGIC_BYTES = 4;

  private final FileAccess plain;
  private final Supplier<List<EndRead>> endsRead;
  private final Map<FileId, Archive> archives =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<FileId, Archive> eldest) {
          return size() > MAX_ARCHIVES;
        }
      };

  /** Found by the first scan, which had no time for them. */
  private final Set<FileId> putOff = new HashSet<>();

  private long scanEndsNanos;
  private boolean isNewLeftOut;

  /**
   * A position in a content.
   *
   * @param isFinal whether nothing more will be read of it under its old name
   */
  record EndRead(Path path, Position position, boolean isFinal) {
    /** Of contents that a compressed file may hold again. */
    static List<EndRead> of(Collection<TailedFile> files, Remembered remembered) {
      List<EndRead> ends = new ArrayList<>();
      for (TailedFile file : files) {
        boolean isFinal = file.isGone && !file.hasUnread() && file.batchesInFlight() == 0;
        ends.add(new EndRead(file.path(), file.position(), isFinal));
      }
      for (Position position : remembered.all()) {
        ends.add(new EndRead(position.path(), position, true));
      }
      return ends;
    }
  }

  private enum State {
    /** Not compressed, in spite of its name. */
    PLAIN,
    WHOLE,
    /** Not whole, or what it was made of is still read. */
    AWAITED,
    /** It was there when following began at the end of files. */
    LEFT_OUT
  }

  private record Archive(FileFacts packed, State state, long inflatedBytes, Position readBefore) {}

  ArchivedFiles(FileAccess plain, Supplier<List<EndRead>> endsRead) {
    this.plain = plain;
    this.endsRead = endsRead;
  }

  /**
   * A scan begins.
   *
   * @param leavesOutNew whether compressed files that nothing is known of are not to be read
   */
  void beginScan(boolean leavesOutNew) {
    scanEndsNanos = System.nanoTime() + SCAN_NANOS;
    isNewLeftOut = leavesOutNew;
  }

  /** The position up to which the content of a compressed file was read before, or null. */
  Position readBefore(FileId id) {
    Archive archive = archives.get(id);
    return archive == null ? null : archive.readBefore();
  }

  @Override
  public FileFacts stat(Path path) throws IOException {
    FileFacts facts = plain.stat(path);
    if (facts == null || !facts.isRegular() || !isArchiveName(path)) {
      return facts;
    }
    Archive known = archives.get(facts.id());
    boolean isCurrent =
        known != null
            && known.packed().sizeBytes() == facts.sizeBytes()
            && known.packed().modifiedNanos() == facts.modifiedNanos();
    if (!isCurrent || (known.state() == State.AWAITED && isOriginalAwaited(known))) {
      if (System.nanoTime() - scanEndsNanos > 0) {
        if (isNewLeftOut && putOff.size() < MAX_ARCHIVES) {
          putOff.add(facts.id());
        }
        return NOT_NOW;
      }
      known = lookInto(path, facts);
      archives.put(facts.id(), known);
    }
    return switch (known.state()) {
      case PLAIN -> facts;
      case AWAITED, LEFT_OUT -> null;
      case WHOLE ->
          new FileFacts(facts.id(), known.inflatedBytes(), facts.modifiedNanos(), true, false);
    };
  }

  /** Whether only its original keeps it from being read. */
  private static boolean isOriginalAwaited(Archive archive) {
    return archive.inflatedBytes() >= 0;
  }

  private static boolean isArchiveName(Path path) {
    String name = path.getFileName().toString();
    return name.endsWith(".gz") || name.endsWith(".zst");
  }

  private static Path original(Path path) {
    String name = path.getFileName().toString();
    return path.resolveSibling(name.substring(0, name.lastIndexOf('.')));
  }

  private Archive lookInto(Path path, FileFacts facts) throws IOException {
    List<EndRead> ends = endsRead.get();
    boolean isKnown =
        ends.stream()
            .anyMatch(
                end -> end.position().inode() == facts.id().inode() && end.path().equals(path));
    Path original = original(path);
    if (plain.stat(original) != null) {
      // What compresses it removes it at the end.
      return new Archive(facts, State.AWAITED, 0, null);
    }
    if (facts.sizeBytes() < MAGIC_BYTES) {
      return new Archive(facts, State.AWAITED, -1, null);
    }
    try (FileContent content = FileContent.open(path)) {
      if (content.compression() == Compression.NONE) {
        return new Archive(facts, State.PLAIN, 0, null);
      }
      List<EndRead> byPosition =
          ends.stream()
              .filter(end -> end.position().position() > 0 && end.position().mark().isKnown())
              .sorted(Comparator.comparingLong(end -> end.position().position()))
              .toList();
      Inflated inflated = inflate(content, byPosition);
      EndRead best = inflated.best();
      if (best != null && !best.isFinal() && !best.path().equals(path)) {
        return new Archive(facts, State.AWAITED, inflated.bytes(), null);
      }
      if (best == null && !isKnown && (isNewLeftOut || putOff.contains(facts.id()))) {
        return new Archive(facts, State.LEFT_OUT, inflated.bytes(), null);
      }
      return new Archive(
          facts, State.WHOLE, inflated.bytes(), best == null ? null : best.position());
    } catch (MalformedFileException e) {
      return new Archive(facts, State.AWAITED, -1, null);
    }
  }

  private record Inflated(long bytes, EndRead best) {}

  /** Inflates all of it, and finds the last position before which the bytes are known. */
  private static Inflated inflate(FileContent content, List<EndRead> ends) throws IOException {
    byte[] chunk = new byte[Mark.MAX_BYTES + CHUNK_BYTES];
    int carried = 0;
    long position = 0;
    int next = 0;
    EndRead best = null;
    while (true) {
      int read = content.read(chunk, carried, chunk.length - carried);
      if (read < 0) {
        return new Inflated(position, best);
      }
      int filled = carried + read;
      position += read;
      while (next < ends.size() && ends.get(next).position().position() <= position) {
        EndRead end = ends.get(next++);
        int offset = filled - (int) (position - end.position().position());
        if (end.position().mark().matches(chunk, offset)) {
          best = end;
        }
      }
      int kept = Math.min(filled, Mark.MAX_BYTES);
      System.arraycopy(chunk, filled - kept, chunk, 0, kept);
      carried = kept;
    }
  }

  @Override
  public List<String> list(Path directory) throws IOException {
    return plain.list(directory);
  }

  @Override
  public boolean isRealDirectory(Path path) {
    return plain.isRealDirectory(path);
  }

  @Override
  public OpenedFile open(Path path) throws IOException {
    if (!isArchiveName(path)) {
      return plain.open(path);
    }
    FileFacts facts = plain.stat(path);
    Archive archive = facts == null ? null : archives.get(facts.id());
    return archive == null || archive.state() == State.PLAIN
        ? plain.open(path)
        : new InflatedFile(FileContent.open(path), archive.inflatedBytes());
  }

  /**
   * The content of a compressed file. What was inflated last is kept, since a reader steps back a
   * little from block to block; a longer step back inflates all of it again.
   */
  private static final class InflatedFile implements OpenedFile {
    private static final int KEPT_BYTES = 1 << 20;

    private final FileContent content;
    private final long sizeBytes;

    /** Null while nothing is read: thousands of finished ones may be open. */
    private byte[] kept;

    private long keptFrom;
    private int keptBytes;

    InflatedFile(FileContent content, long sizeBytes) {
      this.content = content;
      this.sizeBytes = sizeBytes;
    }

    @Override
    public long sizeBytes() {
      return sizeBytes;
    }

    @Override
    public int read(ByteBuffer target, long position) throws IOException {
      if (position >= keptFrom && position < keptFrom + keptBytes) {
        int offset = (int) (position - keptFrom);
        int count = Math.min(target.remaining(), keptBytes - offset);
        target.put(kept, offset, count);
        return count;
      }
      boolean isNext = kept != null && position == keptFrom + keptBytes;
      if (!isNext) {
        if (kept == null) {
          kept = new byte[KEPT_BYTES];
        }
        keptFrom = position;
        keptBytes = 0;
        content.seek(position);
      } else if (keptBytes == kept.length) {
        int half = kept.length / 2;
        System.arraycopy(kept, half, kept, 0, kept.length - half);
        keptFrom += half;
        keptBytes -= half;
      }
      int count = content.read(kept, keptBytes, kept.length - keptBytes);
      if (count <= 0) {
        kept = null;
        keptBytes = 0;
        return -1;
      }
      int copied = Math.min(count, target.remaining());
      target.put(kept, keptBytes, copied);
      keptBytes += count;
      return copied;
    }

    @Override
    public void close() throws IOException {
      content.close();
    }
  }
}
