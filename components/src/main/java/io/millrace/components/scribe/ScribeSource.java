/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.scribe;

import io.millrace.api.Output;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.hop.HopServer;
import io.millrace.rpc.thrift.ScribeDialect;
import io.millrace.rpc.transport.ServerSettings;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Takes entries from Scribe clients, as {@link HopServer} does. Calls come from many threads; start
 * and stop are called by one at a time.
 */
final class ScribeSource implements Source {
  private final HopServer server;

  /**
   * @param settings read at each start, for key stores and addresses may change
   * @param clientAddressHeader header of the events that gets the client's address, if any
   */
  ScribeSource(
      Supplier<ServerSettings> settings,
      Optional<String> clientAddressHeader,
      SourceContext context) {
    Output output = context.output();
    this.server =
        new HopServer(
            "Scribe source " + context.name(),
            ScribeDialect::new,
            settings,
            clientAddressHeader,
            context,
            request -> output.emit(request.batch()));
  }

  @Override
  public void start() {
    server.start();
  }

  /** The address listened on, with the actual port; null before start. */
  InetSocketAddress address() {
    return server.address();
  }

  @Override
  public void stop() throws InterruptedException {
    server.stop();
  }
}
