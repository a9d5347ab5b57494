/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.DataSize;
import io.millrace.rpc.thrift.ThriftProtocol;

/**
 * How a client speaks Thrift RPC. Immutable.
 *
 * @param protocol the encoding; the server must say the same
 * @param maxFrameSize longest call that the server takes. Events whose call would be longer go in
 *     several; one that is longer alone is rejected
 * @since 0.1
 */
public record ThriftOptions(ThriftProtocol protocol, DataSize maxFrameSize) {
  /** What Flume's servers take. */
  public static final DataSize FLUMES_FRAME_SIZE = DataSize.ofBytes(16_384_000);

  static final DataSize LEAST_FRAME_SIZE = DataSize.ofBytes(1024);
  static final DataSize MOST_FRAME_SIZE = DataSize.ofMebibytes(1024);

  public ThriftOptions {
    if (maxFrameSize.compareTo(LEAST_FRAME_SIZE) < 0
        || maxFrameSize.compareTo(MOST_FRAME_SIZE) > 0) {
      throw new IllegalArgumentException(
          "maxFrameSize: "
              + maxFrameSize
              + " (expected: "
              + LEAST_FRAME_SIZE
              + " to "
              + MOST_FRAME_SIZE
              + ")");
    }
  }

  /** For a server with Flume's limit. */
  public static ThriftOptions of(ThriftProtocol protocol) {
    return new ThriftOptions(protocol, FLUMES_FRAME_SIZE);
  }
}
