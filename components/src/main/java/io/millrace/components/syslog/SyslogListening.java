/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import java.nio.charset.Charset;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;

/**
 * What a source that gets syslog over TCP is to do, whatever its configuration looks like.
 * Immutable.
 *
 * @param host address or name to listen on
 * @param maxMessageBytes what a message has beyond that is left out
 * @param readBufferBytes most that is read from a connection at a time
 */
record SyslogListening(
    String host,
    List<Port> ports,
    int maxMessageBytes,
    int maxBatchEvents,
    int ioThreads,
    int readBufferBytes,
    SyslogDialect dialect,
    ZoneId zone,
    SyslogMessageOptions message,
    SyslogFormatOptions format,
    SyslogStreamOptions stream) {
  static final int DEFAULT_IO_THREADS = 2;
  static final int DEFAULT_READ_BUFFER_BYTES = 64 * 1024;

  /**
   * A port and what its messages have in common.
   *
   * @param headers of every event
   */
  record Port(int number, Charset charset, Map<String, String> headers) {}
}
