/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.HttpHandlerOptions;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.api.SourceOptions;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.rpc.transport.ServerLimits;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/** Options of the http source. Immutable. */
@Component(
    kind = ComponentKind.SOURCE,
    name = "http",
    flumeClasses = "org.apache.flume.source.http.HTTPSource",
    summary =
        "Receives requests over HTTP/1.1, whatever their path; a handler makes events of each."
            + " Answers 200 once the channels have all of them, 400 to what cannot be understood,"
            + " 413 to what is too long, and 503 when the channels take nothing now, so that the"
            + " client tries again.")
public record HttpSourceOptions(
    @Option(doc = "Address or host name to listen on.", def = "0.0.0.0") String bind,
    @Option(doc = "Port to listen on; 0 takes any free one.", required = true, min = 0, max = 65535)
        int port,
    @Option(doc = "What makes events of requests; its options stand below handler.", def = "json")
        HttpHandlerOptions handler,
    @OptionGroup ServerTlsOptions tls,
    @OptionGroup HttpLimitOptions limits,
    @OptionGroup ProxyProtocolOptions proxy,
    @Option(
            name = "QueuedThreadPool.*",
            doc = "Settings for the thread pool of Flume's web server; without an effect.")
        Map<String, String> queuedThreadPool,
    @Option(
            name = "HttpConfiguration.*",
            doc =
                "Settings for Flume's web server, of which requestHeaderSize has an effect: it is"
                    + " max-header-size.")
        Map<String, String> httpConfiguration,
    @Option(
            name = "ServerConnector.*",
            doc =
                "Settings for Flume's web server, of which have an effect: idleTimeout, which is"
                    + " idle-timeout in milliseconds, and acceptQueueSize, connections that wait to"
                    + " be accepted.")
        Map<String, String> serverConnector,
    @Option(
            name = "SslContextFactory.*",
            doc =
                "Settings for TLS of Flume's web server; those that keep clients out are refused,"
                    + " the others have no effect.")
        Map<String, String> sslContextFactory)
    implements SourceOptions {

  public HttpSourceOptions {
    if (bind.isBlank()) {
      throw new ConfigurationException("bind", "bind is empty (expected: an address or host name)");
    }
    queuedThreadPool = Map.copyOf(queuedThreadPool);
    httpConfiguration = Map.copyOf(httpConfiguration);
    serverConnector = Map.copyOf(serverConnector);
    sslContextFactory = Map.copyOf(sslContextFactory);
    new JettySettings(
        queuedThreadPool, httpConfiguration, serverConnector, sslContextFactory, tls.ssl());
  }

  JettySettings jetty() {
    return new JettySettings(
        queuedThreadPool, httpConfiguration, serverConnector, sslContextFactory, tls.ssl());
  }

  @Override
  public Map<String, String> ineffective() {
    Map<String, String> reasons = new HashMap<>(proxy.ineffective());
    reasons.putAll(jetty().ineffective(tls.ssl()));
    return reasons;
  }

  ServerLimits serverLimits() {
    Duration idleTimeout = jetty().idleTimeout().orElse(limits.idleTimeout());
    return limits.limits(idleTimeout);
  }

  int maxHeaderBytes() {
    return jetty().headerBytes().orElse((int) limits.maxHeaderSize().bytes());
  }

  @Override
  public Source build(SourceContext context) {
    return new HttpSource(this, context);
  }
}
