/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;

/**
 * What lies between the socket and the frames; nothing of it is negotiated, both sides must be
 * configured alike. Immutable.
 *
 * <p>With both compression and TLS, Flume 1.10 and later put the zlib stream outside (the
 * compressed stream carries TLS records), Flume up to 1.9 put TLS outside. A server takes either,
 * told apart by the first byte; a client is told which.
 *
 * @param compressionLevel zlib level of what is sent, 0 to 9; empty without compression
 * @param tls makes the engine of each connection, in the right mode; empty without TLS
 * @param isTlsOutermost whether a client with both puts TLS outside
 */
public record Wrapping(
    Optional<Integer> compressionLevel, Optional<Supplier<SSLEngine>> tls, boolean isTlsOutermost) {
  public static final Wrapping NONE = new Wrapping(Optional.empty(), Optional.empty());

  /** With zlib outside if there is both. */
  public Wrapping(Optional<Integer> compressionLevel, Optional<Supplier<SSLEngine>> tls) {
    this(compressionLevel, tls, false);
  }
}
