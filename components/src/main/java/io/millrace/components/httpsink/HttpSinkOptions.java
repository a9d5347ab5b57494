/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.httpsink;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Option;
import io.millrace.api.OptionGroup;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.SinkOptions;
import io.millrace.kit.tls.ClientTlsOptions;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Options of the http sink. Immutable. */
@Component(
    kind = ComponentKind.SINK,
    name = "http",
    flumeClasses = "org.apache.flume.sink.http.HttpSink",
    summary =
        "Sends events to a web server, each as the body of a POST request, or several in one as"
            + " JSON. A status from 200 to 299 is a delivery; others are tried again unless"
            + " rollback says no, and then the event counts as rejected. Redirections are not"
            + " followed.")
public record HttpSinkOptions(
    @Option(doc = "Address to send to, http or https.", required = true) String endpoint,
    @Option(
            doc = "Longest time to connect.",
            def = "5000",
            bareUnit = BareUnit.MILLISECONDS,
            min = 1)
        Duration connectTimeout,
    @Option(
            doc = "Longest time from a request to its response.",
            def = "5000",
            bareUnit = BareUnit.MILLISECONDS,
            min = 1)
        Duration requestTimeout,
    @Option(
            doc =
                "Content-Type of the requests; text/plain, application/json or"
                    + " application/x-ndjson when not set, by the format.")
        Optional<String> contentTypeHeader,
    @Option(doc = "Accept header of the requests.", def = "text/plain") String acceptHeader,
    @Option(
            doc =
                "Whether to pause after a status for which no backoff.CODE is set; never after 200"
                    + " to 299. What is tried again is always paused before.",
            def = "true")
        boolean defaultBackoff,
    @Option(
            doc =
                "Whether events are tried again after a status for which no rollback.CODE is set;"
                    + " never after 200 to 299.",
            def = "true")
        boolean defaultRollback,
    @Option(
            doc = "Whether responses for which no incrementMetrics.CODE is set are counted.",
            def = "false")
        boolean defaultIncrementMetrics,
    @Option(name = "backoff.*", doc = "Whether to pause after this status, such as 404 or 4XX.")
        Map<String, Boolean> backoff,
    @Option(
            name = "rollback.*",
            doc =
                "Whether events are tried again after this status; else they are delivered, by 200"
                    + " to 299, or rejected.")
        Map<String, Boolean> rollback,
    @Option(
            name = "incrementMetrics.*",
            doc =
                "Whether responses with this status are counted in MarkedResponseCount. What is"
                    + " delivered, rejected and tried again is counted in any case.")
        Map<String, Boolean> incrementMetrics,
    @Option(
            doc =
                "What a request carries: body, one event without its headers, as Flume; json, an"
                    + " array of events with headers; ndjson, such events in lines.",
            def = "body")
        EventFormat format,
    @Option(
            name = "batch-size",
            doc =
                "Most events taken from the channel at once; with json and ndjson most in a"
                    + " request.",
            def = "100",
            min = 1)
        int batchSize,
    @Option(
            name = "max-in-flight",
            doc =
                "Most requests that wait for their response at a time; with more than one, events"
                    + " may arrive in another order.",
            def = "1",
            min = 1,
            max = 1024)
        int maxInFlight,
    @OptionGroup ClientTlsOptions tls)
    implements SinkOptions {

  public HttpSinkOptions {
    URI uri = parse(endpoint);
    if (tls.ssl() && !isHttps(uri)) {
      throw new ConfigurationException(
          "ssl", "ssl = true, but endpoint does not begin with https:// (expected: that it does)");
    }
    if (isHttps(uri) && tls.keystore().isPresent() && tls.keystorePassword().isEmpty()) {
      throw new ConfigurationException(
          "keystore-password", "keystore-password is not set, and keystore needs it");
    }
    contentTypeHeader.ifPresent(value -> checkHeader("contentTypeHeader", value));
    checkHeader("acceptHeader", acceptHeader);
    backoff = Map.copyOf(backoff);
    rollback = Map.copyOf(rollback);
    incrementMetrics = Map.copyOf(incrementMetrics);
    StatusRules.of("backoff", defaultBackoff, false, backoff);
    StatusRules.of("rollback", defaultRollback, false, rollback);
    StatusRules.of("incrementMetrics", defaultIncrementMetrics, false, incrementMetrics);
  }

  private static URI parse(String endpoint) {
    try {
      URI uri = new URI(endpoint.trim());
      String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
      if ((scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null) {
        return uri;
      }
    } catch (URISyntaxException e) {
      // Said below.
    }
    throw new ConfigurationException(
        "endpoint", "endpoint: '" + endpoint + "' (expected: such as http://host:8080/path)");
  }

  private static void checkHeader(String option, String value) {
    if (value.isBlank() || value.chars().anyMatch(c -> c < ' ' || c > '~')) {
      throw new ConfigurationException(
          option, option + " holds what is no value of a header (expected: such as text/plain)");
    }
  }

  private static boolean isHttps(URI uri) {
    return uri.getScheme().equalsIgnoreCase("https");
  }

  URI uri() {
    return parse(endpoint);
  }

  boolean isHttps() {
    return isHttps(uri());
  }

  String contentType() {
    return contentTypeHeader.orElse(format.contentType());
  }

  StatusRules backoffRules() {
    return StatusRules.of("backoff", defaultBackoff, false, backoff);
  }

  StatusRules rollbackRules() {
    return StatusRules.of("rollback", defaultRollback, false, rollback);
  }

  StatusRules metricRules() {
    return StatusRules.of(
        "incrementMetrics", defaultIncrementMetrics, defaultIncrementMetrics, incrementMetrics);
  }

  @Override
  public Map<String, String> ineffective() {
    Map<String, String> reasons = new HashMap<>();
    if (!isHttps()) {
      String reason = "endpoint does not begin with https://";
      for (String name :
          new String[] {
            "trust-all-certs",
            "verify-hostname",
            "truststore",
            "truststore-password",
            "truststore-type",
            "keystore",
            "keystore-password",
            "keystore-type",
            "include-protocols",
            "exclude-protocols",
            "include-cipher-suites",
            "exclude-cipher-suites"
          }) {
        reasons.put(name, reason);
      }
    }
    return reasons;
  }

  @Override
  public Sink build(SinkContext context) {
    return new HttpSink(this, context);
  }
}
