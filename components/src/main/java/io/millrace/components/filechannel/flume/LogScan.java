/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.util.function.Consumer;

/** Reads a data file from its start, record by record. Confined to one thread. */
abstract class LogScan implements Closeable {
  /** Space is allocated ahead and filled with this byte: the data end here. */
  static final int FILLER = 0x80;

  private final LogFile file;
  private final Consumer<Damage> damages;
  protected final FileWindow window;
  protected long position;
  private boolean isEnded;

  LogScan(LogFile file, FileWindow window, Consumer<Damage> damages, long firstPosition) {
    this.file = file;
    this.window = window;
    this.damages = damages;
    this.position = firstPosition;
  }

  static LogScan open(LogFile file, Disk disk, Consumer<Damage> damages) throws IOException {
    FileWindow window = FileWindow.open(disk, file.path());
    return switch (file.format()) {
      case V2 -> new V2Scan(file, window, damages);
      case V3 -> new V3Scan(file, window, damages);
      case UNKNOWN -> new UnknownScan(file, window, damages);
    };
  }

  /**
   * Moves on to the next record; false at the end. What cannot be read is reported and passed over,
   * with the rest of the file if need be.
   *
   * @throws IOException if the disk fails
   */
  final boolean next(LogRecord record) throws IOException {
    while (!isEnded && position < window.fileBytes()) {
      try {
        if (window.byteAt(position) == FILLER) {
          break;
        }
        if (read(record)) {
          return true;
        }
      } catch (UndecodableException e) {
        skipRest(e.getMessage());
      }
    }
    isEnded = true;
    return false;
  }

  /**
   * Reads the record at {@link #position} and moves behind it; false if there is none to process.
   *
   * @throws UndecodableException if the rest of the file is to be passed over
   */
  abstract boolean read(LogRecord record) throws IOException, UndecodableException;

  long position() {
    return position;
  }

  protected final LogFile file() {
    return file;
  }

  /** Passes over what is left of the file. */
  final void skipRest(String what) {
    damaged(window.fileBytes() - position, what + "; the rest of the file is passed over");
    isEnded = true;
  }

  protected final void damaged(long lengthBytes, String what) {
    damages.accept(new Damage(file.path(), position, lengthBytes, what));
  }

  @Override
  public void close() throws IOException {
    window.close();
  }

  /** A file that begins with a header of 24 bytes. */
  private static final class V2Scan extends LogScan {
    private static final int HEADER_BYTES = 24;

    V2Scan(LogFile file, FileWindow window, Consumer<Damage> damages) {
      super(file, window, damages, HEADER_BYTES);
    }

    @Override
    boolean read(LogRecord record) throws IOException, UndecodableException {
      position = V2Record.parse(window, file().id(), position, record);
      return true;
    }
  }

  private static final class UnknownScan extends LogScan {
    UnknownScan(LogFile file, FileWindow window, Consumer<Damage> damages) {
      super(file, window, damages, 0);
    }

    @Override
    boolean read(LogRecord record) throws UndecodableException {
      throw new UndecodableException(
          "its metadata are lost, and it holds no plain records (was it encrypted?)");
    }
  }
}
