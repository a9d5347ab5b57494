/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Datagrams over loopback, for fixtures. Stateless. */
public final class Datagrams {
  private Datagrams() {}

  public static void send(int port, List<String> texts) throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      for (String text : texts) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        socket.send(
            new DatagramPacket(bytes, bytes.length, InetAddress.getLoopbackAddress(), port));
      }
    }
  }
}
