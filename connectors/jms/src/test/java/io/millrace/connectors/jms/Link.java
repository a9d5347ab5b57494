/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/** A way to the broker that a test can cut. Guarded by {@code this}. */
final class Link implements AutoCloseable {
  private final ServerSocket entrance;
  private final int target;
  private final List<Socket> sockets = new ArrayList<>();

  Link(int target) throws IOException {
    this.target = target;
    entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    daemon(this::accept);
  }

  int port() {
    return entrance.getLocalPort();
  }

  private static void daemon(Runnable task) {
    Thread thread = new Thread(task, "link");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket here = entrance.accept();
        Socket there = new Socket(InetAddress.getLoopbackAddress(), target);
        synchronized (this) {
          sockets.add(here);
          sockets.add(there);
        }
        daemon(() -> copy(here, there));
        daemon(() -> copy(there, here));
      }
    } catch (IOException e) {
      // Closed by the test.
    }
  }

  private static void copy(Socket from, Socket to) {
    byte[] bytes = new byte[8192];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int read = in.read(bytes); read >= 0; read = in.read(bytes)) {
        out.write(bytes, 0, read);
      }
    } catch (IOException e) {
      // Cut by the test.
    }
  }

  synchronized void cut() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    sockets.clear();
  }

  @Override
  public void close() throws IOException {
    entrance.close();
    cut();
  }
}
