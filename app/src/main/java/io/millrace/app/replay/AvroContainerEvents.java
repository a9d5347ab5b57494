/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.replay;

import io.millrace.api.AvroBinary;
import io.millrace.api.EventBatch;
import io.millrace.api.MalformedBatchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileConstants;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableFileInput;
import org.apache.avro.generic.GenericDatumReader;

/**
 * Events of an Avro container, as the serializer {@code avro_event} writes it. Blocks are found
 * here, so that a damaged length neither takes memory nor hides what is behind it; Avro's own
 * reader unpacks them. Confined to one thread.
 */
final class AvroContainerEvents implements StoredEvents {
  /** Longest block that is read. */
  private static final int MAX_BLOCK_BYTES = 256 << 20;

  private static final int SEARCH_BYTES = 256 * 1024;
  private static final int SYNC_BYTES = 16;

  private final FileChannel file;
  private final DataFileReader<Object> reader;
  private final StoredFile stored;
  private final FileFindings findings;
  private final byte[] sync;
  private final long endPosition;
  private long position;

  AvroContainerEvents(Path path, StoredFile stored, FileFindings findings) throws IOException {
    this.stored = stored;
    this.findings = findings;
    this.file = FileChannel.open(path, StandardOpenOption.READ);
    try {
      this.reader =
          new DataFileReader<>(new SeekableFileInput(path.toFile()), new GenericDatumReader<>());
      if (!isOfEvents(reader.getSchema())) {
        reader.close();
        throw new IOException("its records are not events (expected: headers and body)");
      }
      this.endPosition = Math.min(stored.bytes(), file.size());
      this.position = reader.previousSync();
      this.sync = read(position - SYNC_BYTES, SYNC_BYTES);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw new IOException("its head cannot be used: " + e.getMessage(), e);
    }
  }

  /** Whether a container of this schema holds events. */
  static boolean isOfEvents(Schema schema) {
    return schema.getType() == Schema.Type.RECORD
        && schema.getFields().size() == 2
        && isField(schema.getFields().get(0), "headers", Schema.Type.MAP)
        && schema.getFields().get(0).schema().getValueType().getType() == Schema.Type.STRING
        && isField(schema.getFields().get(1), "body", Schema.Type.BYTES);
  }

  private static boolean isField(Schema.Field field, String name, Schema.Type type) {
    return field.name().equals(name) && field.schema().getType() == type;
  }

  @Override
  public Run next() throws IOException {
    if (position >= endPosition) {
      return null;
    }
    long begin = position;
    Frame frame = frame(begin);
    if (frame == null) {
      return skip(begin, Finding.UNKNOWN_EVENTS);
    }
    EventBatch events = unpack(begin, frame);
    if (events == null) {
      position = frame.endPosition();
      findings.damaged(begin, position, frame.count());
      return new Run(EventBatch.EMPTY, stored.modifiedMillis(), position - begin);
    }
    position = frame.endPosition();
    return new Run(events, stored.modifiedMillis(), position - begin);
  }

  /** A block whose lengths are right, as the marker behind it says. */
  private record Frame(long count, long dataPosition, int dataBytes, long endPosition) {}

  private Frame frame(long at) throws IOException {
    byte[] head = read(at, 2 * AvroBinary.MAX_LONG_BYTES);
    try {
      long count = AvroBinary.readLong(head, 0, head.length);
      int offset = AvroBinary.skipLong(head, 0);
      long bytes = AvroBinary.readLong(head, offset, head.length);
      offset = AvroBinary.skipLong(head, offset);
      long end = at + offset + bytes + SYNC_BYTES;
      boolean isPlausible =
          count >= 0 && bytes >= 0 && bytes <= MAX_BLOCK_BYTES && end <= endPosition;
      return isPlausible && Arrays.equals(read(end - SYNC_BYTES, SYNC_BYTES), sync)
          ? new Frame(count, at + offset, (int) bytes, end)
          : null;
    } catch (MalformedBatchException e) {
      return null;
    }
  }

  /** Null when the block does not hold what it says. */
  private EventBatch unpack(long begin, Frame frame) throws IOException {
    try {
      reader.seek(begin);
      if (!reader.hasNext()) {
        return frame.count() == 0 ? EventBatch.EMPTY : null;
      }
      ByteBuffer data = reader.nextBlock();
      int head = AvroBinary.longBytes(frame.count());
      byte[] batch = new byte[head + data.remaining() + 1];
      AvroBinary.writeLong(frame.count(), batch, 0);
      data.get(batch, head, data.remaining());
      return EventBatch.parse(batch);
    } catch (AvroRuntimeException | IOException e) {
      // Damage as far as the block goes; whether the disk gives the next one is seen there.
      return null;
    } catch (MalformedBatchException e) {
      return null;
    }
  }

  /** Goes on behind the next marker; what lies before it is damage, or the unfinished end. */
  private Run skip(long begin, long events) throws IOException {
    long next = behindNextSync(begin);
    if (next < 0) {
      position = endPosition;
      findings.unfinished(begin, endPosition);
    } else {
      position = next;
      findings.damaged(begin, next, events);
    }
    return new Run(EventBatch.EMPTY, stored.modifiedMillis(), position - begin);
  }

  private long behindNextSync(long begin) throws IOException {
    for (long from = begin; from + SYNC_BYTES <= endPosition; ) {
      byte[] window = read(from, SEARCH_BYTES);
      for (int at = 0; at + SYNC_BYTES <= window.length; at++) {
        if (Arrays.equals(window, at, at + SYNC_BYTES, sync, 0, SYNC_BYTES)) {
          return from + at + SYNC_BYTES;
        }
      }
      if (window.length < SYNC_BYTES) {
        break;
      }
      from += window.length - SYNC_BYTES + 1;
    }
    return -1;
  }

  /** Fewer bytes where the file ends. */
  private byte[] read(long from, int bytes) throws IOException {
    byte[] array = new byte[(int) Math.max(0, Math.min(bytes, endPosition - from))];
    ByteBuffer target = ByteBuffer.wrap(array);
    while (target.hasRemaining()) {
      if (file.read(target, from + target.position()) < 0) {
        return Arrays.copyOf(array, target.position());
      }
    }
    return array;
  }

  /** Magic of a container. */
  static boolean isOne(byte[] begin) {
    byte[] magic = DataFileConstants.MAGIC;
    return begin.length >= magic.length
        && Arrays.equals(begin, 0, magic.length, magic, 0, magic.length);
  }

  @Override
  public void close() throws IOException {
    try {
      reader.close();
    } finally {
      file.close();
    }
  }
}
