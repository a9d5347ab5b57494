/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.channel;

import io.millrace.api.EventSerializer;
import io.millrace.api.EventView;
import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Locale;

/**
 * Writes events into numbered files of a directory. A file gets its name when it is complete and
 * synced. Confined to one thread.
 */
final class EventFiles implements Closeable {
  private static final String UNFINISHED = ".tmp";
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path directory;
  private final ExportFormat format;
  private final long rollBytes;
  private int number;
  private Path file;
  private FileChannel channel;
  private OutputStream out;
  private EventSerializer serializer;
  private long fileBytes;
  private long events;
  private long totalBytes;
  private int fileCount;

  EventFiles(Path directory, ExportFormat format, long rollBytes) {
    this.directory = directory;
    this.format = format;
    this.rollBytes = rollBytes;
  }

  long events() {
    return events;
  }

  long totalBytes() {
    return totalBytes;
  }

  int fileCount() {
    return fileCount;
  }

  void write(int laneIndex, long sequence, EventView event) throws IOException {
    if (channel != null && fileBytes >= rollBytes) {
      finish();
    }
    if (channel == null) {
      begin();
    }
    if (serializer == null) {
      byte[] line = EventJson.of(laneIndex, sequence, true, event).getBytes(StandardCharsets.UTF_8);
      out.write(line);
      out.write('\n');
      fileBytes += line.length + 1;
    } else {
      serializer.write(event);
      // Near enough: what a format adds to an event is little.
      fileBytes += event.encodedBytes();
    }
    events++;
  }

  /** Never over a file that is there: an earlier export's, maybe. */
  private void begin() throws IOException {
    do {
      number++;
      file =
          directory.resolve(String.format(Locale.ROOT, "events-%06d.%s", number, format.suffix()));
    } while (Files.exists(file) || Files.exists(unfinished()));
    channel =
        FileChannel.open(unfinished(), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    out = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER_BYTES);
    fileBytes = 0;
    if (format != ExportFormat.JSON) {
      serializer = format.serializer().open(out);
      serializer.begin();
    }
  }

  private Path unfinished() {
    return file.resolveSibling(file.getFileName() + UNFINISHED);
  }

  private void finish() throws IOException {
    if (serializer != null) {
      serializer.end();
    }
    out.flush();
    totalBytes += channel.size();
    channel.force(true);
    channel.close();
    channel = null;
    Files.move(unfinished(), file, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel entries = FileChannel.open(directory, StandardOpenOption.READ)) {
      entries.force(true);
    }
    fileCount++;
  }

  /** Completes the last file. */
  void complete() throws IOException {
    if (channel != null) {
      finish();
    }
  }

  /** Leaves an unfinished file under its temporary name. */
  @Override
  public void close() throws IOException {
    if (channel != null) {
      channel.close();
      channel = null;
    }
  }
}
