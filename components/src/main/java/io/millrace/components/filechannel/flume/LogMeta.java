/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.journal.disk.Disk;
import io.millrace.journal.disk.DiskFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What {@code log-N.meta} says of its data file. Immutable.
 *
 * <pre>
 *   length varint, then
 *   1 version fixed32, 2 file id fixed32, 5 encryption { 1 provider, 2 key alias, 3 counter block }
 * </pre>
 */
record LogMeta(int version, Optional<Encryption> encryption) {
  /** Where the metadata are, in the order in which they are looked for. */
  static final List<String> SUFFIXES = List.of(".meta", ".meta.tmp", ".meta.old");

  private static final int COUNTER_BLOCK_BYTES = 16;

  /** Real ones have some 100 bytes. */
  private static final long SANE_BYTES = 64 << 10;

  /** How the payloads were encrypted. */
  record Encryption(String alias, byte[] counterBlock) {}

  /** Of the first file that can be read; empty if none can. */
  static Optional<LogMeta> find(Disk disk, Path logFile) throws IOException {
    for (String suffix : SUFFIXES) {
      Path file = logFile.resolveSibling(logFile.getFileName() + suffix);
      Optional<LogMeta> meta = disk.exists(file) ? read(disk, file) : Optional.empty();
      if (meta.isPresent()) {
        return meta;
      }
    }
    return Optional.empty();
  }

  /** Empty if it cannot be read: an interrupted rewrite leaves such a file. */
  static Optional<LogMeta> read(Disk disk, Path file) throws IOException {
    try {
      return Optional.of(decode(content(disk, file)));
    } catch (UndecodableException e) {
      return Optional.empty();
    }
  }

  static byte[] content(Disk disk, Path file) throws IOException {
    try (DiskFile source = disk.open(file)) {
      ByteBuffer content = ByteBuffer.allocate((int) Math.min(SANE_BYTES, source.sizeBytes()));
      source.read(content, 0);
      return Arrays.copyOf(content.array(), content.position());
    }
  }

  private static LogMeta decode(byte[] bytes) throws UndecodableException {
    ProtoCursor meta = new ProtoCursor(bytes, 0, bytes.length).nested();
    int version = 0;
    Optional<Encryption> encryption = Optional.empty();
    while (meta.next()) {
      if (meta.is(1, ProtoCursor.FIXED_32)) {
        version = meta.fixed32();
      } else if (meta.is(5, ProtoCursor.LENGTH_DELIMITED)) {
        encryption = Optional.of(decodeEncryption(bytes, meta.nested()));
      } else {
        meta.skip();
      }
    }
    if (version == 0) {
      throw new UndecodableException("no version");
    }
    return new LogMeta(version, encryption);
  }

  private static Encryption decodeEncryption(byte[] bytes, ProtoCursor message)
      throws UndecodableException {
    String alias = null;
    byte[] counterBlock = null;
    while (message.next()) {
      if (message.is(2, ProtoCursor.LENGTH_DELIMITED)) {
        ProtoCursor text = message.nested();
        alias = new String(copy(bytes, text), StandardCharsets.UTF_8);
      } else if (message.is(3, ProtoCursor.LENGTH_DELIMITED)) {
        counterBlock = copy(bytes, message.nested());
      } else {
        message.skip();
      }
    }
    if (alias == null || counterBlock == null || counterBlock.length != COUNTER_BLOCK_BYTES) {
      throw new UndecodableException("the encryption is not described");
    }
    return new Encryption(alias, counterBlock);
  }

  private static byte[] copy(byte[] bytes, ProtoCursor part) {
    return Arrays.copyOfRange(bytes, part.offset(), part.limit());
  }
}
