/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** Speaks HTTP byte by byte, well or badly. Confined to one thread. */
final class RawClient implements AutoCloseable {
  private static final int TIMEOUT_MILLIS = 120_000;

  private final Socket socket;
  private final InputStream in;

  /** A response, its head in lower case. */
  record Response(int status, String head, String body) {}

  RawClient(InetSocketAddress address) throws IOException {
    socket = new Socket(address.getAddress(), address.getPort());
    socket.setSoTimeout(TIMEOUT_MILLIS);
    socket.setTcpNoDelay(true);
    in = socket.getInputStream();
  }

  void send(String text) throws IOException {
    send(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  void post(String body) throws IOException {
    post(body.getBytes(StandardCharsets.UTF_8), "");
  }

  void post(byte[] body, String headers) throws IOException {
    send(head(headers + "Content-Length: " + body.length + "\r\n"));
    send(body);
  }

  static String head(String headers) {
    return "POST /any HTTP/1.1\r\nHost: here\r\n" + headers + "\r\n";
  }

  Response read() throws IOException {
    return read(true);
  }

  Response read(boolean hasBody) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
      int b = in.read();
      if (b < 0) {
        throw new EOFException("after: " + head.toString(StandardCharsets.ISO_8859_1));
      }
      head.write(b);
    }
    String text = head.toString(StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
    int at = text.indexOf("content-length: ");
    int bytes =
        at < 0 || !hasBody ? 0 : Integer.parseInt(text.substring(at + 16, text.indexOf('\r', at)));
    String body = new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
    return new Response(Integer.parseInt(text.substring(9, 12)), text, body);
  }

  /** Whether the server has ended the connection, waiting for it. */
  boolean isEnded() throws IOException {
    try {
      return in.read() < 0;
    } catch (java.net.SocketException e) {
      return true;
    }
  }

  void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  int available() throws IOException {
    return in.available();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
