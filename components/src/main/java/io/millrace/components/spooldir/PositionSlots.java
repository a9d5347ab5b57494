/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spooldir;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.millrace.kit.file.WholeFile;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The position file: how far each file in work was delivered. Two slots of {@link #SLOT_BYTES};
 * what was written last counts, and the slot that was synced last is never written to before the
 * other one is synced. So every position survives a kill, without a sync for each, and a power cut
 * costs at most the positions since the last sync.
 *
 * <pre>
 *   file = slot slot
 *   slot = magic(8) sequence(8) length(4) crc32c(4) json        big-endian; the rest is not looked at
 *   json = [{"path":"a/b.log","dev":1,"ino":2,"size":3,"mtime":4,"mark":5,"events":6,"done":false},...]
 * </pre>
 *
 * <p>The checksum covers sequence, length and json. Confined to the source's thread.
 */
final class PositionSlots implements Closeable {
  static final int SLOT_BYTES = 1 << 20;

  private static final long MAGIC = 0x4d52_5350_4f4f_4c31L;
  private static final int HEADER_BYTES = 24;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final FileChannel channel;
  private final List<SavedPosition> loaded;
  private final boolean isDamaged;
  private long sequence;
  private int openSlot;
  private boolean isUnsynced;

  private PositionSlots(FileChannel channel) throws IOException {
    this.channel = channel;
    Slot first = read(0);
    Slot second = read(1);
    Slot newest = first.sequence >= second.sequence ? first : second;
    this.sequence = Math.max(0, newest.sequence);
    this.openSlot = newest == first ? 1 : 0;
    this.loaded = newest.positions;
    this.isDamaged = newest.sequence < 0 && channel.size() > 0;
    // What a kill has left may be in memory only: from here on it is the synced slot.
    channel.force(false);
  }

  private record Slot(long sequence, List<SavedPosition> positions) {
    static final Slot NONE = new Slot(-1, List.of());
  }

  /**
   * Opens the file for one source.
   *
   * @return null when another source has it
   */
  static PositionSlots open(Path file) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() == null) {
        channel.close();
        return null;
      }
      PositionSlots slots = new PositionSlots(channel);
      WholeFile.syncDirectory(file.toAbsolutePath().getParent());
      return slots;
    } catch (OverlappingFileLockException e) {
      channel.close();
      return null;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** The positions that an earlier run has left. */
  List<SavedPosition> loaded() {
    return loaded;
  }

  /** Whether there was a file, and nothing in it could be read. */
  boolean isDamaged() {
    return isDamaged;
  }

  /** Writes the positions; they survive a kill when this returns. */
  void write(Collection<SavedPosition> positions) throws IOException {
    byte[] json = encode(positions);
    if (json.length > SLOT_BYTES - HEADER_BYTES) {
      throw new IOException(
          positions.size() + " positions take " + json.length + " bytes (expected: 1 MiB at most)");
    }
    sequence++;
    ByteBuffer slot = ByteBuffer.allocate(HEADER_BYTES + json.length);
    slot.putLong(MAGIC).putLong(sequence).putInt(json.length).putInt(crc(sequence, json)).put(json);
    slot.flip();
    long position = (long) openSlot * SLOT_BYTES;
    while (slot.hasRemaining()) {
      position += channel.write(slot, position);
    }
    isUnsynced = true;
  }

  /** Makes what was written last survive a power cut. */
  void sync() throws IOException {
    if (isUnsynced) {
      channel.force(false);
      openSlot = 1 - openSlot;
      isUnsynced = false;
    }
  }

  boolean isUnsynced() {
    return isUnsynced;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private Slot read(int index) throws IOException {
    long position = (long) index * SLOT_BYTES;
    ByteBuffer header = read(position, HEADER_BYTES);
    if (header.remaining() < HEADER_BYTES || header.getLong() != MAGIC) {
      return Slot.NONE;
    }
    long slotSequence = header.getLong();
    int length = header.getInt();
    int crc = header.getInt();
    if (slotSequence < 0 || length < 0 || length > SLOT_BYTES - HEADER_BYTES) {
      return Slot.NONE;
    }
    ByteBuffer content = read(position + HEADER_BYTES, length);
    byte[] json = new byte[content.remaining()];
    content.get(json);
    if (json.length != length || crc(slotSequence, json) != crc) {
      return Slot.NONE;
    }
    return new Slot(slotSequence, decode(json));
  }

  private ByteBuffer read(long position, int bytes) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(bytes);
    while (target.hasRemaining()) {
      if (channel.read(target, position + target.position()) < 0) {
        break;
      }
    }
    return target.flip();
  }

  private static int crc(long sequence, byte[] json) {
    CRC32C crc = new CRC32C();
    crc.update(ByteBuffer.allocate(12).putLong(sequence).putInt(json.length).flip());
    crc.update(json);
    return (int) crc.getValue();
  }

  private static byte[] encode(Collection<SavedPosition> positions) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 + 200 * positions.size());
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartArray();
      for (SavedPosition position : positions) {
        json.writeStartObject();
        json.writeStringField("path", position.path());
        if (position.facts() != null) {
          json.writeNumberField("dev", position.facts().device());
          json.writeNumberField("ino", position.facts().inode());
          json.writeNumberField("size", position.facts().sizeBytes());
          json.writeNumberField("mtime", position.facts().modifiedNanos());
        }
        json.writeNumberField("mark", position.mark());
        json.writeNumberField("events", position.events());
        json.writeBooleanField("done", position.isFinished());
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    return bytes.toByteArray();
  }

  private static List<SavedPosition> decode(byte[] json) throws IOException {
    List<SavedPosition> positions = new ArrayList<>();
    for (JsonNode entry : JSON.readTree(json)) {
      FileFacts facts =
          entry.has("ino")
              ? new FileFacts(
                  entry.path("dev").asLong(),
                  entry.path("ino").asLong(),
                  entry.path("size").asLong(),
                  entry.path("mtime").asLong(),
                  true,
                  false,
                  false)
              : null;
      positions.add(
          new SavedPosition(
              entry.path("path").asText(),
              facts,
              entry.path("mark").asLong(),
              entry.path("events").asLong(),
              entry.path("done").asBoolean()));
    }
    return positions;
  }
}
