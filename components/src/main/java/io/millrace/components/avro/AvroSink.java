/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.components.hop.HopLink;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.AvroDialect;
import io.millrace.rpc.transport.ClientSettings;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/**
 * Sends batches to an Avro server, several at a time over one connection, as {@link HopLink} does.
 *
 * <p>Each call's metadata names the events it carries, for a server that remembers what it has had:
 * {@link OriginMetadata}.
 *
 * <p>Deliveries come from the sink's thread, pieces of refused ones from the thread of the
 * connection; they share the link, which is safe for both.
 */
final class AvroSink implements Sink {
  private final HopLink link;
  private final int maxInFlight;

  /**
   * @param settings read at each start, for trust stores may change
   * @param resetInterval age at which a connection gives way to a new one; zero for never
   */
  AvroSink(
      Supplier<ClientSettings> settings,
      Duration resetInterval,
      int maxInFlight,
      SinkContext context) {
    this.link = new HopLink(AvroDialect::new, settings, resetInterval, context);
    this.maxInFlight = maxInFlight;
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
    return link.call(connection -> connection.appendBatch(batch, OriginMetadata.of(origin)));
  }

  @Override
  public void stop() {
    link.stop();
  }
}
