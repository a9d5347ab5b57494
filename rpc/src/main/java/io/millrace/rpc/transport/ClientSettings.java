/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.rpc.frame.FrameLimits;
import java.time.Duration;

/**
 * How a client connects and how long it waits. Immutable.
 *
 * @param connectTimeout longest time until a connection stands, name look-up and TLS included
 * @param requestTimeout longest time from a call to its answer, once the connection stands
 * @param ordered whether a Flume server, which carries out the calls of a connection in any order,
 *     gets one at a time
 * @param answers longest answer that is taken
 */
public record ClientSettings(
    String host,
    int port,
    Duration connectTimeout,
    Duration requestTimeout,
    boolean ordered,
    FrameLimits answers,
    Wrapping wrapping) {
  /** An answer holds a status or a short text, and once the server's protocol. */
  private static final int MAX_ANSWER_BYTES = 1 << 20;

  /** With the limits that suit Flume's answers. */
  public static ClientSettings of(
      String host,
      int port,
      Duration connectTimeout,
      Duration requestTimeout,
      boolean ordered,
      Wrapping wrapping) {
    return new ClientSettings(
        host,
        port,
        connectTimeout,
        requestTimeout,
        ordered,
        FrameLimits.ofMessageBytes(MAX_ANSWER_BYTES),
        wrapping);
  }

  /** As operators write it. */
  public String target() {
    return host + ":" + port;
  }
}
