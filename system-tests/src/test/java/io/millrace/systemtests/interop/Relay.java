/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import io.millrace.systemtests.Ports;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A port that stands for another one until it is closed, connections and all: to its clients a
 * server that is lost. Safe for many threads.
 */
final class Relay implements AutoCloseable {
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final ServerSocket listening;
  private final int target;

  private Relay(ServerSocket listening, int target) {
    this.listening = listening;
    this.target = target;
  }

  static Relay to(int target) throws IOException {
    Relay relay = new Relay(Ports.listenOn(Ports.free()), target);
    start("accept", relay::accept);
    return relay;
  }

  int port() {
    return listening.getLocalPort();
  }

  /** How many connections it has taken. */
  int connectionCount() {
    return sockets.size() / 2;
  }

  private void accept() throws IOException {
    while (!listening.isClosed()) {
      Socket client = listening.accept();
      Socket server = Ports.connect(target);
      server.setSoTimeout(0);
      sockets.addAll(List.of(client, server));
      start("to-server", () -> client.getInputStream().transferTo(server.getOutputStream()));
      start("to-client", () -> server.getInputStream().transferTo(client.getOutputStream()));
    }
  }

  private static void start(String name, Transfer transfer) {
    Thread thread =
        new Thread(
            () -> {
              try {
                transfer.run();
              } catch (IOException e) {
                // Closed at one end.
              }
            },
            "relay/" + name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  /** Copies bytes until one end is closed. */
  private interface Transfer {
    void run() throws IOException;
  }
}
