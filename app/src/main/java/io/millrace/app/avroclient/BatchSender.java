/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

import io.millrace.api.EventBatch;
import io.millrace.kit.log.LogText;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.RpcClient;
import io.millrace.rpc.transport.RpcConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;

/**
 * Sends batches in their order, several at a time, to the first server that takes them. What was
 * not acknowledged when a server fails is sent to the next, and so on around until all have failed
 * and the time for retries is over; a server that took a batch and could not say so has it twice
 * then.
 *
 * <p>Confined to one thread.
 */
final class BatchSender implements AutoCloseable {
  static final int MAX_IN_FLIGHT = 8;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private record Sent(EventBatch batch, long readBytes, CompletableFuture<Answer> answer) {}

  private final List<ClientSettings> servers;
  private final Duration retryFor;
  private final ThreadFactory threads;
  private final Consumer<String> remarks;
  private final SendProgress progress;
  private final Deque<Sent> window = new ArrayDeque<>();
  private int server;
  private RpcClient client;
  private RpcConnection connection;
  private long acknowledged;

  /** Failures since a batch was last acknowledged. */
  private int failures;

  private long firstFailureNanos;

  BatchSender(
      List<ClientSettings> servers,
      Duration retryFor,
      SendProgress progress,
      Consumer<String> remarks) {
    this.servers = servers;
    this.retryFor = retryFor;
    this.progress = progress;
    this.remarks = remarks;
    this.threads =
        task -> {
          Thread thread = new Thread(task, "millrace/avro-client/io");
          thread.setDaemon(true);
          return thread;
        };
  }

  /** Events that a server has acknowledged. */
  long acknowledged() {
    return acknowledged;
  }

  /** The server in use. */
  String target() {
    return servers.get(server).target();
  }

  /** Sends the batch, once there is room among those under way. */
  void send(EventBatch batch, long readBytes) throws SendFailedException, InterruptedException {
    if (batch.isEmpty()) {
      progress.passed(0, readBytes);
      return;
    }
    window.add(new Sent(batch, readBytes, call(batch)));
    while (!window.isEmpty()
        && (window.size() >= MAX_IN_FLIGHT || window.peek().answer().isDone())) {
      settleOldest();
    }
  }

  /** Waits until everything is acknowledged. */
  void finish() throws SendFailedException, InterruptedException {
    while (!window.isEmpty()) {
      settleOldest();
    }
  }

  private CompletableFuture<Answer> call(EventBatch batch) {
    if (connection == null) {
      client = new RpcClient(servers.get(server), threads);
      connection = client.connect();
    }
    return connection.appendBatch(batch, Map.of());
  }

  private void settleOldest() throws SendFailedException, InterruptedException {
    Sent oldest = window.peek();
    String problem;
    try {
      Answer answer = oldest.answer().get();
      if (answer == Answer.Status.OK) {
        window.poll();
        failures = 0;
        acknowledged += oldest.batch().eventCount();
        progress.passed(oldest.batch().eventCount(), oldest.readBytes());
        return;
      }
      if (answer instanceof Answer.CallError error && error.isPermanent()) {
        throw new SendFailedException(
            target() + " refuses these events for good: " + LogText.of(error.text()));
      }
      problem =
          target()
              + (answer instanceof Answer.CallError error
                  ? " says: " + LogText.of(error.text())
                  : " answered " + answer + ": it cannot take events now");
    } catch (ExecutionException e) {
      problem = LogText.of(e.getCause().getMessage());
    }
    failed(problem);
  }

  /** Goes on to the next server with all that is not acknowledged, or gives up. */
  private void failed(String problem) throws SendFailedException, InterruptedException {
    close();
    if (failures == 0) {
      firstFailureNanos = System.nanoTime();
    }
    failures++;
    boolean isRoundOver = failures % servers.size() == 0;
    if (isRoundOver && System.nanoTime() - firstFailureNanos >= retryFor.toNanos()) {
      throw new SendFailedException(problem);
    }
    server = (server + 1) % servers.size();
    remarks.accept(
        problem
            + (servers.size() > 1 ? "; trying " + target() : "; trying again")
            + (isRoundOver ? " in a moment." : "."));
    if (isRoundOver) {
      int round = Math.min(failures / servers.size(), 10);
      long millis = Math.min(LONGEST_PAUSE.toMillis(), FIRST_PAUSE.toMillis() << (round - 1));
      Thread.sleep(millis);
    }
    List<Sent> again = List.copyOf(window);
    window.clear();
    for (Sent sent : again) {
      window.add(new Sent(sent.batch(), sent.readBytes(), call(sent.batch())));
    }
  }

  /** Closes the connection; what is under way has no answer then. */
  @Override
  public void close() {
    if (client != null) {
      client.close();
      client = null;
      connection = null;
    }
  }
}
