/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.rpc.session.Peer;
import java.net.InetSocketAddress;

/**
 * Who is at the other end of a connection, in the books of the server: the address that it came
 * from, until a PROXY header names the client behind it. Confined to the event loop.
 */
final class ConnectionPeer {
  private final RpcServer server;
  private final ServerConnection connection;
  private InetSocketAddress socketAddress;
  private InetSocketAddress client;

  /** As requests name it; made once, for many of them. */
  private Peer sender = Peer.UNKNOWN;

  private boolean isAdmitted;

  ConnectionPeer(RpcServer server, ServerConnection connection) {
    this.server = server;
    this.connection = connection;
  }

  /** Whether there is room for it. */
  boolean arrived(InetSocketAddress address) {
    socketAddress = address;
    client = address;
    isAdmitted = server.admit(connection, address);
    return isAdmitted;
  }

  /** Whether there is room for a further connection of that client, for whom it is. */
  boolean isClient(InetSocketAddress address) {
    if (!address.getAddress().equals(client.getAddress())
        && !server.readmit(connection, client, address)) {
      return false;
    }
    client = address;
    sender = Peer.of(address);
    return true;
  }

  boolean isAdmitted() {
    return isAdmitted;
  }

  Peer sender() {
    return sender;
  }

  void left() {
    server.closed(connection, client);
  }

  /** For messages. */
  String text() {
    return client == socketAddress || client.equals(socketAddress)
        ? String.valueOf(client)
        : client + " (through " + socketAddress + ")";
  }
}
