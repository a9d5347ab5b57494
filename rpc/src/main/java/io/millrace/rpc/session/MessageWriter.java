/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import io.millrace.api.AvroBinary;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Writes the short parts of messages. Confined to one thread. */
final class MessageWriter {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(128);
  private final byte[] scratch = new byte[AvroBinary.MAX_LONG_BYTES];

  MessageWriter writeLong(long value) {
    bytes.write(scratch, 0, AvroBinary.writeLong(value, scratch, 0));
    return this;
  }

  MessageWriter writeBoolean(boolean value) {
    bytes.write(value ? 1 : 0);
    return this;
  }

  MessageWriter writeHash(ProtocolHash hash) {
    byte[] fixed = new byte[ProtocolHash.BYTES];
    hash.copyTo(fixed, 0);
    bytes.writeBytes(fixed);
    return this;
  }

  MessageWriter writeString(String text) {
    return writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  MessageWriter writeBytes(byte[] value) {
    writeLong(value.length);
    bytes.writeBytes(value);
    return this;
  }

  MessageWriter writeMetadata(Map<String, byte[]> metadata) {
    if (!metadata.isEmpty()) {
      writeLong(metadata.size());
      metadata.forEach((key, value) -> writeString(key).writeBytes(value));
    }
    return writeLong(0);
  }

  byte[] toBytes() {
    return bytes.toByteArray();
  }
}
