/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A load balancer of one server: puts some bytes in front of each connection. */
public final class HeaderRelay implements AutoCloseable {
  private final ServerSocket listener;
  private final int target;
  private final byte[] header;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();

  private HeaderRelay(ServerSocket listener, int target, byte[] header) {
    this.listener = listener;
    this.target = target;
    this.header = header;
  }

  public static HeaderRelay to(int target, byte[] header) throws IOException {
    HeaderRelay relay =
        new HeaderRelay(
            new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), target, header.clone());
    start(relay::accept);
    return relay;
  }

  public int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.addAll(List.of(client, server));
        server.getOutputStream().write(header);
        start(() -> pump(client, server));
        start(() -> pump(server, client));
      } catch (IOException e) {
        // Closed, or the server is away: its client sees a connection that ends.
      }
    }
  }

  private static void pump(Socket from, Socket to) {
    byte[] bytes = new byte[8192];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
        out.write(bytes, 0, length);
      }
    } catch (IOException e) {
      // One side has ended; both are closed.
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "header-relay");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
