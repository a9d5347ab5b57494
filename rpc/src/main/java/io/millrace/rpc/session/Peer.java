/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

import java.net.InetSocketAddress;

/**
 * Who sent a request: the client itself, also where a load balancer stands between. Immutable.
 *
 * @param name address and port, for messages; empty when not known
 * @param host the address alone, as numbers; empty when not known
 */
public record Peer(String name, String host) {
  public static final Peer UNKNOWN = new Peer("", "");

  public static Peer of(InetSocketAddress address) {
    return new Peer(String.valueOf(address), hostOf(address));
  }

  /** The address as numbers, without the interface that a link-local one of IPv6 came in by. */
  public static String hostOf(InetSocketAddress address) {
    String host = address.getAddress().getHostAddress();
    int zone = host.indexOf('%');
    return zone < 0 ? host : host.substring(0, zone);
  }
}
