/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.TransientException;
import io.millrace.rpc.transport.ServerLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes requests from HTTP clients. Start and stop are called by one thread at a time. */
final class HttpSource implements Source {
  private static final Logger log = LoggerFactory.getLogger(HttpSource.class);

  /** How long a stop waits for what is in flight. */
  private static final Duration STOP_GRACE = Duration.ofSeconds(5);

  private final HttpSourceOptions options;
  private final SourceContext context;
  private final ServerLimits limits;
  private volatile HttpServer server;

  HttpSource(HttpSourceOptions options, SourceContext context) {
    this(options, context, options.serverLimits());
  }

  /**
   * @param limits in the place of those of the options
   */
  HttpSource(HttpSourceOptions options, SourceContext context, ServerLimits limits) {
    this.options = options;
    this.context = context;
    this.limits = limits;
  }

  @Override
  public void start() {
    String name = "HTTP source " + context.name();
    int maxBodyBytes = options.limits().maxBodyBytes();
    if (maxBodyBytes < options.limits().maxRequestSize().bytes()) {
      log.info(
          "{}: requests may be {} bytes long, not max-request-size ({}): for longer ones the heap"
              + " (-Xmx) or max-in-flight is too small",
          name,
          maxBodyBytes,
          options.limits().maxRequestSize());
    }
    HttpIntake intake =
        new HttpIntake(
            name,
            options.handler().build(),
            context.output(),
            maxBodyBytes,
            options.proxy().clientAddressHeader(),
            context.metrics());
    String trouble = name + " cannot listen on " + options.bind();
    if (new InetSocketAddress(options.bind(), options.port()).isUnresolved()) {
      throw new TransientException(
          trouble
              + ": the name is unknown. Correct 'bind', or use 0.0.0.0 for every address of this"
              + " host.");
    }
    try {
      server = HttpServer.open(name, options, limits, intake, context);
    } catch (IOException e) {
      throw new TransientException(
          trouble
              + " port "
              + options.port()
              + ": "
              + e.getMessage()
              + ". Stop whatever uses the port (ss -ltnp shows it) or change 'bind' or 'port'.",
          e);
    }
  }

  /** The address listened on, with the actual port; null before start. */
  InetSocketAddress address() {
    HttpServer running = server;
    return running == null ? null : running.address();
  }

  @Override
  public void stop() throws InterruptedException {
    HttpServer running = server;
    if (running != null) {
      running.stop(STOP_GRACE);
      server = null;
    }
  }
}
