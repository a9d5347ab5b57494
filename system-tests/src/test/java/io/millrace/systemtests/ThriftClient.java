/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Sends batches of lines to a Thrift or Scribe source, framed, in the binary protocol. Confined to
 * one thread at a time.
 */
final class ThriftClient implements AutoCloseable {
  private static final int CALL = 0x8001_0001;
  private static final byte STOP = 0;
  private static final byte I32 = 8;
  private static final byte STRING = 11;
  private static final byte STRUCT = 12;
  private static final byte MAP = 13;
  private static final byte LIST = 15;

  /** {@code Status.OK} of Flume's protocol and {@code ResultCode.OK} of Scribe's. */
  private static final int OK = 0;

  private final Socket socket;
  private int calls;

  ThriftClient(int port) throws IOException {
    socket = Ports.connect(port);
  }

  /** What precedes the text in each element of the list. */
  @FunctionalInterface
  private interface FirstField {
    void writeTo(DataOutputStream out) throws IOException;
  }

  /** Sends one batch to Flume's Thrift source and waits for its answer: whether it was OK. */
  boolean send(List<String> lines) throws IOException {
    return call(
        "appendBatch",
        lines,
        out -> {
          writeField(out, MAP, 1);
          out.writeByte(STRING);
          out.writeByte(STRING);
          out.writeInt(0);
        });
  }

  /** The same to a Scribe source. */
  boolean log(List<String> lines) throws IOException {
    return call(
        "Log",
        lines,
        out -> {
          writeField(out, STRING, 1);
          writeBytes(out, "category");
        });
  }

  private boolean call(String method, List<String> lines, FirstField first) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeInt(CALL);
    writeBytes(out, method);
    out.writeInt(++calls);
    writeField(out, LIST, 1);
    out.writeByte(STRUCT);
    out.writeInt(lines.size());
    for (String line : lines) {
      first.writeTo(out);
      writeField(out, STRING, 2);
      writeBytes(out, line);
      out.writeByte(STOP);
    }
    out.writeByte(STOP);
    DataOutputStream frame = new DataOutputStream(socket.getOutputStream());
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    new DataOutputStream(whole).writeInt(bytes.size());
    whole.writeBytes(bytes.toByteArray());
    frame.write(whole.toByteArray());
    return readStatus() == OK;
  }

  private int readStatus() throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    in.readInt();
    in.readInt();
    in.readNBytes(in.readInt());
    in.readInt();
    byte type = in.readByte();
    short field = in.readShort();
    if (type != I32 || field != 0) {
      throw new IOException("type: " + type + ", field: " + field + " (expected: a status)");
    }
    int status = in.readInt();
    in.readByte();
    return status;
  }

  private static void writeField(DataOutputStream out, byte type, int id) throws IOException {
    out.writeByte(type);
    out.writeShort(id);
  }

  private static void writeBytes(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
