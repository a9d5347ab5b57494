/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.frame;

import java.nio.ByteBuffer;

/** Lays out frames to be sent. Stateless. */
public final class FrameEncoder {
  private static final int SERIAL_AND_COUNT_BYTES = 8;
  private static final int LENGTH_BYTES = 4;

  private FrameEncoder() {}

  /** A whole frame of these buffers; for short messages, whose copy costs nothing. */
  public static byte[] frame(int serial, byte[]... buffers) {
    int bytes = SERIAL_AND_COUNT_BYTES;
    for (byte[] buffer : buffers) {
      bytes += LENGTH_BYTES + buffer.length;
    }
    ByteBuffer frame = ByteBuffer.allocate(bytes).putInt(serial).putInt(buffers.length);
    for (byte[] buffer : buffers) {
      frame.putInt(buffer.length).put(buffer);
    }
    return frame.array();
  }

  /** A frame of two buffers up to where the second one's {@code payloadBytes} bytes must follow. */
  public static byte[] beforePayload(int serial, byte[] head, int payloadBytes) {
    return ByteBuffer.allocate(SERIAL_AND_COUNT_BYTES + 2 * LENGTH_BYTES + head.length)
        .putInt(serial)
        .putInt(2)
        .putInt(head.length)
        .put(head)
        .putInt(payloadBytes)
        .array();
  }
}
