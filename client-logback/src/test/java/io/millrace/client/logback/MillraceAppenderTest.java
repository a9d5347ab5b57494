/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client.logback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.core.joran.spi.JoranException;
import ch.qos.logback.core.status.Status;
import io.millrace.client.EventClient;
import io.millrace.client.ToyServer;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.MDC;

/** The appender in a Logback of its own, and a server that is well, absent or dead. */
class MillraceAppenderTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  private final LoggerContext context = new LoggerContext();

  @AfterEach
  void stop() {
    context.stop();
  }

  private Logger configured(String content) {
    return start(
        """
        <configuration>
          <appender name="events" class="io.millrace.client.logback.MillraceAppender">
            %s
          </appender>
          <root level="trace"><appender-ref ref="events"/></root>
        </configuration>
        """
            .formatted(content));
  }

  private Logger start(String xml) {
    context.setMDCAdapter(MDC.getMDCAdapter());
    JoranConfigurator joran = new JoranConfigurator();
    joran.setContext(context);
    try {
      joran.doConfigure(new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
    } catch (JoranException e) {
      throw new IllegalStateException(e);
    }
    return context.getLogger("com.acme.Shop");
  }

  private MillraceAppender appender() {
    return (MillraceAppender) context.getLogger(Logger.ROOT_LOGGER_NAME).getAppender("events");
  }

  private List<String> statuses() {
    return context.getStatusManager().getCopyOfStatusList().stream()
        .filter(status -> status.getLevel() >= Status.WARN)
        .map(Status::getMessage)
        .toList();
  }

  @Test
  void anEventHasFlumesHeadersAndItsMessageForABody() {
    try (ToyServer server = ToyServer.started()) {
      Logger logger = configured("<hosts>" + server.address() + "</hosts>");
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
          .containsEntry("flume.client.log4j.message.encoding", "UTF8");
      assertThat(Long.parseLong(event.headers().get("flume.client.log4j.timestamp")))
          .isBetween(begin, System.currentTimeMillis());
    }
    assertThat(statuses()).isEmpty();
  }

  @Test
  void encoderConstantHeadersMdcAndOptionsAreHonoured() {
    try (ToyServer server = ToyServer.started()) {
      Logger logger =
          configured(
              """
              <hosts>%s</hosts>
              <contextKeys>user, absent</contextKeys>
              <header><name>app</name><value>shop</value></header>
              <option><name>batch-size</name><value>2</value></option>
              <encoder><charset>ISO-8859-1</charset><pattern>%%level|%%msg</pattern></encoder>
              """
                  .formatted(server.address()));
      MDC.put("user", "u1");
      logger.error("x");
      logger.trace("x");
      MDC.remove("user");
      await().atMost(SOON).until(() -> server.received().size() == 2);
      assertThat(server.bodies()).containsExactly("ERROR|x", "TRACE|x");
      assertThat(server.received())
          .extracting(event -> event.headers().get("flume.client.log4j.log.level"))
          .containsExactly("40000", "5000");
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
  void aStackTraceIsNotLostWithoutAnEncoder() {
    try (ToyServer server = ToyServer.started()) {
      configured("<hosts>" + server.address() + "</hosts>")
          .error("broken", new IllegalStateException("why"));
      await().atMost(SOON).until(() -> server.received().size() == 1);
      assertThat(server.bodies().get(0))
          .startsWith("broken\n")
          .contains("IllegalStateException: why");
    }
  }

  // As in the test of the Log4j 2 appender: 2,000 events, four threads, nobody listens.
  @Test
  void anAbsentServerHoldsUpNobodyBeyondTheBoundAndTheDropsAreSaidAndCounted() throws Exception {
    int threads = 4;
    int events = 500;
    Logger logger =
        configured(
            """
            <hosts>%s</hosts>
            <blockMillis>50</blockMillis>
            <bufferBytes>60000</bufferBytes>
            <stopMillis>200</stopMillis>
            """
                .formatted(ToyServer.absent().address()));
    MillraceAppender appender = appender();
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
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(Duration.ofSeconds(20));
    // A wait each, and what a busy machine adds; if every event waited, it would be nearly all.
    assertThat(tookNanos.stream().filter(nanos -> nanos > 50_000_000).count())
        .isLessThan(threads * events / 4);
    assertThat(appender.statistics().bufferedBytes()).isLessThanOrEqualTo(60_000);
    long taken = appender.statistics().accepted();
    assertThat(taken).isBetween(50L, 200L);
    assertThat(appender.dropped()).isEqualTo(threads * events - taken);
    assertThat(statuses()).filteredOn(text -> text.contains("is full")).hasSizeBetween(1, 3);

    long stop = System.nanoTime();
    appender.stop();
    assertThat(Duration.ofNanos(System.nanoTime() - stop)).isLessThan(Duration.ofSeconds(4));
    assertThat(statuses())
        .anyMatch(text -> text.contains(taken + " events were accepted and never acknowledged"));
  }

  @Test
  void theStopSendsWhatIsLeft() {
    try (ToyServer server = ToyServer.started()) {
      Logger logger =
          configured(
              "<hosts>"
                  + server.address()
                  + "</hosts><option><name>linger</name><value>600000</value></option>");
      for (int i = 0; i < 50; i++) {
        logger.info("{}", i);
      }
      assertThat(server.received()).isEmpty();
      context.stop();
      assertThat(server.received()).hasSize(50);
    }
  }

  @Test
  void whatTellsOfSendingIsNotSent() throws Exception {
    try (ToyServer server = ToyServer.started()) {
      Logger logger = configured("<hosts>" + server.address() + "</hosts>");
      context.getLogger("io.millrace.client.EventClient").warn("own");
      context.getLogger("io.millrace.rpc.transport.RpcClient").warn("own");
      // As an asynchronous appender in front of this one would hand it on.
      Thread ofNetty =
          new Thread(() -> logger.warn("handed on"), EventClient.THREAD_PREFIX + "events/io");
      ofNetty.start();
      ofNetty.join();
      logger.warn("mine");
      await().atMost(SOON).until(() -> server.bodies().contains("mine"));
      assertThat(server.bodies()).containsExactly("mine");
    }
  }

  @Test
  void whatCannotBeIsSaidAndTheAppenderDoesNotStart() {
    Logger logger = configured("<hosts>nowhere</hosts>");
    logger.info("goes nowhere");
    assertThat(appender().isStarted()).isFalse();
    assertThat(statuses())
        .anyMatch(
            text ->
                text.contains("Appender events was not started")
                    && text.contains("hosts.h0: 'nowhere'"));
  }

  // The example of the guide works as it stands.
  @Test
  void theExampleOfTheGuideIsAConfiguration() throws Exception {
    String guide = Files.readString(Path.of("../docs/clients.md"));
    Matcher block =
        Pattern.compile("```xml\n(<configuration.*?)```", Pattern.DOTALL).matcher(guide);
    assertThat(block.find()).isTrue();
    start(block.group(1));
    assertThat(appender().isStarted()).isTrue();
    assertThat(statuses()).isEmpty();
  }
}
