/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Passes bytes on between two agents, and cuts connections when told to. The caller sees its
 * connection end at once and gets no answer any more; what it has sent reaches the other end all
 * the same, in full or in part, up to a moment later: when the caller may have come back on another
 * connection. Safe for many threads.
 */
final class CuttingProxy implements AutoCloseable {
  private static final int MAX_LATE_MILLIS = 400;
  private static final int BUFFER_BYTES = 16 << 10;

  private final ServerSocket listener;
  private final int targetPort;
  private final Random random;
  private final Set<Passage> passages = ConcurrentHashMap.newKeySet();
  private final AtomicInteger cuts = new AtomicInteger();

  private CuttingProxy(ServerSocket listener, int targetPort, Random random) {
    this.listener = listener;
    this.targetPort = targetPort;
    this.random = random;
  }

  static CuttingProxy open(int targetPort, Random random) throws IOException {
    CuttingProxy proxy = new CuttingProxy(Ports.listenOn(0), targetPort, random);
    start("proxy/accept", proxy::accept);
    return proxy;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Connections that were cut so far. */
  int cuts() {
    return cuts.get();
  }

  void cut() {
    passages.forEach(Passage::cut);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket caller = listener.accept();
        start("proxy/connect", () -> connect(caller));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void connect(Socket caller) {
    try {
      Socket target = Ports.connect(targetPort);
      target.setSoTimeout(0);
      int lateMillis;
      synchronized (random) {
        lateMillis = random.nextInt(MAX_LATE_MILLIS);
      }
      Passage passage = new Passage(caller, target, lateMillis);
      passages.add(passage);
      start("proxy/requests", passage::passRequests);
      start("proxy/answers", passage::passAnswers);
    } catch (IOException e) {
      closeQuietly(caller);
    }
  }

  private final class Passage {
    private final Socket caller;
    private final Socket target;
    private final int lateMillis;
    private volatile boolean isCut;

    Passage(Socket caller, Socket target, int lateMillis) {
      this.caller = caller;
      this.target = target;
      this.lateMillis = lateMillis;
    }

    void cut() {
      if (!isCut) {
        isCut = true;
        cuts.incrementAndGet();
        // Not a close: what the caller has sent is still to be read.
        shutdownOutput(caller);
      }
    }

    void passRequests() {
      try {
        byte[] buffer = new byte[BUFFER_BYTES];
        InputStream requests = caller.getInputStream();
        for (int bytes = requests.read(buffer); bytes >= 0; bytes = requests.read(buffer)) {
          if (isCut) {
            Thread.sleep(lateMillis);
          }
          target.getOutputStream().write(buffer, 0, bytes);
        }
        if (isCut) {
          // Its calls are to be carried out before the connection is gone.
          Thread.sleep(lateMillis);
        }
      } catch (IOException e) {
        // One of both ends is gone.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        end();
      }
    }

    void passAnswers() {
      try {
        byte[] buffer = new byte[BUFFER_BYTES];
        InputStream answers = target.getInputStream();
        for (int bytes = answers.read(buffer); bytes >= 0; bytes = answers.read(buffer)) {
          if (!isCut) {
            caller.getOutputStream().write(buffer, 0, bytes);
          }
        }
      } catch (IOException e) {
        // One of both ends is gone.
      } finally {
        if (!isCut) {
          end();
        }
      }
    }

    private void end() {
      passages.remove(this);
      closeQuietly(caller);
      closeQuietly(target);
    }
  }

  private static void shutdownOutput(Socket socket) {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      // It has ended by itself.
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
  public void close() throws IOException {
    listener.close();
    passages.forEach(Passage::end);
  }
}
