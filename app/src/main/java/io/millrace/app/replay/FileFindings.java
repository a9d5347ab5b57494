/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.kit.log.LogText;
import java.util.Locale;

/** What is found in one file. Confined to one thread. */
final class FileFindings {
  private final Findings findings;
  private final int fileIndex;
  private final StoredFile file;

  FileFindings(Findings findings, int fileIndex, StoredFile file) {
    this.findings = findings;
    this.fileIndex = fileIndex;
    this.file = file;
  }

  void damaged(long position, long endPosition, long events) {
    String lost =
        events == Finding.UNKNOWN_EVENTS
            ? "how many events stood there is not known"
            : String.format(Locale.ROOT, "%,d event%s lost", events, events == 1 ? " is" : "s are");
    add(
        Finding.Kind.DAMAGED,
        events,
        "damaged from byte %,d to %,d; %s, reading went on behind it",
        position,
        endPosition,
        lost);
  }

  /** The end of the file is no whole record. */
  void unfinished(long position, long endPosition) {
    if (file.isLive()) {
      add(Finding.Kind.STILL_WRITTEN, 0, "is being written to; read up to byte %,d", position);
    } else {
      add(
          Finding.Kind.UNFINISHED,
          Finding.UNKNOWN_EVENTS,
          "the last %,d bytes, from byte %,d on, are a record without its end, as a crash leaves it",
          endPosition - position,
          position);
    }
  }

  void noEvent(long line, String why) {
    add(Finding.Kind.DAMAGED, 1, "line %,d %s; it was passed over", line, why);
  }

  void missing() {
    add(
        Finding.Kind.MISSING,
        Finding.UNKNOWN_EVENTS,
        "is gone since the replay was begun; what it held of the window was not sent");
  }

  void shorter(long bytes) {
    add(
        Finding.Kind.MISSING,
        Finding.UNKNOWN_EVENTS,
        "has %,d bytes (expected: %,d, as when the replay was begun)",
        bytes,
        file.bytes());
  }

  void unreadable(Exception failure) {
    add(
        Finding.Kind.UNREADABLE,
        Finding.UNKNOWN_EVENTS,
        "could not be read to its end: %s",
        LogText.of(failure.toString()));
  }

  private void add(Finding.Kind kind, long events, String text, Object... values) {
    findings.add(
        new Finding(
            fileIndex,
            kind,
            events,
            LogText.of(file.name()) + ": " + String.format(Locale.ROOT, text, values)));
  }
}
