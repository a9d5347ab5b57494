/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.rpc.proxy.ProxySettings;
import java.net.InetSocketAddress;

/**
 * Where and how a server listens. Immutable.
 *
 * @param address port 0 takes any free one
 * @param security what lies between the socket and the frames
 * @param filter decides on the client's address, also where a PROXY header names it
 * @param ioThreads event loops that share the connections
 * @param proxy whose PROXY headers are believed
 */
public record ServerSettings(
    InetSocketAddress address,
    ServerLimits limits,
    Wrapping wrapping,
    PeerFilter filter,
    int ioThreads,
    ProxySettings proxy) {
  /** Most event loops by default; more only add switching between threads. */
  private static final int MAX_DEFAULT_IO_THREADS = 8;

  /** Without PROXY headers. */
  public ServerSettings(
      InetSocketAddress address,
      ServerLimits limits,
      Wrapping wrapping,
      PeerFilter filter,
      int ioThreads) {
    this(address, limits, wrapping, filter, ioThreads, ProxySettings.OFF);
  }

  /** The same behind load balancers. */
  public ServerSettings behind(ProxySettings newProxy) {
    return new ServerSettings(address, limits, wrapping, filter, ioThreads, newProxy);
  }

  /** Plain, for all peers, with default limits. */
  public static ServerSettings plain(InetSocketAddress address) {
    return new ServerSettings(
        address, ServerLimits.defaults(), Wrapping.NONE, PeerFilter.ACCEPT_ALL, defaultIoThreads());
  }

  public static int defaultIoThreads() {
    return Math.min(MAX_DEFAULT_IO_THREADS, Runtime.getRuntime().availableProcessors());
  }
}
