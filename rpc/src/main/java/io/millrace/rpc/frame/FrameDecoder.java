/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.frame;

import io.millrace.rpc.frame.FrameRejectedException.Reason;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into frames; the bytes may arrive in pieces of any size. Each message ends
 * up in one heap array of its own, copied there once when the whole frame is at hand or is about as
 * long as the one before.
 *
 * <p>Memory: lengths on the wire are compared with the limits and otherwise not believed. The array
 * of a half-received message is at most twice what has arrived, or what the frame before took (up
 * to {@link #MAX_HINT_BYTES}), or {@link #MIN_ALLOCATION_BYTES}, whichever is most.
 *
 * <p>Confined to the thread that reads the connection.
 */
public final class FrameDecoder {
  /** Most that is allocated in the hope that a frame is as long as the one before. */
  static final int MAX_HINT_BYTES = 1 << 20;

  static final int MIN_ALLOCATION_BYTES = 4096;

  private static final int HEADER_BYTES = 8;
  private static final int LENGTH_BYTES = 4;
  private static final byte[] NOTHING = {};

  private enum Expecting {
    HEADER,
    LENGTH,
    DATA
  }

  private final FrameLimits limits;
  private final int headerBytes;
  private final ByteBuffer scratch = ByteBuffer.allocate(HEADER_BYTES);

  private Expecting expecting = Expecting.HEADER;
  private int serial;
  private int buffersLeft;
  private int bufferBytesLeft;
  private byte[] message = NOTHING;
  private int messageBytes;
  private int hintBytes;
  private boolean poisoned;

  /** Of Avro's frames. */
  public FrameDecoder(FrameLimits limits) {
    this(limits, HEADER_BYTES);
  }

  private FrameDecoder(FrameLimits limits, int headerBytes) {
    this.limits = limits;
    this.headerBytes = headerBytes;
    scratch.limit(headerBytes);
  }

  /** Of frames that are one buffer without a header: a length and that many bytes. */
  public static FrameDecoder ofSingleBuffers(FrameLimits limits) {
    return new FrameDecoder(limits, 0);
  }

  /**
   * Takes bytes from {@code input} until a frame is complete; null when all of them are taken and
   * none is.
   *
   * @throws FrameRejectedException when the stream cannot go on; later calls throw as well
   */
  public Frame decode(ByteBuffer input) throws FrameRejectedException {
    if (poisoned) {
      throw rejected(Reason.MALFORMED, "bytes after a refused frame");
    }
    while (true) {
      switch (expecting) {
        case HEADER -> {
          // A frame without a header has begun with the first byte of its length.
          if (!input.hasRemaining() || !fillScratch(input)) {
            return null;
          }
          beginFrame(input);
        }
        case LENGTH -> {
          if (buffersLeft == 0) {
            return completeFrame();
          }
          if (!fillScratch(input)) {
            return null;
          }
          beginBuffer();
        }
        case DATA -> {
          if (!takeData(input)) {
            return null;
          }
        }
      }
    }
  }

  /** Whether a frame has begun and not ended. */
  public boolean isMidFrame() {
    return expecting != Expecting.HEADER || scratch.position() > 0;
  }

  /** Bytes allocated for a half-received message. */
  public int allocatedBytes() {
    return message.length;
  }

  /** Bytes of the half-received message that have arrived. */
  public int receivedBytes() {
    return messageBytes;
  }

  private boolean fillScratch(ByteBuffer input) {
    int bytes = Math.min(scratch.remaining(), input.remaining());
    int limit = input.limit();
    input.limit(input.position() + bytes);
    scratch.put(input);
    input.limit(limit);
    return !scratch.hasRemaining();
  }

  private void expect(Expecting next, int scratchBytes) {
    expecting = next;
    scratch.clear().limit(scratchBytes);
  }

  private void beginFrame(ByteBuffer input) throws FrameRejectedException {
    serial = headerBytes == 0 ? 0 : scratch.getInt(0);
    buffersLeft = headerBytes == 0 ? 1 : scratch.getInt(4);
    if (buffersLeft < 0) {
      throw rejected(Reason.MALFORMED, "buffer count: " + buffersLeft + " (expected: 0 or more)");
    }
    if (buffersLeft > limits.maxBuffers()) {
      throw rejected(
          Reason.TOO_LARGE,
          "buffer count: " + buffersLeft + " (expected: at most " + limits.maxBuffers() + ")");
    }
    expect(Expecting.LENGTH, LENGTH_BYTES);
    int wholeBytes = wholeMessageBytes(input);
    message = wholeBytes > 0 ? new byte[wholeBytes] : NOTHING;
    messageBytes = 0;
  }

  /** Length of the message if all of it lies in {@code input}, else -1. */
  private int wholeMessageBytes(ByteBuffer input) {
    int at = input.position();
    int bytes = 0;
    for (int i = 0; i < buffersLeft; i++) {
      if (input.limit() - at < LENGTH_BYTES) {
        return -1;
      }
      int length = input.getInt(at);
      at += LENGTH_BYTES;
      if (length < 0 || length > input.limit() - at || bytes + length > limits.maxMessageBytes()) {
        return -1;
      }
      at += length;
      bytes += length;
    }
    return bytes;
  }

  private void beginBuffer() throws FrameRejectedException {
    int length = scratch.getInt(0);
    if (length < 0) {
      throw rejected(Reason.MALFORMED, "buffer length: " + length + " (expected: 0 or more)");
    }
    if (length > limits.maxMessageBytes() - messageBytes) {
      throw rejected(
          Reason.TOO_LARGE,
          "message bytes: "
              + ((long) messageBytes + length)
              + " (expected: at most "
              + limits.maxMessageBytes()
              + ")");
    }
    buffersLeft--;
    bufferBytesLeft = length;
    expect(length == 0 ? Expecting.LENGTH : Expecting.DATA, LENGTH_BYTES);
  }

  /** Whether the buffer is complete. */
  private boolean takeData(ByteBuffer input) {
    int bytes = Math.min(bufferBytesLeft, input.remaining());
    if (bytes > message.length - messageBytes) {
      grow(messageBytes + bytes);
    }
    input.get(message, messageBytes, bytes);
    messageBytes += bytes;
    bufferBytesLeft -= bytes;
    if (bufferBytesLeft > 0) {
      return false;
    }
    expect(Expecting.LENGTH, LENGTH_BYTES);
    return true;
  }

  private void grow(int neededBytes) {
    long wanted = Math.max(MIN_ALLOCATION_BYTES, Math.max(hintBytes, 2L * neededBytes));
    // What the peer says about the rest is a ceiling, never a reason to allocate.
    long ceiling =
        buffersLeft == 0 ? (long) messageBytes + bufferBytesLeft : limits.maxMessageBytes();
    message = Arrays.copyOf(message, (int) Math.max(neededBytes, Math.min(wanted, ceiling)));
  }

  private Frame completeFrame() {
    byte[] array = message;
    if (array.length - messageBytes > messageBytes / 8 + 64) {
      // Batches are kept for long; their slack would be too.
      array = Arrays.copyOf(array, messageBytes);
    }
    Frame frame = new Frame(serial, array, messageBytes);
    hintBytes = Math.min(MAX_HINT_BYTES, messageBytes + messageBytes / 16);
    message = NOTHING;
    messageBytes = 0;
    expect(Expecting.HEADER, headerBytes);
    return frame;
  }

  private FrameRejectedException rejected(Reason reason, String problem) {
    poisoned = true;
    Frame beginning = new Frame(serial, message, messageBytes);
    message = NOTHING;
    messageBytes = 0;
    return new FrameRejectedException(
        reason,
        beginning,
        (headerBytes == 0 ? "frame: " : "frame with serial " + serial + ": ") + problem);
  }
}
