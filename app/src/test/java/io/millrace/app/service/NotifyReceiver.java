/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.service;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainDatagramSocketAddress;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** The service manager's end: a datagram socket that keeps what it was sent. */
final class NotifyReceiver implements AutoCloseable {
  private static final int MAX_BYTES = 4096;

  private final Socket socket;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_BYTES);
  private final List<String> received = new ArrayList<>();

  private NotifyReceiver(Socket socket) {
    this.socket = socket;
  }

  /**
   * @param path of the socket, or NUL and an abstract name
   */
  static NotifyReceiver listenOn(String path) throws IOException {
    Epoll.ensureAvailability();
    Socket socket = Socket.newSocketDomainDgram();
    socket.bind(new DomainSocketAddress(path));
    return new NotifyReceiver(socket);
  }

  /** All datagrams so far, but for those forgotten. */
  List<String> received() throws IOException {
    DomainDatagramSocketAddress from;
    while ((from = socket.recvFromDomainSocket(buffer, 0, MAX_BYTES)) != null) {
      byte[] bytes = new byte[from.receivedAmount()];
      buffer.position(0);
      buffer.get(bytes);
      received.add(new String(bytes, StandardCharsets.UTF_8));
    }
    return received;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
