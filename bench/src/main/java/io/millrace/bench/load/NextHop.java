/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What an avro sink sends to: takes every batch, answers OK, keeps nothing but the moment when the
 * first was there. Up to {@value #MAX_CONNECTIONS} connections, a thread each.
 */
public final class NextHop implements AutoCloseable {
  private static final int MAX_CONNECTIONS = 16;
  private static final int MAX_FRAME_BYTES = 64 << 20;

  /** Handshake, metadata and name of a call stand at the front of its message. */
  private static final int FRONT_BYTES = 4096;

  private static final int SOCKET_BUFFER_BYTES = 1 << 16;

  // Handshake: BOTH and three null unions. Call: empty metadata, no error, status OK.
  private static final byte[] HANDSHAKE_ANSWER = {0, 0, 0, 0};
  private static final byte[] CALL_ANSWER = {0, 0, 0};

  private final ServerSocket server;
  private final Set<Socket> connections = ConcurrentHashMap.newKeySet();
  private final AtomicLong appends = new AtomicLong();
  private volatile long firstAppendNanos;

  private NextHop(ServerSocket server) {
    this.server = server;
  }

  /** Listens on a port of loopback that was free. */
  public static NextHop open() throws IOException {
    NextHop hop =
        new NextHop(new ServerSocket(0, MAX_CONNECTIONS, InetAddress.getLoopbackAddress()));
    daemon(hop::accept);
    return hop;
  }

  private static void daemon(Runnable work) {
    Thread thread = new Thread(work, "next-hop");
    thread.setDaemon(true);
    thread.start();
  }

  public int port() {
    return server.getLocalPort();
  }

  /** Calls that carried events, so far. */
  public long appends() {
    return appends.get();
  }

  /** When the first of them was there, on the clock of {@link System#nanoTime}. */
  public long firstAppendNanos() {
    return firstAppendNanos;
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        if (connections.size() >= MAX_CONNECTIONS) {
          socket.close();
          continue;
        }
        connections.add(socket);
        daemon(() -> serve(socket));
      } catch (IOException e) {
        // Closed, or a connection that was gone before it was taken.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      DataInputStream in =
          new DataInputStream(
              new BufferedInputStream(socket.getInputStream(), SOCKET_BUFFER_BYTES));
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      boolean isFirst = true;
      while (true) {
        int serial = in.readInt();
        boolean isAppend = isAppend(readFront(in));
        if (isAppend && appends.getAndIncrement() == 0) {
          firstAppendNanos = System.nanoTime();
        }
        byte[] answer = answer(isFirst, isAppend);
        out.write(AppendBatchFrame.frame(serial, answer));
        isFirst = false;
      }
    } catch (IOException e) {
      connections.remove(socket); // the sink is gone
    }
  }

  private static byte[] answer(boolean isFirst, boolean isAppend) {
    byte[] handshake = isFirst ? HANDSHAKE_ANSWER : new byte[0];
    if (!isAppend) {
      return handshake;
    }
    byte[] answer = Arrays.copyOf(handshake, handshake.length + CALL_ANSWER.length);
    System.arraycopy(CALL_ANSWER, 0, answer, handshake.length, CALL_ANSWER.length);
    return answer;
  }

  /** Reads a whole message and answers its first bytes. */
  private static byte[] readFront(DataInputStream in) throws IOException {
    byte[] front = new byte[FRONT_BYTES];
    int frontBytes = 0;
    int buffers = in.readInt();
    long messageBytes = 0;
    for (int i = 0; i < buffers; i++) {
      int bytes = in.readInt();
      messageBytes += bytes;
      if (bytes < 0 || messageBytes > MAX_FRAME_BYTES) {
        throw new IOException(
            "a message of " + messageBytes + " bytes (expected: up to " + MAX_FRAME_BYTES + ")");
      }
      int kept = Math.min(bytes, FRONT_BYTES - frontBytes);
      in.readFully(front, frontBytes, kept);
      frontBytes += kept;
      skip(in, bytes - kept);
    }
    return Arrays.copyOf(front, frontBytes);
  }

  private static void skip(DataInputStream in, int bytes) throws IOException {
    int left = bytes;
    while (left > 0) {
      int skipped = in.skipBytes(left);
      if (skipped == 0) {
        throw new EOFException("the connection ended within a message");
      }
      left -= skipped;
    }
  }

  /** {@code append} or {@code appendBatch}, as opposed to a handshake alone. */
  private static boolean isAppend(byte[] front) {
    return new String(front, StandardCharsets.ISO_8859_1).contains("append");
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket connection : connections) {
      connection.close();
    }
  }
}
