/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import io.millrace.rpc.frame.FrameEncoder;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/** A peer that writes bytes as it likes: what a client of ours would not send. Stateless. */
final class RawPeer {
  private static final String HASH = "86aadae2c45474c0fe93ffd0f2350a65";

  /** A handshake and one call of append; the answer has 27 bytes. */
  static final byte[] FIRST =
      HexFormat.of()
          .parseHex(
              "00000001000000020000002b"
                  + HASH
                  + "00"
                  + HASH
                  + "0200000c617070656e64"
                  + "0000000902026b027600046869");

  private RawPeer() {}

  static byte[] largeRequest(int bodyBytes) {
    byte[] head =
        HexFormat.of().parseHex(HASH + "00" + HASH + "020000" + "16617070656e644261746368");
    EventBatch batch = EventBatch.of(Map.of(), new byte[bodyBytes]);
    byte[] payload = new byte[batch.encodedBytes()];
    batch.copyTo(payload, 0);
    return FrameEncoder.frame(1, head, payload);
  }

  static void assertAnswered(Socket socket) throws IOException {
    socket.getOutputStream().write(FIRST);
    byte[] answer = new byte[27];
    new DataInputStream(socket.getInputStream()).readFully(answer);
    assertThat(Arrays.copyOfRange(answer, 25, 27)).containsExactly(0, 0);
  }

  static void write(Socket socket, byte[] bytes, int length) {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(bytes, 0, length);
      out.flush();
    } catch (IOException e) {
      // The other side has closed; the test looks at that elsewhere.
    }
  }

  static Socket connect(TestServer server) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(60_000);
    return socket;
  }
}
