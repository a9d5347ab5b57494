/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.avroclient;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.components.avro.OriginMetadata;
import io.millrace.kit.log.LogText;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.RpcClient;
import io.millrace.rpc.transport.RpcConnection;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
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
 * <p>A call names where its events come from, if that is known: a Millrace server drops what it has
 * had.
 *
 * <p>Confined to one thread.
 */
public final class BatchSender implements AutoCloseable {
  static final int MAX_IN_FLIGHT = 8;

  private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  /** Told of what is acknowledged, in order. */
  @FunctionalInterface
  public interface Listener {
    /**
     * @param origin of the events; {@link Origin#NONE} when there is none, or there are no events
     * @param readBytes of the input that were read for them
     */
    void acknowledged(Origin origin, long events, long readBytes);
  }

  private record Sent(
      EventBatch batch, Origin origin, long readBytes, CompletableFuture<Answer> answer) {}

  private final List<ClientSettings> servers;
  private final Duration retryFor;
  private final ThreadFactory threads;
  private final Consumer<String> remarks;
  private final Listener listener;
  private final Deque<Sent> window = new ArrayDeque<>();
  private int server;
  private RpcClient client;
  private RpcConnection connection;
  private long acknowledged;

  /** Failures since a batch was last acknowledged. */
  private int failures;

  private long firstFailureNanos;

  /**
   * @param servers in the order in which they are tried
   * @param retryFor how long to try again while none takes events
   * @param remarks told what goes wrong on the way
   */
  public BatchSender(
      List<ClientSettings> servers,
      Duration retryFor,
      Listener listener,
      Consumer<String> remarks) {
    this.servers = servers;
    this.retryFor = retryFor;
    this.listener = listener;
    this.remarks = remarks;
    this.threads =
        task -> {
          Thread thread = new Thread(task, "millrace/avro-client/io");
          thread.setDaemon(true);
          return thread;
        };
  }

  /** Events that a server has acknowledged. */
  public long acknowledged() {
    return acknowledged;
  }

  /** The server in use. */
  public String target() {
    return servers.get(server).target();
  }

  /** Sends the batch, once there is room among those under way. */
  public void send(EventBatch batch, long readBytes)
      throws SendFailedException, InterruptedException {
    send(batch, Origin.NONE, readBytes);
  }

  /** As {@link #send(EventBatch, long)}, of events that are known by their origin. */
  public void send(EventBatch batch, Origin origin, long readBytes)
      throws SendFailedException, InterruptedException {
    if (batch.isEmpty()) {
      listener.acknowledged(Origin.NONE, 0, readBytes);
      return;
    }
    window.add(new Sent(batch, origin, readBytes, call(batch, origin)));
    while (!window.isEmpty()
        && (window.size() >= MAX_IN_FLIGHT || window.peek().answer().isDone())) {
      settleOldest();
    }
  }

  /** Waits until everything is acknowledged. */
  public void finish() throws SendFailedException, InterruptedException {
    while (!window.isEmpty()) {
      settleOldest();
    }
  }

  private CompletableFuture<Answer> call(EventBatch batch, Origin origin) {
    if (connection == null) {
      client = new RpcClient(servers.get(server), threads);
      connection = client.connect();
    }
    return connection.appendBatch(batch, OriginMetadata.of(origin));
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
        listener.acknowledged(oldest.origin(), oldest.batch().eventCount(), oldest.readBytes());
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
      // Not fresh any more: a server may have had it.
      Origin origin = sent.origin().again();
      window.add(new Sent(sent.batch(), origin, sent.readBytes(), call(sent.batch(), origin)));
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
