/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client.log4j2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.client.EventClient;
import io.millrace.client.ToyServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.ThreadContext;
import org.apache.logging.log4j.core.Logger;
import org.apache.logging.log4j.core.LoggerContext;
import org.apache.logging.log4j.core.appender.AppenderLoggingException;
import org.apache.logging.log4j.core.config.ConfigurationSource;
import org.apache.logging.log4j.core.config.Configurator;
import org.apache.logging.log4j.core.config.xml.XmlConfiguration;
import org.apache.logging.log4j.status.StatusData;
import org.apache.logging.log4j.status.StatusListener;
import org.apache.logging.log4j.status.StatusLogger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The appender in a Log4j of its own, and a server that is well, absent or dead. */
class MillraceAppenderTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final Statuses statuses = new Statuses();
  private LoggerContext context;

  @BeforeEach
  void listen() {
    StatusLogger.getLogger().registerListener(statuses);
  }

  @AfterEach
  void stop() {
    if (context != null) {
      Configurator.shutdown(context);
    }
    StatusLogger.getLogger().removeListener(statuses);
  }

  private Logger configured(String attributes, String content) {
    return start(
        """
        <Configuration name="test">
          <Appenders>
            <Millrace name="events" %s>%s</Millrace>
          </Appenders>
          <Loggers><Root level="trace"><AppenderRef ref="events"/></Root></Loggers>
        </Configuration>
        """
            .formatted(attributes, content));
  }

  private Logger start(String xml) {
    context = new LoggerContext("test");
    try {
      ConfigurationSource source =
          new ConfigurationSource(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
      context.start(new XmlConfiguration(context, source));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return context.getLogger("com.acme.Shop");
  }

  private MillraceAppender appender() {
    return context.getConfiguration().getAppender("events");
  }

  @Test
  void anEventHasFlumesHeadersAndItsMessageForABody() throws Exception {
    try (ToyServer server = ToyServer.started()) {
      Logger logger = configured("hosts=\"" + server.address() + "\"", "");
      long begin = System.currentTimeMillis();
      logger.warn("sold {} ü", 3);
      await().atMost(SOON).until(() -> server.received().size() == 1);

      ToyServer.Received event = server.received().get(0);
      assertThat(event.body()).isEqualTo("sold 3 ü");
      assertThat(event.headers())
          .containsOnlyKeys(
              "flume.client.log4j.logger.name",
              "flume.client.log4j.log.level",
              "flume.client.log4j.timestamp",
              "flume.client.log4j.address",
              "flume.client.log4j.message.encoding")
          .containsEntry("flume.client.log4j.logger.name", "com.acme.Shop")
          .containsEntry("flume.client.log4j.log.level", "30000")
          .containsEntry("flume.client.log4j.message.encoding", "UTF8")
          .containsEntry("flume.client.log4j.address", InetAddress.getLocalHost().getHostAddress());
      assertThat(Long.parseLong(event.headers().get("flume.client.log4j.timestamp")))
          .isBetween(begin, System.currentTimeMillis());
    }
  }

  @Test
  void layoutConstantHeadersContextAndLevelsAreHonoured() {
    try (ToyServer server = ToyServer.started()) {
      Logger logger =
          configured(
              "contextKeys=\"user, absent\" hosts=\"" + server.address() + "\"",
              """
              <PatternLayout pattern="%p|%m" charset="ISO-8859-1"/>
              <Property name="header.app">shop</Property>
              <Property name="batch-size">2</Property>
              """);
      ThreadContext.put("user", "u1");
      for (Level level :
          List.of(
              Level.FATAL,
              Level.ERROR,
              Level.INFO,
              Level.DEBUG,
              Level.TRACE,
              Level.forName("NOTICE", 350))) {
        logger.log(level, "x");
      }
      ThreadContext.remove("user");
      await().atMost(SOON).until(() -> server.received().size() == 6);
      assertThat(server.bodies())
          .containsExactly("FATAL|x", "ERROR|x", "INFO|x", "DEBUG|x", "TRACE|x", "NOTICE|x");
      assertThat(server.received())
          .extracting(event -> event.headers().get("flume.client.log4j.log.level"))
          .containsExactly("50000", "40000", "20000", "10000", "5000", "30000");
      assertThat(server.received())
          .allSatisfy(
              event ->
                  assertThat(event.headers())
                      .containsEntry("app", "shop")
                      .containsEntry("user", "u1")
                      .containsEntry("flume.client.log4j.message.encoding", "ISO-8859-1")
                      .doesNotContainKey("absent"));
    }
  }

  @Test
  void aStackTraceIsNotLostWithoutALayout() {
    try (ToyServer server = ToyServer.started()) {
      configured("hosts=\"" + server.address() + "\"", "")
          .error("broken", new IllegalStateException("why"));
      await().atMost(SOON).until(() -> server.received().size() == 1);
      assertThat(server.bodies().get(0))
          .startsWith("broken")
          .contains("IllegalStateException: why");
    }
  }

  // 2,000 events to a server that is not there, from four threads: the buffer takes what it holds,
  // the rest is dropped at once; all of it in far less than one wait for each.
  @Test
  void anAbsentServerHoldsUpNobodyBeyondTheBoundAndTheDropsAreSaidAndCounted() throws Exception {
    int threads = 4;
    int events = 500;
    Logger logger =
        configured(
            "blockMillis=\"50\" bufferBytes=\"60000\" stopMillis=\"200\" hosts=\""
                + ToyServer.absent().address()
                + "\"",
            "");
    ConcurrentLinkedQueue<Long> tookNanos = new ConcurrentLinkedQueue<>();
    List<Thread> running = new ArrayList<>();
    long begin = System.nanoTime();
    for (int i = 0; i < threads; i++) {
      Thread thread =
          new Thread(
              () -> {
                for (int n = 0; n < events; n++) {
                  long before = System.nanoTime();
                  logger.info("event {}", n);
                  tookNanos.add(System.nanoTime() - before);
                }
              });
      running.add(thread);
      thread.start();
    }
    for (Thread thread : running) {
      thread.join();
    }
    Duration all = Duration.ofNanos(System.nanoTime() - begin);
    assertThat(all)
        .as("%s calls; 25 s if every call waited", threads * events)
        .isLessThan(Duration.ofSeconds(20));
    // A wait each, and what a busy machine adds; if every event waited, it would be nearly all.
    assertThat(tookNanos.stream().filter(nanos -> nanos > 50_000_000).count())
        .isLessThan(threads * events / 4);
    assertThat(appender().statistics().bufferedBytes()).isLessThanOrEqualTo(60_000);
    long taken = appender().statistics().accepted();
    assertThat(taken).isBetween(50L, 200L);
    assertThat(appender().dropped()).isEqualTo(threads * events - taken);
    assertThat(statuses.texts()).filteredOn(text -> text.contains("is full")).hasSizeBetween(1, 3);

    long stop = System.nanoTime();
    Configurator.shutdown(context);
    assertThat(Duration.ofNanos(System.nanoTime() - stop)).isLessThan(Duration.ofSeconds(4));
    assertThat(statuses.texts())
        .anyMatch(text -> text.contains(taken + " events were accepted and never acknowledged"));
  }

  @Test
  void eventsLoggedBeforeTheServerCameAreSentWhenItComes() {
    try (ToyServer server = ToyServer.absent()) {
      Logger logger = configured("hosts=\"" + server.address() + "\"", "");
      logger.info("early");
      await().atMost(SOON).until(() -> statuses.texts().toString().contains("left out"));
      server.start();
      await().atMost(SOON).until(() -> server.bodies().equals(List.of("early")));
    }
  }

  @Test
  void theStopSendsWhatIsLeft() {
    try (ToyServer server = ToyServer.started()) {
      Logger logger =
          configured(
              "hosts=\"" + server.address() + "\"", "<Property name=\"linger\">600000</Property>");
      for (int i = 0; i < 50; i++) {
        logger.info(i);
      }
      assertThat(server.received()).isEmpty();
      Configurator.shutdown(context);
      assertThat(server.received()).hasSize(50);
    }
  }

  @Test
  void anEventTooLargeForTheBufferIsDroppedAndSaidAndTheOthersGo() {
    try (ToyServer server = ToyServer.started()) {
      Logger logger = configured("bufferBytes=\"50000\" hosts=\"" + server.address() + "\"", "");
      logger.info("x".repeat(10_000));
      logger.info("small");
      await().atMost(SOON).until(() -> server.bodies().equals(List.of("small")));
      assertThat(appender().dropped()).isOne();
      assertThat(statuses.texts()).singleElement().asString().contains("an event of 10");
    }
  }

  // What the client itself logs, or anyone on its threads, would bring forth an event for each.
  @Test
  void whatTellsOfSendingIsNotSent() throws Exception {
    try (ToyServer server = ToyServer.started()) {
      Logger logger = configured("hosts=\"" + server.address() + "\"", "");
      context.getLogger("io.millrace.client.EventClient").warn("own");
      context.getLogger("io.millrace.rpc.transport.RpcClient").warn("own");
      try (EventClient other = EventClient.builder().server(server.address()).build()) {
        CompletableFuture<Void> onClientThread = new CompletableFuture<>();
        CompletableFuture<Void> sent = other.send(io.millrace.client.Event.ofText("other"));
        sent.thenRun(
            () -> {
              if (EventClient.isClientThread()) {
                logger.warn("on a thread of a client");
              }
              onClientThread.complete(null);
            });
        onClientThread.get();
      }
      // As an asynchronous appender in front of this one would hand it on.
      Thread ofNetty =
          new Thread(() -> logger.warn("handed on"), EventClient.THREAD_PREFIX + "events/io");
      ofNetty.start();
      ofNetty.join();
      logger.warn("mine");
      await().atMost(SOON).until(() -> server.bodies().contains("mine"));
      assertThat(server.bodies()).containsExactlyInAnyOrder("other", "mine");
    }
  }

  @Test
  void aDropIsAnExceptionWhereExceptionsAreNotIgnored() {
    Logger logger =
        configured(
            "ignoreExceptions=\"false\" blockMillis=\"0\" bufferBytes=\"5000\" stopMillis=\"0\""
                + " hosts=\""
                + ToyServer.absent().address()
                + "\"",
            "");
    assertThatThrownBy(
            () -> {
              for (int i = 0; i < 100; i++) {
                logger.info("x".repeat(200));
              }
            })
        .isInstanceOf(AppenderLoggingException.class);
  }

  @Test
  void loadIsBalancedWhereAsked() {
    try (ToyServer first = ToyServer.started();
        ToyServer second = ToyServer.started()) {
      Logger logger =
          configured(
              "selector=\"ROUND_ROBIN\" hosts=\"" + first.address() + " " + second.address() + "\"",
              "<Property name=\"batch-size\">1</Property>");
      for (int i = 0; i < 40; i++) {
        logger.info(i);
      }
      await().atMost(SOON).until(() -> first.received().size() + second.received().size() == 40);
      assertThat(first.received()).isNotEmpty();
      assertThat(second.received()).isNotEmpty();
    }
  }

  @Test
  void whatCannotBeIsSaidAndNoAppenderIsMade() {
    configured("hosts=\"nowhere\"", "<Property name=\"batch-size\">many</Property>");
    assertThat((Object) appender()).isNull();
    assertThat(statuses.texts())
        .anyMatch(
            text ->
                text.contains("Appender events was not made")
                    && text.contains("hosts.h0: 'nowhere'")
                    && text.contains("batch-size: 'many'"));
  }

  // The example of the guide works as it stands.
  @Test
  void theExampleOfTheGuideIsAConfiguration() throws Exception {
    String guide = Files.readString(Path.of("../docs/clients.md"));
    Matcher block =
        Pattern.compile("```xml\n(<Configuration.*?)```", Pattern.DOTALL).matcher(guide);
    assertThat(block.find()).isTrue();
    start(block.group(1));
    assertThat(context.getConfiguration().getAppenders()).containsKey("events");
    assertThat((Object) appender()).isInstanceOf(MillraceAppender.class);
    assertThat(statuses.texts()).isEmpty();
  }

  @Test
  void theMapOfHeadersIsTheEventsOwn() {
    try (ToyServer server = ToyServer.started()) {
      Logger logger = configured("hosts=\"" + server.address() + "\"", "");
      logger.info("a");
      context.getLogger("com.acme.Other").info("b");
      await().atMost(SOON).until(() -> server.received().size() == 2);
      assertThat(server.received())
          .extracting(
              event ->
                  Map.entry(event.headers().get("flume.client.log4j.logger.name"), event.body()))
          .containsExactly(Map.entry("com.acme.Shop", "a"), Map.entry("com.acme.Other", "b"));
    }
  }

  /** What Log4j says of itself. */
  private static final class Statuses implements StatusListener {
    private final ConcurrentLinkedQueue<String> texts = new ConcurrentLinkedQueue<>();

    List<String> texts() {
      return List.copyOf(texts);
    }

    @Override
    public void log(StatusData data) {
      texts.add(data.getMessage().getFormattedMessage());
    }

    @Override
    public Level getStatusLevel() {
      return Level.WARN;
    }

    @Override
    public void close() {}
  }
}
