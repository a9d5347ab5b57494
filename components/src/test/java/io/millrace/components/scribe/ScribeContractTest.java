/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.scribe;

import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.FreePort;
import io.millrace.components.testing.HopLimits;
import io.millrace.components.testing.SocketLines;
import io.millrace.components.testing.SourceContract;
import io.millrace.components.testing.SourceFixture;
import io.millrace.kit.tls.ServerTlsOptions;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

class ScribeContractTest extends SourceContract {
  @Override
  protected SourceFixture fixture(Path directory) throws IOException {
    return new Fixture(FreePort.any());
  }

  private record Fixture(int port) implements SourceFixture {
    private static final int READ_MILLIS = 60_000;

    @Override
    public Source build(SourceContext context) {
      return new ScribeSourceOptions(
              "127.0.0.1",
              port,
              16_384_000,
              Optional.empty(),
              ServerTlsOptions.none(),
              HopLimits.ample(),
              ProxyProtocolOptions.OFF)
          .build(context);
    }

    /** The call {@code Log(1: list<LogEntry>)} in Thrift's binary protocol, framed. */
    private static byte[] call(List<String> bodies) throws IOException {
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      DataOutputStream out = new DataOutputStream(bytes);
      out.writeInt(0x8001_0001);
      text(out, "Log");
      out.writeInt(1);
      field(out, 15, 1);
      out.writeByte(12);
      out.writeInt(bodies.size());
      for (String body : bodies) {
        field(out, 11, 1);
        text(out, "category");
        field(out, 11, 2);
        text(out, body);
        out.writeByte(0);
      }
      out.writeByte(0);
      ByteArrayOutputStream frame = new ByteArrayOutputStream();
      new DataOutputStream(frame).writeInt(bytes.size());
      frame.writeBytes(bytes.toByteArray());
      return frame.toByteArray();
    }

    private static void field(DataOutputStream out, int type, int id) throws IOException {
      out.writeByte(type);
      out.writeShort(id);
    }

    private static void text(DataOutputStream out, String text) throws IOException {
      byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
      out.writeInt(encoded.length);
      out.write(encoded);
    }

    @Override
    public Set<String> offer(List<String> bodies) throws IOException {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout(READ_MILLIS);
        socket.getOutputStream().write(call(bodies));
        DataInputStream in = new DataInputStream(socket.getInputStream());
        in.readInt();
        in.readInt();
        in.readNBytes(in.readInt());
        in.readInt();
        in.readNBytes(3);
        return in.readInt() == 0 ? new HashSet<>(bodies) : Set.of();
      }
    }

    @Override
    public void flood(List<String> bodies) throws IOException {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        for (int i = 0; i < bodies.size(); i += 100) {
          socket.getOutputStream().write(call(bodies.subList(i, Math.min(i + 100, bodies.size()))));
        }
      }
    }

    @Override
    public void offerGarbage() throws IOException {
      SocketLines.send(port, "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      SocketLines.send(port, new byte[] {0, 0, 0, 4, (byte) 0x80, 1, 0, 7});
    }

    /** The limits of {@link HopLimits#ample}. */
    @Override
    public long maxBytesInFlight() {
      return 64 << 20;
    }
  }
}
