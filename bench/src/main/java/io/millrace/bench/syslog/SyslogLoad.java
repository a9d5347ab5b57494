/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.syslog;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Senders that write messages of RFC 3164, each ended by a line feed, as fast as they are taken.
 * The bytes are laid out before. Counts nothing: what arrives is counted at the other end.
 */
final class SyslogLoad implements AutoCloseable {
  private static final int BLOCK_MESSAGES = 1000;

  private final List<SocketChannel> sockets = new ArrayList<>();
  private final List<Thread> senders = new ArrayList<>();
  private volatile boolean isStopping;
  private volatile IOException failure;

  private SyslogLoad() {}

  /** One message, with its line feed, of that many bytes. */
  static String message(int bytes) {
    String time =
        DateTimeFormatter.ofPattern("MMM dd HH:mm:ss", Locale.ENGLISH).format(LocalDateTime.now());
    String text = "<13>" + time + " host-17 app[4711]: ";
    return text + "x".repeat(bytes - text.length() - 1) + "\n";
  }

  static SyslogLoad start(InetSocketAddress address, int connections, int messageBytes)
      throws IOException {
    SyslogLoad load = new SyslogLoad();
    byte[] block = message(messageBytes).repeat(BLOCK_MESSAGES).getBytes(StandardCharsets.US_ASCII);
    for (int i = 0; i < connections; i++) {
      SocketChannel socket = SocketChannel.open(address);
      load.sockets.add(socket);
      Thread sender = new Thread(() -> load.send(socket, block), "load-" + i);
      sender.start();
      load.senders.add(sender);
    }
    return load;
  }

  private void send(SocketChannel socket, byte[] block) {
    ByteBuffer buffer = ByteBuffer.allocateDirect(block.length).put(block).flip();
    try {
      while (!isStopping) {
        socket.write(buffer);
        if (!buffer.hasRemaining()) {
          buffer.rewind();
        }
      }
    } catch (ClosedChannelException e) {
      // The end of the load.
    } catch (IOException e) {
      if (!isStopping) {
        failure = e;
      }
    }
  }

  /** Throws what ended a sender early, if anything did. */
  void check() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }

  /** CPU time of all senders so far. */
  double cpuSeconds() {
    double nanos = 0;
    for (Thread sender : senders) {
      nanos += Math.max(0, ManagementFactory.getThreadMXBean().getThreadCpuTime(sender.getId()));
    }
    return nanos / 1e9;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    isStopping = true;
    for (SocketChannel socket : sockets) {
      socket.close();
    }
    for (Thread sender : senders) {
      sender.join();
    }
  }
}
