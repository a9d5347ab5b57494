/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.service;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The datagram socket of systemd's protocol {@code sd_notify}: one message of lines {@code
 * KEY=value} in each datagram. Java has streams on Unix sockets only; Netty's native part has the
 * rest, and is loaded only where a service manager is there to be told. Guarded by {@code this}.
 */
final class NotifySocket implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 2_000;

  private final byte[] path;
  private final Socket socket;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_MESSAGE_BYTES);

  private NotifySocket(byte[] path, Socket socket) {
    this.path = path;
    this.socket = socket;
  }

  /**
   * @param address a path, or the name of an abstract socket behind {@code @}
   * @throws IOException when this system has no such sockets, or the native part cannot be loaded
   */
  static NotifySocket open(String address) throws IOException {
    if (!address.startsWith("/") && !address.startsWith("@")) {
      throw new IOException(
          "NOTIFY_SOCKET: '" + address + "' (expected: a path, or @ and an abstract name)");
    }
    if (!Epoll.isAvailable()) {
      throw new IOException(
          "Unix datagrams need Netty's native library, which cannot be loaded: "
              + Epoll.unavailabilityCause(),
          Epoll.unavailabilityCause());
    }
    byte[] path = address.getBytes(StandardCharsets.UTF_8);
    if (path[0] == '@') {
      path[0] = 0;
    }
    return new NotifySocket(path, Socket.newSocketDomainDgram());
  }

  synchronized void send(String message) throws IOException {
    byte[] bytes = message.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > MAX_MESSAGE_BYTES) {
      throw new IllegalArgumentException(
          "message: " + bytes.length + " bytes (expected: at most " + MAX_MESSAGE_BYTES + ")");
    }
    buffer.clear();
    buffer.put(bytes);
    socket.sendToDomainSocket(buffer, 0, bytes.length, path);
  }

  @Override
  public synchronized void close() throws IOException {
    socket.close();
  }
}
