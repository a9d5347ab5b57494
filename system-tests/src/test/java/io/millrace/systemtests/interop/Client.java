/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.systemtests.interop.Mark.NotApplicable;
import io.millrace.systemtests.interop.Mark.Tested;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;

/** What Flume 1.11 has that sends to an agent without being one. */
enum Client {
  PLAIN("`flume-ng-sdk`, plain client", Samples.EVENTS + " events"),
  FAILOVER("`flume-ng-sdk`, failover client", Samples.EVENTS + " events, one server is lost"),
  LOAD_BALANCING(
      "`flume-ng-sdk`, load-balancing client", Samples.EVENTS + " events to two servers"),
  LOG4J1("log4j 1.2 `Log4jAppender`", Samples.LOG_LINES + " lines"),
  LOG4J1_LOAD_BALANCING(
      "log4j 1.2 `LoadBalancingLog4jAppender`", Samples.LOG_LINES + " lines to two servers"),
  LOG4J2("log4j 2 `FlumeAppender`, type Avro", Samples.LOG_LINES + " lines");

  private static final Map<String, String> LOG4J1_LEVELS =
      Map.of(
          "DEBUG", "10000", "INFO", "20000", "WARN", "30000", "ERROR", "40000", "FATAL", "50000");

  private final String title;
  private final String textWhenPassed;

  Client(String title, String textWhenPassed) {
    this.title = title;
    this.textWhenPassed = textWhenPassed;
  }

  String title() {
    return title;
  }

  Mark mark(Wire wire) {
    if (wire == Wire.AVRO || this == PLAIN) {
      return new Tested(textWhenPassed);
    }
    return switch (this) {
      case PLAIN, FAILOVER, LOAD_BALANCING ->
          wire.isThrift() ? new NotApplicable("Avro only") : new Tested(textWhenPassed);
      case LOG4J1, LOG4J1_LOAD_BALANCING, LOG4J2 -> new NotApplicable("plain Avro only");
    };
  }

  boolean isLogging() {
    return switch (this) {
      case PLAIN, FAILOVER, LOAD_BALANCING -> false;
      case LOG4J1, LOG4J1_LOAD_BALANCING, LOG4J2 -> true;
    };
  }

  boolean balancesLoad() {
    return this == LOAD_BALANCING || this == LOG4J1_LOAD_BALANCING;
  }

  List<List<TestEvent>> batches(Samples samples) {
    return isLogging() ? samples.logLines() : samples.batches();
  }

  /** The jars to load, anew for each appender: its logging is configured once. */
  PeerJars jars() {
    return switch (this) {
      case PLAIN, FAILOVER, LOAD_BALANCING -> PeerJars.sdk();
      case LOG4J1, LOG4J1_LOAD_BALANCING -> PeerJars.appender("log4j1");
      case LOG4J2 -> PeerJars.appender("log4j2");
    };
  }

  /**
   * @param first the port of the server to be used first, or alone
   */
  EventSender open(PeerJars jars, Wire wire, int first, int second, Path trustStore)
      throws Exception {
    return switch (this) {
      case PLAIN -> openPlain(jars, wire, first, trustStore);
      case FAILOVER -> openSdk(jars, wire, "default_failover", first, second, trustStore);
      case LOAD_BALANCING -> openSdk(jars, wire, "default_loadbalance", first, second, trustStore);
      case LOG4J1 ->
          jars.open(
              "Log4j1Sender",
              log4j1("Log4jAppender", Map.of("Hostname", "127.0.0.1", "Port", "" + first)));
      case LOG4J1_LOAD_BALANCING ->
          jars.open(
              "Log4j1Sender",
              log4j1(
                  "LoadBalancingLog4jAppender",
                  Map.of("Hosts", "127.0.0.1:%d 127.0.0.1:%d".formatted(first, second))));
      case LOG4J2 -> jars.open("Log4j2Sender", Map.of("xml", log4j2(first)));
    };
  }

  static EventSender openPlain(PeerJars jars, Wire wire, int port, Path trustStore)
      throws Exception {
    Map<String, String> properties = new HashMap<>(wire.clientProperties(trustStore));
    properties.put("hosts", "h1");
    properties.put("hosts.h1", "127.0.0.1:" + port);
    return jars.open("SdkSender", properties);
  }

  private static EventSender openSdk(
      PeerJars jars, Wire wire, String type, int first, int second, Path trustStore)
      throws Exception {
    Map<String, String> properties = new HashMap<>(wire.clientProperties(trustStore));
    properties.put("client.type", type);
    properties.put("hosts", "h1 h2");
    properties.put("hosts.h1", "127.0.0.1:" + first);
    properties.put("hosts.h2", "127.0.0.1:" + second);
    return jars.open("SdkSender", properties);
  }

  private static Map<String, String> log4j1(String appender, Map<String, String> options) {
    Map<String, String> properties = new HashMap<>();
    properties.put("log4j.rootLogger", "OFF");
    properties.put("log4j.appender.flume.layout", "org.apache.log4j.PatternLayout");
    properties.put("log4j.appender.flume.layout.ConversionPattern", "%m");
    properties.put("log4j.logger.shop", "ALL, flume");
    properties.put("log4j.appender.flume", "org.apache.flume.clients.log4jappender." + appender);
    options.forEach((name, value) -> properties.put("log4j.appender.flume." + name, value));
    return properties;
  }

  private static String log4j2(int port) {
    return """
        <Configuration status="WARN" shutdownHook="disable">
          <Appenders>
            <Flume name="flume" type="Avro" compress="true" ignoreExceptions="false">
              <Agent host="127.0.0.1" port="%d"/>
              <PatternLayout pattern="%%m" charset="UTF-8"/>
            </Flume>
          </Appenders>
          <Loggers>
            <Logger name="shop" level="ALL"><AppenderRef ref="flume"/></Logger>
            <Root level="OFF"/>
          </Loggers>
        </Configuration>
        """
        .formatted(port);
  }

  /** What must arrive, but for what {@link #arrived} takes out. */
  TestEvent expected(TestEvent sent) {
    return switch (this) {
      case PLAIN, FAILOVER, LOAD_BALANCING -> sent;
      case LOG4J1, LOG4J1_LOAD_BALANCING ->
          TestEvent.of(
              Map.of(
                  "flume.client.log4j.logger.name",
                  sent.headers().get("logger"),
                  "flume.client.log4j.log.level",
                  LOG4J1_LEVELS.get(sent.headers().get("level")),
                  "flume.client.log4j.message.encoding",
                  "UTF8"),
              sent.body());
      case LOG4J2 -> TestEvent.of(Map.of(), sent.body());
    };
  }

  /** Checks and takes out what differs from call to call, and undoes the compression of a body. */
  TestEvent arrived(TestEvent event) {
    return switch (this) {
      case PLAIN, FAILOVER, LOAD_BALANCING -> event;
      case LOG4J1, LOG4J1_LOAD_BALANCING -> {
        Map<String, String> headers = new HashMap<>(event.headers());
        assertThat(headers.remove("flume.client.log4j.timestamp")).matches("\\d{13}");
        headers.remove("flume.client.log4j.address");
        yield new TestEvent(headers, event.octets());
      }
      case LOG4J2 -> {
        Map<String, String> headers = new HashMap<>(event.headers());
        assertThat(headers.remove("timeStamp")).matches("\\d{13}");
        assertThat(headers.remove("guId")).matches("[0-9a-f-]{36}");
        yield TestEvent.of(headers, unzipped(event.body()));
      }
    };
  }

  private static byte[] unzipped(byte[] body) {
    if (body.length == 0) {
      return body; // An empty message is left as it is.
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body))) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("Body of log4j 2", e);
    }
  }
}
