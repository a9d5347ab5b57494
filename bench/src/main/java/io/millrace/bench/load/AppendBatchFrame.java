/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;

/**
 * An {@code appendBatch} request of Flume's Avro protocol, laid out once and sent many times; only
 * its serial changes. Cut into buffers as Avro's Java clients do.
 *
 * <pre>
 *   frame   = serial:int32 count:int32 { length:int32 byte* }
 *   message = [ handshake ] metadata "appendBatch" array&lt;{map&lt;string&gt; headers, bytes body}&gt;
 * </pre>
 */
final class AppendBatchFrame {
  static final int SERIAL_OFFSET = 0;

  /** Where Avro's Java writer cuts the payload. */
  private static final int BUFFER_BYTES = 8192;

  /** MD5 of the protocol text of Flume 1.11, which its sources know: one round trip is enough. */
  private static final byte[] PROTOCOL_HASH =
      HexFormat.of().parseHex("86aadae2c45474c0fe93ffd0f2350a65");

  private static final Map<String, String> HEADERS =
      Map.of("host", "web-017.example", "timestamp", "1700000000000");

  private AppendBatchFrame() {}

  /**
   * The frame in a direct buffer of its own, from its position 0 to its limit.
   *
   * @param first whether this opens a connection and so carries the handshake
   */
  static ByteBuffer of(Scenario scenario, boolean first, long seed) {
    ByteArrayOutputStream call = new ByteArrayOutputStream();
    if (first) {
      call.writeBytes(PROTOCOL_HASH);
      call.write(0); // clientProtocol: null
      call.writeBytes(PROTOCOL_HASH);
      call.write(2); // meta: an empty map
      call.write(0);
    }
    call.write(0); // call metadata: an empty map
    writeString(call, "appendBatch");
    byte[] payload = events(scenario, seed);

    int payloadBuffers = (payload.length + BUFFER_BYTES - 1) / BUFFER_BYTES;
    int frameBytes = 8 + 4 + call.size() + 4 * payloadBuffers + payload.length;
    ByteBuffer frame = ByteBuffer.allocateDirect(frameBytes);
    frame.putInt(0).putInt(1 + payloadBuffers);
    frame.putInt(call.size()).put(call.toByteArray());
    for (int at = 0; at < payload.length; at += BUFFER_BYTES) {
      int length = Math.min(BUFFER_BYTES, payload.length - at);
      frame.putInt(length).put(payload, at, length);
    }
    return frame.flip();
  }

  /** A message in one buffer, as a source answers. */
  static byte[] frame(int serial, byte[] message) {
    ByteBuffer frame = ByteBuffer.allocate(12 + message.length);
    return frame.putInt(serial).putInt(1).putInt(message.length).put(message).array();
  }

  private static byte[] events(Scenario scenario, long seed) {
    Random random = new Random(seed);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    writeLong(out, scenario.batchEvents());
    byte[] body = new byte[scenario.bodyBytes()];
    for (int event = 0; event < scenario.batchEvents(); event++) {
      writeLong(out, HEADERS.size());
      HEADERS.forEach(
          (name, value) -> {
            writeString(out, name);
            writeString(out, value);
          });
      writeLong(out, 0);
      random.nextBytes(body);
      for (int i = 0; i < body.length; i++) {
        body[i] = (byte) (' ' + (body[i] & 63)); // printable, as a line of a log is
      }
      writeLong(out, body.length);
      out.writeBytes(body);
    }
    writeLong(out, 0);
    return out.toByteArray();
  }

  private static void writeString(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    writeLong(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void writeLong(ByteArrayOutputStream out, long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7fL) != 0) {
      out.write((int) ((rest & 0x7f) | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /** How a source answered. */
  enum Answer {
    OK,
    FAILED
  }

  /**
   * Reads the message of an answer: its buffers joined.
   *
   * @throws IllegalStateException when it is neither OK nor FAILED
   */
  static Answer readAnswer(byte[] message, int length, boolean first) {
    int at = 0;
    if (first) {
      int match = message[at++];
      if (match == 0) {
        at += 3; // BOTH: three null unions
      } else {
        throw new IllegalStateException(
            "handshake match "
                + match
                + " (expected: 0, BOTH, since the protocol hash is that of Flume 1.11)");
      }
    }
    // Empty metadata, no error, then the status.
    if (length == at + 3 && message[at] == 0 && message[at + 1] == 0) {
      switch (message[at + 2]) {
        case 0:
          return Answer.OK;
        case 2:
          return Answer.FAILED;
        default:
          break;
      }
    }
    throw new IllegalStateException(
        "answer "
            + HexFormat.of().formatHex(Arrays.copyOf(message, Math.min(length, 64)))
            + " (expected: status OK or FAILED)");
  }
}
