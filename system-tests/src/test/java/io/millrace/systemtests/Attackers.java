/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.net.Socket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Hostile clients of one port, each with a connection and a thread of its own: a port that stops
 * reading from one of them is in its right. All connections stay open until this is closed.
 */
final class Attackers implements AutoCloseable {
  private static final long SEND_SECONDS = 6;

  private final int port;
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private final AtomicInteger thrownOut = new AtomicInteger();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  Attackers(int port) {
    this.port = port;
  }

  void send(byte[] bytes, int connections) {
    for (int i = 0; i < connections; i++) {
      threads.execute(() -> sendAndLeaveOpen(bytes));
    }
  }

  private void sendAndLeaveOpen(byte[] bytes) {
    try {
      Socket socket = Ports.connect(port);
      sockets.add(socket);
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      thrownOut.incrementAndGet();
    }
  }

  /** Waits until all is sent, or is not taken any more. */
  void awaitSent() {
    threads.shutdown();
    try {
      boolean allSent = threads.awaitTermination(SEND_SECONDS, TimeUnit.SECONDS);
      Scene.say(
          "attackers: %d thrown out while they sent; %s"
              .formatted(thrownOut.get(), allSent ? "none waits" : "some are not read from"));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}
