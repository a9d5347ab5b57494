/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.thrift;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.components.hop.HopLink;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Call;
import io.millrace.rpc.thrift.ThriftDialect;
import io.millrace.rpc.transport.ClientSettings;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sends batches to a Thrift server, several at a time over one connection, as {@link HopLink} does.
 * A batch whose frame would be longer than the server takes counts as refused by it, and goes in
 * pieces.
 *
 * <p>Deliveries come from the sink's thread, pieces from the thread of the connection; they share
 * the link, which is safe for both.
 */
final class ThriftSink implements Sink {
  private final ThriftDialect dialect;
  private final HopLink link;
  private final int maxInFlight;
  private final int maxFrameBytes;

  /**
   * @param settings read at each start, for trust stores may change
   * @param resetInterval age at which a connection gives way to a new one; zero for never
   * @param maxFrameBytes longest frame that the server takes
   */
  ThriftSink(
      ThriftDialect dialect,
      Supplier<ClientSettings> settings,
      Duration resetInterval,
      int maxInFlight,
      int maxFrameBytes,
      SinkContext context) {
    this.dialect = dialect;
    this.link = new HopLink(() -> dialect, settings, resetInterval, context);
    this.maxInFlight = maxInFlight;
    this.maxFrameBytes = maxFrameBytes;
  }

  @Override
  public void start() {
    link.start();
  }

  @Override
  public int maxInFlight() {
    return maxInFlight;
  }

  @Override
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
    return link.deliver(batch, origin, this::call);
  }

  private CompletableFuture<Answer> call(EventBatch batch, Origin origin) {
    Optional<Call> call = dialect.appendBatch(batch, maxFrameBytes);
    return call.isPresent()
        ? link.call(connection -> connection.call(call.get()))
        : CompletableFuture.completedFuture(
            Answer.CallError.permanent(
                "its frame would be longer than max-frame-size, " + maxFrameBytes + " bytes"));
  }

  @Override
  public void stop() {
    link.stop();
  }
}
