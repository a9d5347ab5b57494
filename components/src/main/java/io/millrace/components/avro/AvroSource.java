/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.avro;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.api.Metrics.Counter;
import io.millrace.api.Origin;
import io.millrace.api.Output;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.hop.HopServer;
import io.millrace.rpc.session.AvroDialect;
import io.millrace.rpc.session.Request;
import io.millrace.rpc.transport.ServerSettings;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes batches from Avro clients, as {@link HopServer} does, and tells the channels which events
 * they are if the client says so. Requests come from many threads; start and stop are called by one
 * at a time.
 */
public final class AvroSource implements Source {
  private static final Logger log = LoggerFactory.getLogger(AvroSource.class);

  private final String name;
  private final HopServer server;
  private final Counter exactlyOnce;
  private final Counter atLeastOnce;
  private final Counter malformedOrigins;
  private final LogLimit malformedLines = new LogLimit(Duration.ofSeconds(10));

  /**
   * @param settings read at each start, for key stores and addresses may change
   * @param clientAddressHeader header of the events that gets the client's address, if any
   */
  AvroSource(
      Supplier<ServerSettings> settings,
      Optional<String> clientAddressHeader,
      SourceContext context) {
    this.name = "Avro source " + context.name();
    Output output = context.output();
    this.server =
        new HopServer(
            name,
            AvroDialect::new,
            settings,
            clientAddressHeader,
            context,
            request -> output.emit(request.batch(), origin(request)));
    Metrics metrics = context.metrics();
    this.exactlyOnce = metrics.counter("EventExactlyOnceCount");
    this.atLeastOnce = metrics.counter("EventAtLeastOnceCount");
    this.malformedOrigins = metrics.counter("OriginMalformedCount");
  }

  @Override
  public void start() {
    server.start();
  }

  /** The address listened on, with the actual port; null before start. */
  public InetSocketAddress address() {
    return server.address();
  }

  @Override
  public void stop() throws InterruptedException {
    server.stop();
  }

  /** Where the events come from, if the peer says so; counts either way. */
  private Origin origin(Request request) {
    int events = request.batch().eventCount();
    if (!OriginMetadata.isIn(request.metadata())) {
      atLeastOnce.add(events);
      return Origin.NONE;
    }
    Optional<Origin> origin =
        OriginMetadata.parse(request.metadata(), events, request.peer().name());
    if (origin.isEmpty()) {
      atLeastOnce.add(events);
      malformedOrigins.increment();
      if (malformedLines.allows()) {
        log.warn(
            "{}: peer {} names where its events come from in a way that is not understood; they are"
                + " taken as those of a peer that does not, and come twice if it sends them twice"
                + " ({} such calls so far)",
            name,
            request.peer().name(),
            malformedOrigins.value());
      }
      return Origin.NONE;
    }
    exactlyOnce.add(events);
    return origin.get();
  }
}
