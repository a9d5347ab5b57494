/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/**
 * Sends numbered lines to a netcat source and counts the lines that it has acknowledged. Confined
 * to one thread.
 */
final class NetcatClient implements AutoCloseable {
  private final String stream;
  private final String filling;
  private final Socket socket;
  private final OutputStream out;
  private final BufferedReader in;
  private int sent;
  private int acknowledged;

  NetcatClient(int port, String stream) throws IOException {
    this(port, stream, 0);
  }

  /**
   * @param fillingBytes how much longer each line is than those of a ledger
   */
  NetcatClient(int port, String stream, int fillingBytes) throws IOException {
    this.stream = stream;
    this.filling = "z".repeat(fillingBytes);
    this.socket = Ports.connect(port);
    this.out = socket.getOutputStream();
    this.in =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
  }

  /**
   * Sends so many lines at once and waits for the answer to each.
   *
   * @return false when the source has ended the connection or refused a line
   */
  boolean send(int lineCount) {
    StringBuilder text = new StringBuilder();
    for (int i = 1; i <= lineCount; i++) {
      text.append(line(sent + i)).append('\n');
    }
    sent += lineCount;
    try {
      out.write(text.toString().getBytes(StandardCharsets.US_ASCII));
      for (int i = 0; i < lineCount; i++) {
        if (!"OK".equals(in.readLine())) {
          return false;
        }
        acknowledged++;
      }
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  /** The line of this number, counted from 1. */
  String line(int number) {
    return Ledger.line(stream, number) + filling;
  }

  /** How many lines were sent, acknowledged or not. */
  int sent() {
    return sent;
  }

  /** The first so many lines were acknowledged. */
  int acknowledged() {
    return acknowledged;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
