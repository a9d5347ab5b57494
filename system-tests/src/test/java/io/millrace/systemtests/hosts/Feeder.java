/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * An application beside an agent: hands it a few lines at a time at a steady rate, and waits for
 * the OK to each before it sends more. What gets none is not sent again. Its own thread.
 */
final class Feeder implements AutoCloseable {
  static final int LINES_PER_SECOND = 300;

  private static final int LINES_PER_TURN = 15;
  private static final int TURN_MILLIS = 1000 * LINES_PER_TURN / LINES_PER_SECOND;
  private static final int CONNECT_MILLIS = 1_000;

  /** Longer than any fault is held; an agent that stood still answers then. */
  private static final int ANSWER_MILLIS = 20_000;

  private final String stream;
  private final Place agent;
  private final Reckoning reckoning;
  private final ScheduledExecutorService thread;
  private final Future<?> turns;
  private Socket socket;
  private BufferedReader answers;

  Feeder(String stream, Place agent, Reckoning reckoning) {
    this.stream = stream;
    this.agent = agent;
    this.reckoning = reckoning;
    reckoning.open(stream);
    thread =
        Executors.newSingleThreadScheduledExecutor(turn -> new Thread(turn, "feeder/" + stream));
    turns = thread.scheduleWithFixedDelay(this::turn, 0, TURN_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void turn() {
    try {
      if (socket == null) {
        connect();
      }
      int first = reckoning.send(stream, LINES_PER_TURN);
      StringBuilder text = new StringBuilder();
      for (int number = first; number < first + LINES_PER_TURN; number++) {
        text.append(Reckoning.line(stream, number)).append('\n');
      }
      socket.getOutputStream().write(text.toString().getBytes(StandardCharsets.US_ASCII));
      for (int number = first; number < first + LINES_PER_TURN; number++) {
        String answer = answers.readLine();
        if (!"OK".equals(answer)) {
          throw new IOException("answer: " + answer + " (expected: OK)");
        }
        reckoning.acknowledged(stream, number);
      }
    } catch (IOException e) {
      // The agent is away or refuses: the next turn tries again, with new lines.
      disconnect();
    }
  }

  private void connect() throws IOException {
    socket = new Socket();
    socket.connect(new InetSocketAddress(agent.address(), agent.port()), CONNECT_MILLIS);
    socket.setSoTimeout(ANSWER_MILLIS);
    socket.setTcpNoDelay(true);
    answers =
        new BufferedReader(
            new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
  }

  private void disconnect() {
    if (socket != null) {
      try {
        socket.close();
      } catch (IOException e) {
        // It has ended by itself.
      }
      socket = null;
    }
  }

  /** Ends it once what it has sent is answered; throws if it failed. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      if (!thread.awaitTermination(ANSWER_MILLIS + 10_000, TimeUnit.MILLISECONDS)) {
        throw new IllegalStateException("The client of " + stream + " did not end");
      }
      if (!turns.isCancelled()) {
        turns.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("The client of " + stream + " failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      disconnect();
    }
  }
}
