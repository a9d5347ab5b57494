/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.api.ConfigurationException;
import java.io.IOException;
import java.util.function.Consumer;

/**
 * Reads a data file of version 3. Confined to one thread.
 *
 * <pre>  record = op byte, length int32 big-endian, payload </pre>
 *
 * <p>The length tells where the next record begins, so that a payload that cannot be read costs
 * only itself as long as a good record, or the end of the data, follows right behind it.
 */
final class V3Scan extends LogScan {
  static final int OP_RECORD = 0x7f;

  /** What the old integrity tool makes of a bad record. */
  static final int OP_DISABLED = 0x00;

  static final int FRAME_BYTES = 5;

  /** Of a larger payload only this much is looked at: everything but most of its event. */
  private static final int MAX_PARSED_BYTES = 64 << 10;

  /** A place where a wrong key cannot be told from damage needs so many records. */
  private static final int MIN_FRAMES_OF_WRONG_KEY = 2;

  private final LogCipher.Decryptor decryptor;
  private final byte[] decrypted;
  private boolean isKeyProven;

  V3Scan(LogFile file, FileWindow window, Consumer<Damage> damages) {
    super(file, window, damages, 0);
    this.decryptor = file.cipher().map(LogCipher::decryptor).orElse(null);
    this.decrypted = decryptor == null ? null : new byte[MAX_PARSED_BYTES];
    this.isKeyProven = decryptor == null;
  }

  @Override
  boolean read(LogRecord record) throws IOException, UndecodableException {
    int length = lengthAt(position);
    long next = position + FRAME_BYTES + length;
    boolean isDisabled = window.byteAt(position) == OP_DISABLED;
    if (isDisabled) {
      position = next;
      return false;
    }
    try {
      parse(position, length, record);
    } catch (UndecodableException e) {
      if (!isKeyProven) {
        refuseWrongKey();
      }
      if (!isRecordOrEnd(next)) {
        throw e;
      }
      damaged(FRAME_BYTES + length, "the record cannot be read: " + e.getMessage());
      position = next;
      return false;
    }
    isKeyProven = true;
    if (record.type == LogRecord.PUT) {
      record.pointer = LogRecord.pointer(file().id(), position);
    }
    position = next;
    return true;
  }

  /** Length of the payload of the record that begins there. */
  private int lengthAt(long at) throws IOException, UndecodableException {
    int op = window.byteAt(at);
    if (op != OP_RECORD && op != OP_DISABLED) {
      throw new UndecodableException("a record cannot begin with the byte %02x".formatted(op));
    }
    window.requireInFile(at, FRAME_BYTES);
    int length = window.intAt(at + 1);
    window.requireInFile(at + FRAME_BYTES, length);
    if (length == 0) {
      throw new UndecodableException("a record without a payload");
    }
    return length;
  }

  private void parse(long at, int length, LogRecord record)
      throws IOException, UndecodableException {
    int available = Math.min(length, MAX_PARSED_BYTES);
    int offset = window.ensure(at + FRAME_BYTES, available);
    if (decryptor == null) {
      V3Payload.parse(window.array(), offset, available, length, record);
    } else {
      decryptor.decrypt(window.array(), offset, available, decrypted);
      V3Payload.parse(decrypted, 0, available, length, record);
    }
  }

  /** Whether a whole record begins there, or the data end there in order. */
  private boolean isRecordOrEnd(long at) throws IOException {
    if (at == window.fileBytes()) {
      return true;
    }
    try {
      int op = window.byteAt(at);
      if (op == FILLER) {
        return true;
      }
      int length = lengthAt(at);
      if (op == OP_RECORD) {
        parse(at, length, new LogRecord());
      }
      return true;
    } catch (UndecodableException e) {
      return false;
    }
  }

  /**
   * With a wrong key every payload looks damaged, while the frames, which are in clear text, are
   * all in order. To pass the whole file over for that would lose its events.
   */
  private void refuseWrongKey() throws IOException {
    long at = position;
    int frames = 0;
    try {
      while (at < window.fileBytes() && window.byteAt(at) != FILLER) {
        int length = lengthAt(at);
        try {
          parse(at, length, new LogRecord());
          return;
        } catch (UndecodableException e) {
          frames++;
        }
        at += FRAME_BYTES + length;
      }
    } catch (UndecodableException e) {
      return;
    }
    if (frames >= MIN_FRAMES_OF_WRONG_KEY) {
      throw new ConfigurationException(
          "encryption.keyProvider",
          file().path()
              + ": none of its "
              + frames
              + " records can be read with the key "
              + file().cipher().orElseThrow().alias()
              + " (expected: the key that the file was written with). Name the key store that"
              + " Flume used, or move the file and its metadata away");
    }
  }
}
