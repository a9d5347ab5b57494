/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.api.EventDeserializer.MalformedFileException;
import io.millrace.components.content.FileContent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
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
 * <p>Bounds: facts of {@link #MAX_ARCHIVES} files; {@link #SCAN_NANOS} of inflating a scan, one
 * file at a time. A long one takes many scans, between which all others are read.
 */
final class ArchivedFiles implements FileAccess {
  static final int MAX_ARCHIVES = 100_000;
  static final long SCAN_NANOS = 500_000_000;

  /** What is cut short or damaged, and did not change for so long, is not being written. */
  static final long BROKEN_NANOS = Duration.ofMinutes(10).toNanos();

  private static final int MAX_BROKEN = 1000;

  /** What {@link #stat} says of a file that was not looked into yet. */
  static final FileFacts NOT_NOW = new FileFacts(new FileId(-1, -1), 0, 0, false, false);

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

  /** Found by the first scan, which had no time for them, as they were: inodes are used again. */
  private final Map<FileId, FileFacts> putOff = new HashMap<>();

  /** What could not be inflated, until that is said. */
  private final Map<FileId, Broken> broken =
      new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<FileId, Broken> eldest) {
          return size() > MAX_BROKEN;
        }
      };

  private final Troubles troubles;
  private final LongSupplier nanoTime;
  private final BooleanSupplier isStopping;
  private long inflatingNanosLeft;
  private boolean isNewLeftOut;
  private boolean hasPutOff;

  /** The file that is being inflated, or null. */
  private Inflation inflation;

  private boolean isInflationSeen;

  /** While a scan looks, nothing is read, so that they stay as they are. */
  private EndsRead endsInScan;

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

  private record Broken(FileFacts packed, long sinceNanos, MalformedFileException reason) {}

  /** All that is known of what was read. */
  private record EndsRead(List<EndRead> byPosition, Set<FileName> known, Set<Path> unread) {
    /** A file under a name: inodes are given to others. */
    private record FileName(long inode, Path path) {}

    /** In a scan that did not ask for them yet. */
    static final EndsRead NONE_YET = new EndsRead(List.of(), Set.of(), Set.of());

    static EndsRead of(List<EndRead> all) {
      List<EndRead> byPosition = new ArrayList<>();
      Set<FileName> known = new HashSet<>();
      Set<Path> unread = new HashSet<>();
      for (EndRead end : all) {
        known.add(new FileName(end.position().inode(), end.path()));
        if (!end.isFinal()) {
          unread.add(end.path());
        }
        if (end.position().position() > 0 && end.position().mark().isKnown()) {
          byPosition.add(end);
        }
      }
      byPosition.sort(Comparator.comparingLong(end -> end.position().position()));
      return new EndsRead(byPosition, known, unread);
    }

    boolean isKnown(FileId id, Path path) {
      return known.contains(new FileName(id.inode(), path));
    }
  }

  /**
   * @param isStopping ends a long step back in a compressed file that is read
   */
  ArchivedFiles(
      FileAccess plain,
      Supplier<List<EndRead>> endsRead,
      Troubles troubles,
      LongSupplier nanoTime,
      BooleanSupplier isStopping) {
    this.plain = plain;
    this.endsRead = endsRead;
    this.troubles = troubles;
    this.nanoTime = nanoTime;
    this.isStopping = isStopping;
  }

  /**
   * A scan begins.
   *
   * @param leavesOutNew whether compressed files that nothing is known of are not to be read
   */
  void beginScan(boolean leavesOutNew) {
    inflatingNanosLeft = SCAN_NANOS;
    isNewLeftOut = leavesOutNew;
    hasPutOff = false;
    endsInScan = EndsRead.NONE_YET;
    if (inflation != null && !isInflationSeen) {
      // It went away.
      endInflation();
    }
    isInflationSeen = false;
  }

  /** All names were looked at; files are read from here on. */
  void endScan() {
    endsInScan = null;
  }

  /** Whether a file is being inflated, and goes on with the next scan. */
  boolean isInflating() {
    return inflation != null;
  }

  /** Whether a file was not looked into since the scan began, for there was no time. */
  boolean hasPutOff() {
    return hasPutOff;
  }

  /** Ends what goes on. */
  void close() {
    endInflation();
  }

  /** The position up to which the content of a compressed file was read before, or null. */
  Position readBefore(FileId id) {
    Archive archive = archives.get(id);
    return archive == null ? null : archive.readBefore();
  }

  /** Whether this is a compressed file that is read. */
  boolean isWhole(FileId id) {
    Archive archive = archives.get(id);
    return archive != null && archive.state() == State.WHOLE;
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
      Archive found = lookInto(path, facts);
      if (found == null) {
        hasPutOff = true;
        if (isNewLeftOut && putOff.size() < MAX_ARCHIVES) {
          putOff.put(facts.id(), facts);
        }
        return NOT_NOW;
      }
      known = found;
      archives.put(facts.id(), known);
    }
    sayIfBroken(path, facts);
    return switch (known.state()) {
      case PLAIN -> facts;
      case AWAITED, LEFT_OUT -> null;
      case WHOLE ->
          new FileFacts(facts.id(), known.inflatedBytes(), facts.modifiedNanos(), true, false);
    };
  }

  /** Says once of a file that it will not be whole. */
  private void sayIfBroken(Path path, FileFacts facts) {
    Broken found = broken.get(facts.id());
    if (found == null) {
      return;
    }
    if (!found.packed().equals(facts)) {
      broken.remove(facts.id());
    } else if (nanoTime.getAsLong() - found.sinceNanos() >= BROKEN_NANOS) {
      broken.remove(facts.id());
      troubles.notInflated(path, found.reason());
    }
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

  private EndsRead endsRead() {
    if (endsInScan == null) {
      return EndsRead.of(endsRead.get());
    }
    if (endsInScan == EndsRead.NONE_YET) {
      endsInScan = EndsRead.of(endsRead.get());
    }
    return endsInScan;
  }

  /** What the file is; null when there was no time to find out. */
  private Archive lookInto(Path path, FileFacts facts) throws IOException {
    boolean isInWork = inflation != null && inflation.id().equals(facts.id());
    isInflationSeen |= isInWork;
    if (isInWork && !inflation.isCurrent(facts)) {
      endInflation();
    }
    if (inflatingNanosLeft <= 0 || (inflation != null && !isInWork)) {
      return null;
    }
    Path original = original(path);
    if (plain.stat(original) != null || endsRead().unread().contains(original)) {
      // What compresses it removes it at the end; what is open of it is read first.
      return new Archive(facts, State.AWAITED, 0, null);
    }
    if (facts.sizeBytes() < MAGIC_BYTES) {
      return new Archive(facts, State.AWAITED, -1, null);
    }
    long beginNanos = nanoTime.getAsLong();
    try {
      if (inflation == null) {
        inflation = new Inflation(path, facts, endsRead().byPosition());
        isInflationSeen = true;
      }
      return inflate(path, facts, beginNanos);
    } catch (MalformedFileException e) {
      boolean isLong =
          inflation != null && inflation.inflatedBytes() > FileContent.MAX_UNSUSPECTED_BYTES;
      endInflation();
      if (isLong || e.getCause() instanceof FileContent.RatioExceededException) {
        troubles.notInflated(path, e);
      } else {
        // Mostly it is still written.
        broken.put(facts.id(), new Broken(facts, beginNanos, e));
      }
      return new Archive(facts, State.AWAITED, -1, null);
    } catch (IOException e) {
      endInflation();
      throw e;
    } finally {
      inflatingNanosLeft -= nanoTime.getAsLong() - beginNanos;
    }
  }

  private Archive inflate(Path path, FileFacts facts, long beginNanos) throws IOException {
    if (!inflation.isCompressed()) {
      endInflation();
      return new Archive(facts, State.PLAIN, 0, null);
    }
    long endNanos = beginNanos + inflatingNanosLeft;
    if (!inflation.advance(
        () -> isStopping.getAsBoolean() || nanoTime.getAsLong() - endNanos >= 0)) {
      troubles.inflating(path, inflation.inflatedBytes());
      return null;
    }
    EndRead best = inflation.best();
    long inflatedBytes = inflation.inflatedBytes();
    endInflation();
    if (best != null && !best.isFinal() && !best.path().equals(path)) {
      return new Archive(facts, State.AWAITED, inflatedBytes, null);
    }
    boolean isKnown = endsRead().isKnown(facts.id(), path);
    if (best == null && !isKnown && (isNewLeftOut || facts.equals(putOff.get(facts.id())))) {
      return new Archive(facts, State.LEFT_OUT, inflatedBytes, null);
    }
    return new Archive(facts, State.WHOLE, inflatedBytes, best == null ? null : best.position());
  }

  private void endInflation() {
    if (inflation != null) {
      inflation.close();
      inflation = null;
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
        : new InflatedFile(FileContent.open(path, isStopping), archive.inflatedBytes());
  }
}
