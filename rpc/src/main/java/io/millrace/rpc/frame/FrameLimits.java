/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.frame;

/**
 * What a peer may send in one frame. Immutable.
 *
 * @param maxMessageBytes longest message, all buffers joined
 * @param maxBuffers most buffers in a frame; the Java library cuts messages at 8 KiB
 */
public record FrameLimits(int maxMessageBytes, int maxBuffers) {
  /** Shortest buffers that a peer may cut a full message into, on average. */
  private static final int MIN_AVERAGE_BUFFER_BYTES = 1024;

  private static final int EXTRA_BUFFERS = 64;

  public FrameLimits {
    if (maxMessageBytes < 1 || maxBuffers < 1) {
      throw new IllegalArgumentException(
          "maxMessageBytes: "
              + maxMessageBytes
              + ", maxBuffers: "
              + maxBuffers
              + " (expected: 1 or more)");
    }
  }

  /** Limits for messages of this length and as many buffers as that may take. */
  public static FrameLimits ofMessageBytes(int maxMessageBytes) {
    return new FrameLimits(
        maxMessageBytes, maxMessageBytes / MIN_AVERAGE_BUFFER_BYTES + EXTRA_BUFFERS);
  }
}
