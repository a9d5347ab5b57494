/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Bytes and lines over TCP, for fixtures. Stateless. */
public final class SocketLines {
  private static final int READ_MILLIS = 60_000;

  private SocketLines() {}

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(READ_MILLIS);
    return socket;
  }

  /** Sends each as a line, and returns as many lines of answers; fewer when the peer ends it. */
  public static List<String> ask(int port, List<String> lines) throws IOException {
    try (Socket socket = connect(port)) {
      socket
          .getOutputStream()
          .write((String.join("\n", lines) + "\n").getBytes(StandardCharsets.UTF_8));
      BufferedReader answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      return java.util.stream.Stream.generate(() -> answer(answers))
          .limit(lines.size())
          .takeWhile(java.util.Objects::nonNull)
          .toList();
    }
  }

  private static String answer(BufferedReader answers) {
    try {
      return answers.readLine();
    } catch (IOException e) {
      return null;
    }
  }

  /** Sends bytes and hangs up without reading anything. */
  public static void send(int port, byte[] bytes) throws IOException {
    try (Socket socket = connect(port)) {
      socket.getOutputStream().write(bytes);
    }
  }
}
