/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.taildir;

import io.millrace.api.EncodedHeaders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * State of one followed file, from its first byte to its truncation: a file that starts over is a
 * new object, so that answers for the old lines never move the new position. Confined to the
 * source's thread.
 */
final class TailedFile {
  private final FileId id;
  private final long ordinal;
  private FileGroup group;
  private Path path;
  private EncodedHeaders headers;

  /** Lines before this position have been emitted. */
  private long readPosition;

  private Mark readMark;

  /** Lines before this position have been accepted by the channels. */
  private long confirmedPosition;

  private Mark confirmedMark;
  private int batchesInFlight;

  FileAccess.OpenedFile handle;
  long sizeBytes;
  long modifiedNanos;
  long lastChangeNanos;

  /** No line feed stands in {@code [readPosition, searchedTo)}. */
  long searchedTo;

  /** Whether no followed path leads to it any more; it is read to its end and left. */
  boolean isGone;

  /** Whether it is followed only because the position file says so, and that is not proven yet. */
  boolean isStray;

  /** Whether its unfinished last line is to be delivered. */
  boolean isFlushDue;

  /** Whether its last whole line ends an event, though more lines may come. */
  boolean isEventDue;

  /** Its size when that was so last. */
  long eventDueSizeBytes = -1;

  /** Whether it waits to be read. */
  boolean isQueued;

  /** Whether the last try to read it failed. */
  boolean hasFailed;

  /** Whether its failure has been said; cleared when it can be read again. */
  boolean isFailureSaid;

  TailedFile(FileId id, long ordinal, FileGroup group, Path path, StartPosition start) {
    this.id = id;
    this.ordinal = ordinal;
    this.group = group;
    this.path = path;
    this.readPosition = start.position();
    this.readMark = start.mark();
    this.confirmedPosition = readPosition;
    this.confirmedMark = readMark;
    this.searchedTo = readPosition;
  }

  /** The same file from its beginning; takes over the handle. */
  TailedFile startOver() {
    TailedFile fresh = new TailedFile(id, ordinal, group, path, StartPosition.BEGINNING);
    fresh.handle = handle;
    fresh.sizeBytes = sizeBytes;
    fresh.modifiedNanos = modifiedNanos;
    fresh.lastChangeNanos = lastChangeNanos;
    fresh.isGone = isGone;
    handle = null;
    return fresh;
  }

  FileId id() {
    return id;
  }

  /** Number in the order of discovery. */
  long ordinal() {
    return ordinal;
  }

  FileGroup group() {
    return group;
  }

  Path path() {
    return path;
  }

  long readPosition() {
    return readPosition;
  }

  Mark readMark() {
    return readMark;
  }

  long confirmedPosition() {
    return confirmedPosition;
  }

  int batchesInFlight() {
    return batchesInFlight;
  }

  boolean isOpen() {
    return handle != null;
  }

  Position position() {
    return new Position(id.inode(), confirmedPosition, path, confirmedMark);
  }

  /** Whether bytes wait behind the read position, a whole line or not. */
  boolean hasUnread() {
    return sizeBytes > readPosition;
  }

  void moveTo(FileGroup newGroup, Path newPath) {
    group = newGroup;
    path = newPath;
    headers = null;
    isGone = false;
  }

  /** Headers of its events, but for the byte offset. */
  EncodedHeaders headers(boolean withFile, String fileKey) {
    if (headers == null) {
      headers = EncodedHeaders.of(headerMap(withFile, fileKey));
    }
    return headers;
  }

  Map<String, String> headerMap(boolean withFile, String fileKey) {
    Map<String, String> map = new LinkedHashMap<>(group.headers());
    if (withFile) {
      map.put(fileKey, path.toString());
    }
    return map;
  }

  /** The reader goes on behind a line; the mark is stale until it is learnt anew. */
  void advanceTo(long position) {
    readPosition = position;
    searchedTo = position;
  }

  /** What stands before the read position. */
  void learnMark(Mark mark) {
    readMark = mark;
    if (confirmedPosition == readPosition) {
      confirmedMark = mark;
    }
  }

  /** The reader goes on behind bytes that are no line, while no line waits to be emitted. */
  void skipTo(long position, Mark mark) {
    advanceTo(position);
    readMark = mark;
    settleIfIdle();
  }

  void emitted() {
    batchesInFlight++;
  }

  /** The channels answered for all lines before {@code position}. */
  void confirm(long position, Mark mark) {
    batchesInFlight--;
    confirmedPosition = position;
    confirmedMark = mark;
    settleIfIdle();
  }

  private void settleIfIdle() {
    if (batchesInFlight == 0) {
      confirmedPosition = readPosition;
      confirmedMark = readMark;
    }
  }

  /** Closes the handle; what that throws is of no consequence for a file that is only read. */
  void close() {
    if (handle != null) {
      try {
        handle.close();
      } catch (IOException e) {
        // Nothing was written through it.
      }
      handle = null;
    }
  }
}
