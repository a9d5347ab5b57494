/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/** Reads events by their pointers; keeps a few files open. Confined to its owner's lock. */
final class EventReader implements Closeable {
  /** Events come from one file per data directory at a time, or a little more. */
  private static final int MAX_OPEN_FILES = 16;

  /** Enough of a payload to see whether its lengths agree. */
  private static final int MAX_START_BYTES = 64 << 10;

  /** An event is in memory a few times while it becomes a batch. */
  private static final int HEAP_SHARE = 8;

  private final LogCatalog catalog;
  private final Disk disk;

  /** In the order of their last use. */
  private final LinkedHashMap<Integer, OpenLog> openLogs = new LinkedHashMap<>(16, 0.75f, true);

  private record OpenLog(LogFile file, FileWindow window, LogCipher.Decryptor decryptor) {}

  EventReader(LogCatalog catalog, Disk disk) {
    this.catalog = catalog;
    this.disk = disk;
  }

  /** An event that cannot be read, now or ever. */
  static final class DamagedEventException extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Damage damage;

    DamagedEventException(Damage damage) {
      super(damage.message());
      this.damage = damage;
    }

    Damage damage() {
      return damage;
    }
  }

  /**
   * Writes the event that the pointer names.
   *
   * @throws IOException if the disk fails; later it may not
   */
  void read(long pointer, AvroEventWriter target) throws IOException, DamagedEventException {
    int fileId = LogRecord.fileId(pointer);
    long position = LogRecord.position(pointer);
    LogFile file = catalog.file(fileId);
    if (file == null) {
      throw new DamagedEventException(
          new Damage(Path.of("log-" + fileId), position, 0, "the file is gone"));
    }
    try {
      OpenLog log = open(file);
      if (file.format() == LogFile.Format.V2) {
        V2Record.decodeEvent(log.window(), position, target);
      } else {
        readV3(log, position, target);
      }
    } catch (UndecodableException e) {
      throw new DamagedEventException(
          new Damage(file.path(), position, lengthOf(file, position), e.getMessage()));
    } catch (NoSuchFileException e) {
      throw new DamagedEventException(new Damage(file.path(), position, 0, "the file is gone"));
    }
  }

  private OpenLog open(LogFile file) throws IOException {
    OpenLog log = openLogs.get(file.id());
    if (log == null) {
      if (openLogs.size() == MAX_OPEN_FILES) {
        Iterator<Map.Entry<Integer, OpenLog>> oldest = openLogs.entrySet().iterator();
        OpenLog unused = oldest.next().getValue();
        oldest.remove();
        unused.window().close();
      }
      LogCipher.Decryptor decryptor = file.cipher().map(LogCipher::decryptor).orElse(null);
      log = new OpenLog(file, FileWindow.open(disk, file.path()), decryptor);
      openLogs.put(file.id(), log);
    }
    return log;
  }

  private static void readV3(OpenLog log, long position, AvroEventWriter target)
      throws IOException, UndecodableException {
    FileWindow window = log.window();
    window.ensure(position, V3Scan.FRAME_BYTES);
    int op = window.byteAt(position);
    if (op != V3Scan.OP_RECORD) {
      throw new UndecodableException("a record cannot begin with the byte %02x".formatted(op));
    }
    int length = window.intAt(position + 1);
    long payload = position + V3Scan.FRAME_BYTES;
    window.requireInFile(payload, length);
    if (length > MAX_START_BYTES) {
      // Nothing is allocated on the word of a length that the payload does not bear out.
      checkStart(log, payload, length);
      checkHeap(log, position, length);
    }
    byte[] array = window.array();
    int offset;
    if (length <= FileWindow.WINDOW_BYTES) {
      offset = window.ensure(payload, length);
    } else {
      array = window.copy(payload, length);
      offset = 0;
    }
    if (log.decryptor() != null) {
      byte[] decrypted = new byte[length];
      log.decryptor().decrypt(array, offset, length, decrypted);
      array = decrypted;
      offset = 0;
    }
    V3Payload.decodeEvent(array, offset, length, target);
  }

  private static void checkStart(OpenLog log, long payload, int length)
      throws IOException, UndecodableException {
    byte[] array = log.window().array();
    int offset = log.window().ensure(payload, MAX_START_BYTES);
    if (log.decryptor() != null) {
      byte[] decrypted = new byte[MAX_START_BYTES];
      log.decryptor().decrypt(array, offset, MAX_START_BYTES, decrypted);
      array = decrypted;
      offset = 0;
    }
    V3Payload.parse(array, offset, MAX_START_BYTES, length, new LogRecord());
  }

  private static void checkHeap(OpenLog log, long position, int length) throws IOException {
    long maxBytes = Runtime.getRuntime().maxMemory() / HEAP_SHARE;
    if (length > maxBytes) {
      throw new IOException(
          log.file().path()
              + ": the event at position "
              + position
              + " has "
              + length
              + " bytes (expected: at most "
              + maxBytes
              + ", an "
              + HEAP_SHARE
              + "th of the heap). Raise the heap with -Xmx in JAVA_OPTS; until then delivery waits");
    }
  }

  /** How many bytes the record has by its own word, as far as the file has them. */
  private long lengthOf(LogFile file, long position) {
    OpenLog log = openLogs.get(file.id());
    if (log == null || file.format() == LogFile.Format.V2) {
      return 0;
    }
    try {
      long length = log.window().intAt(position + 1);
      long rest = log.window().fileBytes() - position;
      return Math.max(0, Math.min(rest, V3Scan.FRAME_BYTES + Math.max(0, length)));
    } catch (IOException | UndecodableException e) {
      return 0;
    }
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (OpenLog log : openLogs.values()) {
      try {
        log.window().close();
      } catch (IOException e) {
        failure = e;
      }
    }
    openLogs.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
