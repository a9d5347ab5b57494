/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Passes bytes on between two hosts, as their link lets them. What is held back stays where it is,
 * as packets that are sent again do: nobody's connection ends by it. Safe for many threads.
 */
final class Relay implements AutoCloseable {
  /** What a link lets pass, the worst first. */
  enum Passing {
    NOTHING,
    SLOWLY,
    FREELY;

    Passing worse(Passing other) {
      return compareTo(other) <= 0 ? this : other;
    }
  }

  private static final int BUFFER_BYTES = 4 << 10;
  private static final int CONNECT_MILLIS = 2_000;

  private final ServerSocket listener;
  private final InetSocketAddress target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();

  /** Guarded by {@code this}. */
  private Passing passing = Passing.FREELY;

  private Relay(ServerSocket listener, InetSocketAddress target) {
    this.listener = listener;
    this.target = target;
  }

  static Relay open(InetSocketAddress address, InetSocketAddress target) throws IOException {
    ServerSocket listener = new ServerSocket();
    listener.setReuseAddress(true);
    listener.bind(address);
    Relay relay = new Relay(listener, target);
    start("relay/accept", relay::accept);
    return relay;
  }

  String address() {
    return listener.getInetAddress().getHostAddress();
  }

  synchronized void let(Passing wanted) {
    passing = wanted;
    notifyAll();
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket caller = listener.accept();
        start("relay/connect", () -> connect(caller));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void connect(Socket caller) {
    Socket other = new Socket();
    sockets.add(caller);
    sockets.add(other);
    try {
      awaitPassage(0);
      other.connect(target, CONNECT_MILLIS);
      start("relay/answers", () -> pass(other, caller));
      pass(caller, other);
    } catch (IOException e) {
      end(caller, other);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      end(caller, other);
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int bytes = in.read(buffer); bytes >= 0; bytes = in.read(buffer)) {
        awaitPassage(bytes);
        out.write(buffer, 0, bytes);
      }
      awaitPassage(0);
    } catch (IOException e) {
      // One of both ends is gone.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end(from, to);
    }
  }

  /** Waits until so many bytes have passed at the rate of a slow link, and while it is cut. */
  private synchronized void awaitPassage(int bytes) throws InterruptedException {
    long nanos = TimeUnit.SECONDS.toNanos(1) * bytes * 8 / Network.SLOW_BITS_PER_SECOND;
    long until = System.nanoTime() + nanos;
    while (!listener.isClosed() && passing != Passing.FREELY) {
      long left = until - System.nanoTime();
      if (passing == Passing.NOTHING) {
        wait();
      } else if (left > 0) {
        wait(left / 1_000_000, (int) (left % 1_000_000));
      } else {
        return;
      }
    }
  }

  private void end(Socket one, Socket other) {
    for (Socket socket : new Socket[] {one, other}) {
      sockets.remove(socket);
      closeQuietly(socket);
    }
  }

  private static void closeQuietly(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      // It has ended by itself.
    }
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    try {
      listener.close();
    } catch (IOException e) {
      // Nobody can call any more in any case.
    }
    sockets.forEach(Relay::closeQuietly);
    synchronized (this) {
      notifyAll();
    }
  }
}
