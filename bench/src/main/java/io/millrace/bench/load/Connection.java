/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

import io.millrace.bench.load.AppendBatchFrame.Answer;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;

/**
 * One client: sends its frame, up to {@code inFlight} times before it waits for an answer. Confined
 * to the load thread.
 */
final class Connection implements AutoCloseable {
  private static final int MAX_ANSWER_BYTES = 64 * 1024;

  private final SocketChannel socket;
  private final SelectionKey key;
  private final ByteBuffer firstFrame;
  private final ByteBuffer frame;
  private final int maxInFlight;
  private final RequestBudget budget;
  private final Scenario.Wire wire;
  private final ByteBuffer input = ByteBuffer.allocateDirect(MAX_ANSWER_BYTES);
  private final byte[] message = new byte[MAX_ANSWER_BYTES];
  private final long[] sentNanos = new long[Scenario.MAX_IN_FLIGHT];

  /** What is being written; null between two requests. */
  private ByteBuffer output;

  private int sent;
  private int answered;
  private boolean isStopping;

  private Connection(
      SocketChannel socket,
      SelectionKey key,
      ByteBuffer firstFrame,
      ByteBuffer frame,
      int maxInFlight,
      Scenario.Wire wire,
      RequestBudget budget) {
    this.wire = wire;
    this.socket = socket;
    this.key = key;
    this.firstFrame = firstFrame;
    this.frame = frame;
    this.maxInFlight = maxInFlight;
    this.budget = budget;
  }

  static Connection open(
      InetSocketAddress address,
      Selector selector,
      Scenario scenario,
      long seed,
      RequestBudget budget)
      throws IOException {
    SocketChannel socket = SocketChannel.open(address);
    socket.setOption(StandardSocketOptions.TCP_NODELAY, true);
    socket.configureBlocking(false);
    SelectionKey key = socket.register(selector, SelectionKey.OP_READ);
    Connection connection =
        new Connection(
            socket,
            key,
            frame(scenario, true, seed),
            frame(scenario, false, seed),
            scenario.inFlight(),
            scenario.wire(),
            budget);
    key.attach(connection);
    return connection;
  }

  private static ByteBuffer frame(Scenario scenario, boolean first, long seed) {
    return switch (scenario.wire()) {
      case AVRO -> AppendBatchFrame.of(scenario, first, seed);
      case HTTP -> PostedEvents.of(scenario, seed);
    };
  }

  /** No further request is begun; one that is half written is finished. */
  void stop() {
    isStopping = true;
  }

  boolean isIdle() {
    return output == null && sent == answered;
  }

  /** Writes what the socket takes, and asks to be woken if that was not all. */
  void send() throws IOException {
    while (true) {
      if (output == null) {
        // The first answer carries the handshake's: wait for it before more is sent.
        int room = answered == 0 ? 1 : maxInFlight;
        if (isStopping || sent - answered >= room || !budget.take()) {
          break;
        }
        output = sent == 0 ? firstFrame : frame;
        if (wire == Scenario.Wire.AVRO) {
          output.putInt(AppendBatchFrame.SERIAL_OFFSET, sent + 1);
        }
        output.position(0);
        sentNanos[sent % sentNanos.length] = System.nanoTime();
        sent++;
      }
      socket.write(output);
      if (output.hasRemaining()) {
        break;
      }
      output = null;
    }
    int interest = SelectionKey.OP_READ | (output == null ? 0 : SelectionKey.OP_WRITE);
    if (key.interestOps() != interest) {
      key.interestOps(interest);
    }
  }

  /** Reads what is there, and hands each whole answer to {@code ledger}. */
  void receive(Ledger ledger) throws IOException {
    if (socket.read(input) < 0) {
      throw new EOFException(
          "the source closed the connection with " + (sent - answered) + " requests unanswered");
    }
    input.flip();
    while (wire == Scenario.Wire.AVRO ? takeAnswer(ledger) : takeResponse(ledger)) {}
    input.compact();
    if (!input.hasRemaining()) {
      throw new IOException("an answer of more than " + MAX_ANSWER_BYTES + " bytes");
    }
  }

  private boolean takeAnswer(Ledger ledger) {
    int start = input.position();
    if (input.remaining() < 8) {
      return false;
    }
    int serial = input.getInt();
    int buffers = input.getInt();
    int length = 0;
    for (int i = 0; i < buffers; i++) {
      if (input.remaining() < 4 || input.remaining() - 4 < input.getInt(input.position())) {
        input.position(start);
        return false;
      }
      int bytes = input.getInt();
      input.get(message, length, bytes);
      length += bytes;
    }
    if (serial != answered + 1) {
      // Both products answer one connection's requests in their order or one at a time.
      ledger.outOfOrder();
    }
    Answer answer = AppendBatchFrame.readAnswer(message, length, answered == 0);
    long nanos = System.nanoTime() - sentNanos[Math.floorMod(serial - 1, sentNanos.length)];
    answered++;
    ledger.answered(answer, nanos);
    return true;
  }

  /** Responses have no numbers: they come in the order of the requests. */
  private boolean takeResponse(Ledger ledger) {
    int length = PostedEvents.responseBytes(input);
    if (length == 0) {
      return false;
    }
    Answer answer = PostedEvents.readAnswer(input);
    input.position(input.position() + length);
    long nanos = System.nanoTime() - sentNanos[answered % sentNanos.length];
    answered++;
    ledger.answered(answer, nanos);
    return true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
