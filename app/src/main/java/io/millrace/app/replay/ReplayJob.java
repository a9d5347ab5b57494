/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * One replay from its first run to its last: what it sends, under which identity. Each event has a
 * number that stays the same however often the job is resumed: the place of its file in {@code
 * files}, and how many selected events stand before it there. Immutable.
 *
 * @param journal identity towards servers, as that of a channel's journal
 * @param session as that of one opening of the journal; stays, for there is one writer
 * @param fromText as it was given, to find out whether a later call means the same
 * @param begunMillis when it was begun, since 1970
 */
record ReplayJob(
    int version,
    UUID journal,
    long session,
    String directory,
    String fromText,
    String untilText,
    Map<String, String> headers,
    String format,
    ReplayWindow window,
    long begunMillis,
    List<StoredFile> files,
    List<Finding> foreign,
    int passedOver) {
  static final int VERSION = 1;

  /** Bits of an event's number in its file; above them is the file's. */
  static final int EVENT_BITS = 40;

  static final int MAX_FILES = 1 << (62 - EVENT_BITS);

  ReplayJob {
    Objects.requireNonNull(journal, "journal");
    headers = Map.copyOf(headers);
    files = List.copyOf(files);
    foreign = List.copyOf(foreign);
    if (files.size() > MAX_FILES) {
      throw new IllegalArgumentException(
          "files: " + files.size() + " (expected: at most " + MAX_FILES + ")");
    }
  }

  static long sequence(int fileIndex, long event) {
    return (long) fileIndex << EVENT_BITS | event;
  }

  static int fileIndex(long sequence) {
    return (int) (sequence >>> EVENT_BITS);
  }

  static long event(long sequence) {
    return sequence & ((1L << EVENT_BITS) - 1);
  }

  long totalBytes() {
    return files.stream().mapToLong(StoredFile::bytes).sum();
  }

  /** Bytes of the files before this one. */
  long bytesBefore(int fileIndex) {
    return files.subList(0, Math.min(fileIndex, files.size())).stream()
        .mapToLong(StoredFile::bytes)
        .sum();
  }

  /** Whether a call with these words means this job. */
  boolean isOf(ReplayRequest request) {
    return directory.equals(request.directory().toString())
        && fromText.equals(request.fromText())
        && untilText.equals(request.untilText())
        && headers.equals(request.headers())
        && format.equals(request.formatText());
  }
}
