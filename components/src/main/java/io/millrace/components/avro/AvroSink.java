/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.TransientException;
import io.millrace.kit.log.LogText;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.RpcClient;
import io.millrace.rpc.transport.RpcConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sends batches to an Avro server, several at a time over one connection. The connection is made by
 * the first delivery that finds none, so that a server may be away at any time.
 *
 * <p>Each call's metadata names the events it carries, for a server that remembers what it has had:
 * {@link OriginMetadata}.
 *
 * <p>A batch that a Millrace server refuses for good is sent in smaller pieces, see {@link
 * RefusedBatch}. What any other answer but OK means is not known: it is sent again.
 *
 * <p>Deliveries come from the sink's thread, pieces of refused ones from the thread of the
 * connection; what they share is guarded by {@code this}.
 */
final class AvroSink implements Sink {
  private final Supplier<ClientSettings> settings;
  private final Duration resetInterval;
  private final int maxInFlight;
  private final SinkContext context;
  private final Counter connectionsCreated;
  private final Counter connectionsClosed;
  private final Counter connectionsFailed;
  private final Counter batchesRefused;
  private final LogLimit pieceLog = new LogLimit(Duration.ofSeconds(10));
  private volatile String target = "";
  private RpcClient client;
  private RpcConnection connection;
  private long connectedNanos;

  /**
   * @param settings read at each start, for trust stores may change
   * @param resetInterval age at which a connection gives way to a new one; zero for never
   */
  AvroSink(
      Supplier<ClientSettings> settings,
      Duration resetInterval,
      int maxInFlight,
      SinkContext context) {
    this.settings = settings;
    this.resetInterval = resetInterval;
    this.maxInFlight = maxInFlight;
    this.context = context;
    this.connectionsCreated = context.metrics().counter("ConnectionCreatedCount");
    this.connectionsClosed = context.metrics().counter("ConnectionClosedCount");
    this.batchesRefused = context.metrics().counter("BatchRefusedCount");
    this.connectionsFailed = context.metrics().counter("ConnectionFailedCount");
  }

  @Override
  public synchronized void start() {
    ClientSettings current = settings.get();
    target = current.target();
    client = new RpcClient(current, context.threads("io"));
  }

  @Override
  public int maxInFlight() {
    return maxInFlight;
  }

  @Override
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
    return call(batch, origin).thenCompose(answer -> settle(batch, origin, answer));
  }

  private CompletableFuture<Answer> call(EventBatch batch, Origin origin) {
    return connection().appendBatch(batch, OriginMetadata.of(origin));
  }

  private CompletableFuture<Outcome> settle(EventBatch batch, Origin origin, Answer answer) {
    if (answer == Answer.Status.OK) {
      return CompletableFuture.completedFuture(Outcome.delivered());
    }
    if (answer instanceof Answer.CallError error && error.isPermanent()) {
      batchesRefused.increment();
      return RefusedBatch.deliver(
          batch, origin, "Avro server " + target, error, pieceLog, this::call);
    }
    throw new TransientException(
        "Avro server "
            + target
            + " did not take the batch, which stays in the channel and is sent again: "
            + explain(answer));
  }

  private synchronized RpcConnection connection() {
    if (client == null) {
      throw new TransientException("Avro server " + target + ": the sink has stopped");
    }
    long now = System.nanoTime();
    if (connection != null
        && !resetInterval.isZero()
        && now - connectedNanos >= resetInterval.toNanos()) {
      connection.closeWhenAnswered();
      connection = null;
    }
    if (connection == null || connection.isEnded()) {
      connection = client.connect();
      connectedNanos = now;
      count(connection);
    }
    return connection;
  }

  private void count(RpcConnection counted) {
    counted
        .established()
        .whenComplete(
            (nothing, failure) -> {
              if (failure != null) {
                connectionsFailed.increment();
                return;
              }
              connectionsCreated.increment();
              counted.ended().thenRun(connectionsClosed::increment);
            });
  }

  private static String explain(Answer answer) {
    return answer instanceof Answer.CallError error
        ? "it says: " + LogText.of(error.text())
        : "status " + answer + " (expected: OK)";
  }

  @Override
  public void stop() {
    RpcClient stopped;
    synchronized (this) {
      stopped = client;
      client = null;
      connection = null;
    }
    if (stopped != null) {
      stopped.close();
    }
  }
}
