/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/**
 * Writes the numbered lines of one stream to a file, as an application does to its log, and rotates
 * it. Confined to one thread at a time.
 */
final class LogWriter {
  private final Ledger ledger;
  private final String stream;
  private final Path file;
  private int lastNumber;
  private int rotations;

  LogWriter(Ledger ledger, String stream, Path file) {
    this.ledger = ledger;
    this.stream = stream;
    this.file = file;
  }

  void append(int lineCount) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= lineCount; i++) {
      text.append(Ledger.line(stream, lastNumber + i)).append('\n');
    }
    try {
      Files.writeString(
          file,
          text,
          StandardCharsets.US_ASCII,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException("Log file " + file, e);
    }
    lastNumber += lineCount;
    ledger.wrote(stream, lastNumber, text.length());
  }

  /** The file gets another name in its directory; the next line begins a new one. */
  void rotateByRename() {
    try {
      Files.move(file, rotated(), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("Rotation of " + file, e);
    }
  }

  /** The file is copied and emptied. What a reader had not read by then only the copy has. */
  void rotateByCopyTruncate() {
    try {
      Files.copy(file, rotated());
      Files.newByteChannel(file, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)
          .close();
    } catch (IOException e) {
      throw new UncheckedIOException("Rotation of " + file, e);
    }
  }

  private Path rotated() {
    rotations++;
    return file.resolveSibling(file.getFileName() + "." + rotations);
  }
}
