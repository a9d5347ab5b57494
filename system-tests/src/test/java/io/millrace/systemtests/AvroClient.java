/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * Sends batches of lines to an Avro source, one call at a time, as Flume 1.11's client does.
 * Confined to one thread at a time.
 */
final class AvroClient implements AutoCloseable {
  /** MD5 of the protocol's text in Flume 1.11. */
  private static final byte[] PROTOCOL =
      HexFormat.of().parseHex("86aadae2c45474c0fe93ffd0f2350a65");

  /** What became of a batch, as far as its sender was told. */
  enum Outcome {
    ACKNOWLEDGED,
    REFUSED,
    /** The connection ended, or nothing came in time. */
    UNANSWERED
  }

  private final Socket socket;
  private final DataInputStream in;
  private int calls;

  AvroClient(int port, int answerMillis) throws IOException {
    this(Ports.connect(port), answerMillis);
  }

  /** From an address of this host's choice. */
  AvroClient(InetAddress from, int port, int answerMillis) throws IOException {
    this(new Socket(InetAddress.getLoopbackAddress(), port, from, 0), answerMillis);
  }

  private AvroClient(Socket socket, int answerMillis) throws IOException {
    this.socket = socket;
    socket.setSoTimeout(answerMillis);
    socket.setTcpNoDelay(true);
    in = new DataInputStream(socket.getInputStream());
  }

  /** Sends one batch and waits for its answer. After UNANSWERED the client is of no more use. */
  Outcome send(List<String> lines) {
    return send(lines, Map.of());
  }

  /** As {@link #send(List)}, with metadata that Flume does not have. */
  Outcome send(List<String> lines, Map<String, byte[]> metadata) {
    calls++;
    try {
      socket.getOutputStream().write(frame(request(lines, metadata)));
      return outcome(readMessage());
    } catch (SocketTimeoutException e) {
      return Outcome.UNANSWERED;
    } catch (IOException e) {
      return Outcome.UNANSWERED;
    }
  }

  private byte[] frame(byte[] message) {
    return ByteBuffer.allocate(12 + message.length)
        .putInt(calls)
        .putInt(1)
        .putInt(message.length)
        .put(message)
        .array();
  }

  private byte[] request(List<String> lines, Map<String, byte[]> metadata) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    if (calls == 1) {
      out.writeBytes(PROTOCOL);
      out.write(0); // The text of the protocol is left out.
      out.writeBytes(PROTOCOL);
      out.write(0);
    }
    if (!metadata.isEmpty()) {
      writeLong(out, metadata.size());
      metadata.forEach(
          (name, value) -> {
            writeBytes(out, name.getBytes(StandardCharsets.UTF_8));
            writeBytes(out, value);
          });
    }
    out.write(0);
    writeBytes(out, "appendBatch".getBytes(StandardCharsets.UTF_8));
    writeLong(out, lines.size());
    for (String line : lines) {
      out.write(0);
      writeBytes(out, line.getBytes(StandardCharsets.ISO_8859_1));
    }
    out.write(0);
    return out.toByteArray();
  }

  private static void writeBytes(ByteArrayOutputStream out, byte[] bytes) {
    writeLong(out, bytes.length);
    out.writeBytes(bytes);
  }

  private static void writeLong(ByteArrayOutputStream out, long value) {
    long rest = (value << 1) ^ (value >> 63);
    while ((rest & ~0x7FL) != 0) {
      out.write((int) (rest & 0x7F | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private ByteBuffer readMessage() throws IOException {
    int serial = in.readInt();
    if (serial != calls) {
      throw new IllegalStateException("serial: " + serial + " (expected: " + calls + ")");
    }
    ByteArrayOutputStream message = new ByteArrayOutputStream();
    for (int buffers = in.readInt(); buffers > 0; buffers--) {
      message.writeBytes(in.readNBytes(in.readInt()));
    }
    return ByteBuffer.wrap(message.toByteArray());
  }

  private Outcome outcome(ByteBuffer message) {
    if (calls == 1) {
      skipHandshake(message);
    }
    skipMap(message);
    boolean isError = message.get() != 0;
    return !isError && readLong(message) == 0 ? Outcome.ACKNOWLEDGED : Outcome.REFUSED;
  }

  private static void skipHandshake(ByteBuffer message) {
    long match = readLong(message);
    if (match == 2) {
      throw new IllegalStateException("The source does not know the protocol of Flume 1.11");
    }
    if (readLong(message) == 1) {
      skip(message, readLong(message));
    }
    if (readLong(message) == 1) {
      skip(message, PROTOCOL.length);
    }
    if (readLong(message) == 1) {
      skipMap(message);
    }
  }

  private static void skipMap(ByteBuffer message) {
    for (long entries = readLong(message); entries != 0; entries = readLong(message)) {
      if (entries < 0) {
        readLong(message);
      }
      for (long i = Math.abs(entries); i > 0; i--) {
        skip(message, readLong(message));
        skip(message, readLong(message));
      }
    }
  }

  private static void skip(ByteBuffer message, long bytes) {
    message.position(message.position() + (int) bytes);
  }

  private static long readLong(ByteBuffer message) {
    long value = 0;
    int shift = 0;
    int part;
    do {
      part = message.get();
      value |= (long) (part & 0x7F) << shift;
      shift += 7;
    } while ((part & 0x80) != 0);
    return (value >>> 1) ^ -(value & 1);
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      // Whoever is at the other end is gone already.
    }
  }
}
