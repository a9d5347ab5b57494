/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last hop: an Avro server that knows each event by its place in the caller's journal. That an
 * event comes again from the same place is the caller's right; an event in two places was stored
 * twice. Never dies and forgets nothing. Guarded by {@code this}.
 */
final class CountingServer implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 64 << 20;

  /** A place in a journal. */
  private record Place(String lane, long sequence) {}

  private final ServerSocket listener;
  private final Map<Place, String> bodies = new HashMap<>();
  private final Map<String, Integer> lines = new HashMap<>();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final List<String> troubles = new ArrayList<>();
  private long repeats;

  private CountingServer(ServerSocket listener) {
    this.listener = listener;
  }

  static CountingServer open() throws IOException {
    CountingServer server = new CountingServer(Ports.listenOn(0));
    start("counting/accept", server::accept);
    return server;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Every line in how many places it was. */
  synchronized Store stored() {
    return new Store(Map.copyOf(lines), List.of());
  }

  synchronized int distinctLineCount() {
    return lines.size();
  }

  /** Events that came again from the same place. */
  synchronized long repeats() {
    return repeats;
  }

  /** What no caller should do. */
  synchronized List<String> troubles() {
    return List.copyOf(troubles);
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket socket = listener.accept();
        sockets.add(socket);
        start("counting/connection", () -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      DataInputStream in = new DataInputStream(socket.getInputStream());
      boolean isFirst = true;
      while (true) {
        int serial = in.readInt();
        ByteBuffer message = readMessage(in);
        if (isFirst) {
          AvroBytes.skip(message, 16);
          if (AvroBytes.readLong(message) == 1) {
            AvroBytes.readBytes(message);
          }
          AvroBytes.skip(message, 16);
          if (AvroBytes.readLong(message) == 1) {
            AvroBytes.readMap(message);
          }
        }
        take(message);
        // Handshake BOTH and three times null where there is one; no metadata, no error, OK.
        byte[] answer = isFirst ? new byte[7] : new byte[3];
        isFirst = false;
        socket
            .getOutputStream()
            .write(
                ByteBuffer.allocate(12 + answer.length)
                    .putInt(serial)
                    .putInt(1)
                    .putInt(answer.length)
                    .put(answer)
                    .array());
      }
    } catch (EOFException e) {
      // The caller has closed the connection.
    } catch (IOException | RuntimeException e) {
      trouble(e);
    } finally {
      sockets.remove(socket);
    }
  }

  private synchronized void trouble(Exception e) {
    // A killed caller resets its connections.
    if (!(e instanceof IOException)) {
      troubles.add(e.toString());
    }
  }

  private static ByteBuffer readMessage(DataInputStream in) throws IOException {
    byte[] message = {};
    for (int buffers = in.readInt(); buffers > 0; buffers--) {
      int bytes = in.readInt();
      if (bytes < 0 || bytes > MAX_MESSAGE_BYTES - message.length) {
        throw new IllegalStateException("buffer of " + bytes + " bytes");
      }
      int end = message.length;
      message = Arrays.copyOf(message, end + bytes);
      in.readFully(message, end, bytes);
    }
    return ByteBuffer.wrap(message);
  }

  private void take(ByteBuffer message) {
    Map<String, byte[]> metadata = AvroBytes.readMap(message);
    String name = new String(AvroBytes.readBytes(message), StandardCharsets.UTF_8);
    if (!name.equals("appendBatch") || !metadata.containsKey("millrace.journal")) {
      throw new IllegalStateException("call " + name + " with metadata " + metadata.keySet());
    }
    String lane =
        Arrays.toString(metadata.get("millrace.journal"))
            + Arrays.toString(metadata.get("millrace.lane"));
    long sequence = ByteBuffer.wrap(metadata.get("millrace.first")).getLong();
    List<String> batch = new ArrayList<>();
    for (long n = AvroBytes.readBlock(message); n != 0; n = AvroBytes.readBlock(message)) {
      for (long i = 0; i < n; i++) {
        AvroBytes.readMap(message);
        batch.add(new String(AvroBytes.readBytes(message), StandardCharsets.ISO_8859_1));
      }
    }
    if (batch.size() != ByteBuffer.wrap(metadata.get("millrace.count")).getInt()) {
      throw new IllegalStateException(batch.size() + " events are not as many as the call says");
    }
    synchronized (this) {
      for (String line : batch) {
        take(new Place(lane, sequence++), line);
      }
    }
  }

  private void take(Place place, String line) {
    String before = bodies.putIfAbsent(place, line);
    if (before == null) {
      lines.merge(line, 1, Integer::sum);
    } else if (before.equals(line)) {
      repeats++;
    } else {
      troubles.add(place + " was " + before + " and is " + line);
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
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
