/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.EventBatch;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.TransientException;
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
 * <p>Confined to the sink's thread.
 */
final class AvroSink implements Sink {
  private final Supplier<ClientSettings> settings;
  private final Duration resetInterval;
  private final int maxInFlight;
  private final SinkContext context;
  private final Counter connectionsCreated;
  private final Counter connectionsClosed;
  private final Counter connectionsFailed;
  private String target = "";
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
    this.connectionsFailed = context.metrics().counter("ConnectionFailedCount");
  }

  @Override
  public void start() {
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
    return connection()
        .appendBatch(batch, OriginMetadata.of(origin))
        .thenApply(
            answer -> {
              if (answer == Answer.Status.OK) {
                return Outcome.delivered();
              }
              throw new TransientException(
                  "Avro server "
                      + target
                      + " did not take the batch, which stays in the channel and is sent again: "
                      + explain(answer));
            });
  }

  private RpcConnection connection() {
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
        ? "it says: " + printable(error.text())
        : "status " + answer + " (expected: OK)";
  }

  /** The peer's text goes to the log: no line breaks, no escape sequences. */
  private static String printable(String text) {
    StringBuilder printable = new StringBuilder(text.length());
    text.codePoints()
        .map(c -> Character.isISOControl(c) || Character.getType(c) == Character.FORMAT ? '?' : c)
        .forEach(printable::appendCodePoint);
    return printable.toString();
  }

  @Override
  public void stop() {
    if (client != null) {
      client.close();
      client = null;
      connection = null;
    }
  }
}
