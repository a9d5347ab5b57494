/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.zip.CRC32;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Writes a data file and its metadata as Flume does, from the facts on the format. */
public final class FlumeLogWriter {
  static final String ALIAS = "key-7";
  static final SecretKey KEY =
      new SecretKeySpec(new byte[] {9, 8, 7, 6, 5, 4, 3, 2, 1, 0, 1, 2, 3, 4, 5, 6}, "AES");
  private static final byte[] COUNTER_BLOCK = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0, 0, 0, 1};

  /** How a file is written. */
  enum Kind {
    V2,
    V3,
    ENCRYPTED
  }

  private final int id;
  private final Kind kind;
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  FlumeLogWriter(int id, Kind kind) {
    this.id = id;
    this.kind = kind;
    if (kind == Kind.V2) {
      write(ByteBuffer.allocate(24).putInt(2).putInt(id).array());
    }
  }

  public static FlumeLogWriter v3(int id) {
    return new FlumeLogWriter(id, Kind.V3);
  }

  int size() {
    return bytes.size();
  }

  /** Adds a put and returns its pointer. */
  long put(long transaction, long order, Map<String, String> headers, String body) {
    long pointer = LogRecord.pointer(id, bytes.size());
    byte[] content = body.getBytes(StandardCharsets.UTF_8);
    if (kind == Kind.V2) {
      v2(1, transaction, order, v2Event(headers, content));
    } else {
      CRC32 crc = new CRC32();
      crc.update(content);
      byte[] put = concat(message(1, event(headers, content)), fixed64(2, crc.getValue()));
      v3(1, transaction, order, put);
    }
    return pointer;
  }

  long put(long transaction, long order, String body) {
    return put(transaction, order, Map.of(), body);
  }

  void take(long transaction, long order, long pointer) {
    int fileId = LogRecord.fileId(pointer);
    int position = (int) LogRecord.position(pointer);
    if (kind == Kind.V2) {
      v2(2, transaction, order, ByteBuffer.allocate(8).putInt(position).putInt(fileId).array());
    } else {
      v3(2, transaction, order, concat(fixed32(1, fileId), fixed32(2, position)));
    }
  }

  void rollback(long transaction, long order) {
    record(3, transaction, order, new byte[0], new byte[0]);
  }

  void commit(long transaction, long order, int type) {
    record(4, transaction, order, fixed32(1, type), new byte[] {0, (byte) type});
  }

  private void record(int type, long transaction, long order, byte[] v3, byte[] v2) {
    if (kind == Kind.V2) {
      v2(type, transaction, order, v2);
    } else {
      v3(type, transaction, order, v3);
    }
  }

  /** A put in a transaction of its own. */
  public long committed(long transaction, String body) {
    long pointer = put(transaction, transaction, body);
    commit(transaction, transaction + 1, 1);
    return pointer;
  }

  private void v3(int type, long transaction, long order, byte[] body) {
    byte[] header = concat(fixed32(1, type), fixed64(2, transaction), fixed64(3, order));
    byte[] payload = concat(prefixed(header), prefixed(body), new byte[] {0});
    if (kind == Kind.ENCRYPTED) {
      payload = encrypt(payload);
    }
    write(ByteBuffer.allocate(5).put((byte) 0x7f).putInt(payload.length).array());
    write(payload);
  }

  private void v2(int type, long transaction, long order, byte[] body) {
    ByteBuffer start = ByteBuffer.allocate(23);
    start.put((byte) 0x7f).putInt(0xdeadbeef).putShort((short) type);
    write(start.putLong(transaction).putLong(order).array());
    write(body);
  }

  private static byte[] v2Event(Map<String, String> headers, byte[] body) {
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    // One class that is no text, as if another map had been there.
    event.writeBytes(new byte[] {1, 5, 0, 3, 'x', 'y', 'z'});
    event.writeBytes(ByteBuffer.allocate(4).putInt(headers.size()).array());
    headers.forEach(
        (name, value) -> {
          event.writeBytes(text(name));
          event.writeBytes(text(value));
        });
    event.writeBytes(ByteBuffer.allocate(4).putInt(body.length).array());
    event.writeBytes(body);
    return event.toByteArray();
  }

  private static byte[] text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    byte[] length =
        utf8.length <= 127
            ? new byte[] {(byte) utf8.length}
            : new byte[] {-114, (byte) (utf8.length >> 8), (byte) utf8.length};
    return concat(new byte[] {(byte) 0x8c}, length, utf8);
  }

  private static byte[] event(Map<String, String> headers, byte[] body) {
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    headers.forEach(
        (name, value) ->
            event.writeBytes(
                message(
                    1,
                    concat(
                        message(1, name.getBytes(StandardCharsets.UTF_8)),
                        message(2, value.getBytes(StandardCharsets.UTF_8))))));
    event.writeBytes(message(2, body));
    return event.toByteArray();
  }

  /** Adds bytes as they are. */
  FlumeLogWriter write(byte[] raw) {
    bytes.writeBytes(raw);
    return this;
  }

  /** Space allocated ahead. */
  FlumeLogWriter fill(int count) {
    byte[] filler = new byte[count];
    java.util.Arrays.fill(filler, (byte) 0x80);
    return write(filler);
  }

  byte[] content() {
    return bytes.toByteArray();
  }

  /** Writes the data file, and the metadata if there are any. */
  public Path save(Path directory) {
    return save(directory, content());
  }

  /** As {@link #save(Path)}, with other content. */
  Path save(Path directory, byte[] content) {
    Path file = directory.resolve("log-" + id);
    try {
      Files.createDirectories(directory);
      Files.write(file, content);
      if (kind != Kind.V2) {
        Files.write(directory.resolve("log-" + id + ".meta"), meta(3));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  byte[] meta(int version) {
    byte[] fields =
        concat(fixed32(1, version), fixed32(2, id), fixed64(3, bytes.size()), fixed64(4, 1));
    if (kind == Kind.ENCRYPTED) {
      byte[] encryption =
          concat(
              message(1, "AESCTRNOPADDING".getBytes(StandardCharsets.UTF_8)),
              message(2, ALIAS.getBytes(StandardCharsets.UTF_8)),
              message(3, COUNTER_BLOCK));
      fields = concat(fields, message(5, encryption));
    }
    return prefixed(fields);
  }

  private static byte[] encrypt(byte[] payload) {
    try {
      Cipher cipher = Cipher.getInstance("AES/CTR/NoPadding");
      cipher.init(Cipher.ENCRYPT_MODE, KEY, new IvParameterSpec(COUNTER_BLOCK));
      return cipher.doFinal(payload);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static byte[] fixed32(int field, int value) {
    ByteBuffer bytes = ByteBuffer.allocate(5).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.put((byte) (field << 3 | 5)).putInt(value).array();
  }

  static byte[] fixed64(int field, long value) {
    ByteBuffer bytes = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
    return bytes.put((byte) (field << 3 | 1)).putLong(value).array();
  }

  static byte[] message(int field, byte[] content) {
    return concat(new byte[] {(byte) (field << 3 | 2)}, prefixed(content));
  }

  static byte[] prefixed(byte[] content) {
    ByteArrayOutputStream length = new ByteArrayOutputStream();
    int rest = content.length;
    while (rest > 127) {
      length.write(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    length.write(rest);
    return concat(length.toByteArray(), content);
  }

  static byte[] concat(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
