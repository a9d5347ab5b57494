/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.hop;

import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.SinkContext;
import io.millrace.api.TransientException;
import io.millrace.kit.log.LogText;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.ClientDialect;
import io.millrace.rpc.transport.ClientSettings;
import io.millrace.rpc.transport.RpcClient;
import io.millrace.rpc.transport.RpcConnection;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * A sink's way to its server: one connection, made by the first call that finds none, so that the
 * server may be away at any time; and what the server's answers mean.
 *
 * <p>A batch that a Millrace server refuses for good is sent in smaller pieces, see {@link
 * RefusedBatch}. What any other answer but OK means is not known: it is sent again.
 *
 * <p>Deliveries come from the sink's thread, pieces of refused ones from the thread of the
 * connection; what they share is guarded by {@code this}.
 */
public final class HopLink {
  private final Supplier<ClientDialect> dialect;
  private final Supplier<ClientSettings> settings;
  private final Duration resetInterval;
  private final SinkContext context;
  private final Counter connectionsCreated;
  private final Counter connectionsClosed;
  private final Counter connectionsFailed;
  private final Counter batchesRefused;
  private final LogLimit pieceLog = new LogLimit(Duration.ofSeconds(10));
  private volatile String target = "The server";
  private RpcClient client;
  private RpcConnection connection;
  private long connectedNanos;

  /**
   * @param dialect asked for one at each start
   * @param settings read at each start, for trust stores may change
   * @param resetInterval age at which a connection gives way to a new one; zero for never
   */
  public HopLink(
      Supplier<ClientDialect> dialect,
      Supplier<ClientSettings> settings,
      Duration resetInterval,
      SinkContext context) {
    this.dialect = dialect;
    this.settings = settings;
    this.resetInterval = resetInterval;
    this.context = context;
    this.connectionsCreated = context.metrics().counter("ConnectionCreatedCount");
    this.connectionsClosed = context.metrics().counter("ConnectionClosedCount");
    this.connectionsFailed = context.metrics().counter("ConnectionFailedCount");
    this.batchesRefused = context.metrics().counter("BatchRefusedCount");
  }

  public synchronized void start() {
    ClientSettings current = settings.get();
    ClientDialect spoken = dialect.get();
    target = spoken.serverKind() + " " + current.target();
    client = new RpcClient(spoken, current, context.threads("io"));
  }

  /** Delivers a batch by one call, or by several where the server refuses it as a whole. */
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin, BatchCaller caller) {
    return caller.call(batch, origin).thenCompose(answer -> settle(batch, origin, answer, caller));
  }

  private CompletableFuture<Outcome> settle(
      EventBatch batch, Origin origin, Answer answer, BatchCaller caller) {
    if (answer == Answer.Status.OK) {
      return CompletableFuture.completedFuture(Outcome.delivered());
    }
    if (answer instanceof Answer.CallError error && error.isPermanent()) {
      batchesRefused.increment();
      return RefusedBatch.deliver(batch, origin, target, error, pieceLog, caller);
    }
    throw new TransientException(
        target
            + " did not take the batch, which stays in the channel and is sent again: "
            + explain(answer));
  }

  private static String explain(Answer answer) {
    return answer instanceof Answer.CallError error
        ? "it says: " + LogText.of(error.text())
        : "status " + answer + " (expected: OK)";
  }

  /**
   * The connection to call on now; a new one if there is none that works, or it is old enough.
   *
   * @throws TransientException after a stop
   */
  public synchronized RpcConnection connection() {
    if (client == null) {
      throw new TransientException(target + ": the sink has stopped");
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
