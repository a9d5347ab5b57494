/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import java.net.InetSocketAddress;

/**
 * Where and how a server listens. Immutable.
 *
 * @param address port 0 takes any free one
 * @param security what lies between the socket and the frames
 * @param ioThreads event loops that share the connections
 */
public record ServerSettings(
    InetSocketAddress address,
    ServerLimits limits,
    Wrapping wrapping,
    PeerFilter filter,
    int ioThreads) {
  /** Most event loops by default; more only add switching between threads. */
  private static final int MAX_DEFAULT_IO_THREADS = 8;

  /** Plain, for all peers, with default limits. */
  public static ServerSettings plain(InetSocketAddress address) {
    return new ServerSettings(
        address, ServerLimits.defaults(), Wrapping.NONE, PeerFilter.ACCEPT_ALL, defaultIoThreads());
  }

  public static int defaultIoThreads() {
    return Math.min(MAX_DEFAULT_IO_THREADS, Runtime.getRuntime().availableProcessors());
  }
}
