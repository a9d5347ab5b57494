/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.netty.buffer.ByteBuf;

/**
 * The body of a request while it is received. Its array grows with what has come, not with what was
 * promised. Confined to the event loop.
 */
final class RequestBody {
  private static final int FIRST_BYTES = 64 * 1024;
  private static final int GROWTH = 4;

  private final BodyBuffers buffers;
  private final int maxBytes;
  private final long promisedBytes;
  private byte[] array = new byte[0];
  private int bytes;

  /**
   * @param promisedBytes by the client; less than 0 when it did not say
   */
  RequestBody(BodyBuffers buffers, int maxBytes, long promisedBytes) {
    this.buffers = buffers;
    this.maxBytes = maxBytes;
    this.promisedBytes = promisedBytes;
  }

  /** Adds what has come; false when that is too much, and then nothing is added. */
  boolean add(ByteBuf part) {
    int more = part.readableBytes();
    if (more > maxBytes - bytes) {
      return false;
    }
    if (more > array.length - bytes) {
      grow(bytes + more);
    }
    part.readBytes(array, bytes, more);
    bytes += more;
    return true;
  }

  private void grow(int neededBytes) {
    long wanted = Math.max(FIRST_BYTES, (long) GROWTH * array.length);
    if (promisedBytes >= 0) {
      wanted = Math.min(wanted, promisedBytes);
    }
    byte[] grown = buffers.take((int) Math.max(neededBytes, Math.min(wanted, maxBytes)));
    System.arraycopy(array, 0, grown, 0, bytes);
    buffers.giveBack(array);
    array = grown;
  }

  byte[] array() {
    return array;
  }

  int bytes() {
    return bytes;
  }

  /** The body is no longer needed. */
  void release() {
    buffers.giveBack(array);
    array = new byte[0];
    bytes = 0;
  }
}
