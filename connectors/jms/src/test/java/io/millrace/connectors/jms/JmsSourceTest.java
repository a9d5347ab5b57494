/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.api.ChannelFullException;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.JmsConverter;
import io.millrace.api.JmsConverterOptions;
import io.millrace.api.RejectedException;
import io.millrace.api.Source;
import io.millrace.connectors.jms.JmsSourceOptions.DestinationLocator;
import io.millrace.connectors.jms.JmsSourceOptions.DestinationType;
import jakarta.jms.BytesMessage;
import jakarta.jms.MapMessage;
import jakarta.jms.ObjectMessage;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real broker. */
class JmsSourceTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir private Path directory;
  private final Toy toy = new Toy();
  private Broker broker;
  private Opts options;
  private Source source;

  @BeforeEach
  void startBroker() throws Exception {
    broker = new Broker(directory);
    options = new Opts(broker.url());
  }

  @AfterEach
  void stop() throws Exception {
    stopSource();
    broker.close();
  }

  private void startSource() throws Exception {
    source = options.build().build(toy);
    source.start();
  }

  private void stopSource() throws Exception {
    if (source != null) {
      source.stop();
      source.stop();
    }
  }

  private static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(Integer::toString).toList();
  }

  @Test
  void messagesOfAQueueBecomeEventsInOrderAndLeaveTheBroker() throws Exception {
    broker.send("orders", Broker.numbers(0, 250));
    startSource();
    await().atMost(LONG).until(() -> toy.events().size() >= 250);
    assertThat(toy.bodies()).isEqualTo(numbers(0, 250));
    await().atMost(LONG).until(() -> broker.depth("orders") == 0);
    assertThat(toy.value("Connected")).isEqualTo(1);
  }

  @Test
  void textBytesAndPlainMessagesCarryTheirPropertiesAsHeaders() throws Exception {
    broker.send(
        "orders",
        session -> {
          TextMessage text = session.createTextMessage("grün");
          text.setStringProperty("kind", "invoice");
          text.setIntProperty("amount", 12);
          return text;
        },
        session -> {
          BytesMessage bytes = session.createBytesMessage();
          bytes.writeBytes(new byte[] {'a', 0, 'b'});
          return bytes;
        },
        session -> session.createMessage(),
        session -> session.createTextMessage(null));
    startSource();
    await().atMost(LONG).until(() -> toy.events().size() >= 4);
    assertThat(toy.bodies()).containsExactly("grün", "a\0b", "", "");
    assertThat(toy.events().get(0).headers())
        .containsEntry("kind", "invoice")
        .containsEntry("amount", "12");
  }

  @Test
  void theSelectorLeavesOtherMessagesAtTheBroker() throws Exception {
    options.selector = Optional.of("kind = 'invoice'");
    for (String kind : List.of("invoice", "order", "invoice")) {
      broker.send(
          "orders",
          session -> {
            TextMessage text = session.createTextMessage(kind);
            text.setStringProperty("kind", kind);
            return text;
          });
    }
    startSource();
    await().atMost(LONG).until(() -> toy.events().size() >= 2);
    await().atMost(LONG).until(() -> broker.depth("orders") == 1);
    assertThat(toy.bodies()).containsExactly("invoice", "invoice");
  }

  @Test
  void aDurableSubscriptionKeepsWhatCameWhileTheSourceWasAway() throws Exception {
    options.type = DestinationType.TOPIC;
    options.destination = "notices";
    options.isDurable = true;
    options.clientId = Optional.of("millrace-1");
    options.subscription = Optional.of("notices");
    startSource();
    await().atMost(LONG).until(() -> toy.value("Connected") == 1);
    broker.publish("notices", Broker.numbers(0, 5));
    await().atMost(LONG).until(() -> toy.events().size() >= 5);
    stopSource();
    broker.publish("notices", Broker.numbers(5, 10));
    startSource();
    await().atMost(LONG).until(() -> toy.events().size() >= 10);
    assertThat(toy.bodies()).isEqualTo(numbers(0, 10));
  }

  @Test
  void anObjectMessageIsMovedAsideUnreadAndTheOthersPass() throws Exception {
    broker.send("orders", Broker.numbers(0, 2));
    broker.send("orders", session -> session.createObjectMessage(new Trap()));
    broker.send(
        "orders",
        session -> {
          MapMessage map = session.createMapMessage();
          map.setString("a", "b");
          return map;
        });
    broker.send("orders", Broker.numbers(2, 4));
    startSource();
    await().atMost(LONG).until(() -> toy.value("MessagesSetAside") == 2);
    await().atMost(LONG).until(() -> toy.bodies().equals(numbers(0, 4)));
    await().atMost(LONG).until(() -> broker.depth("orders") == 0);
    assertThat(Trap.RESTORED).hasValue(0);
    assertThat(broker.drain("millrace.rejected", 2))
        .hasSize(2)
        .satisfiesExactly(
            first -> assertThat(first).isInstanceOf(ObjectMessage.class),
            second -> assertThat(second).isInstanceOf(MapMessage.class));
  }

  /** Says when it is made from its serialized form. */
  static final class Trap implements java.io.Serializable {
    private static final long serialVersionUID = 1L;
    static final AtomicInteger RESTORED = new AtomicInteger();

    private Object readResolve() {
      RESTORED.incrementAndGet();
      return this;
    }
  }

  @Test
  void aConverterThatFailsIsTriedAgainAndThenTheMessageMovedAside() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    AtomicInteger others = new AtomicInteger();
    options.converter =
        (Own)
            () ->
                message -> {
                  if (message.text().equals("poison")) {
                    tries.incrementAndGet();
                    throw new IllegalArgumentException("cannot read it");
                  }
                  if (message.text().equals("shy") && others.getAndIncrement() == 0) {
                    throw new IllegalStateException("not yet");
                  }
                  return EventBatch.of(Map.of(), message.text().getBytes(StandardCharsets.UTF_8));
                };
    broker.send("orders", session -> session.createTextMessage("poison"));
    broker.send("orders", session -> session.createTextMessage("shy"));
    startSource();
    await().atMost(LONG).until(() -> toy.value("MessagesSetAside") == 1);
    await().atMost(LONG).until(() -> toy.bodies().equals(List.of("shy")));
    assertThat(tries).hasValue(3);
    assertThat(toy.value("ConversionFailures")).isEqualTo(4);
    assertThat(((TextMessage) broker.drain("millrace.rejected", 1).get(0)).getText())
        .isEqualTo("poison");
  }

  /** A converter of a test. */
  @FunctionalInterface
  interface Own extends JmsConverterOptions {
    @Override
    JmsConverter build();
  }

  @Test
  void withoutAQueueForThemRejectedMessagesAreLeftOutAndCounted() throws Exception {
    options.rejectedQueue = "none";
    broker.send("orders", session -> session.createObjectMessage("x"));
    broker.send("orders", Broker.numbers(0, 1));
    startSource();
    await().atMost(LONG).until(() -> toy.value("MessagesLeftOut") == 1);
    await().atMost(LONG).until(() -> toy.bodies().equals(List.of("0")));
    await().atMost(LONG).until(() -> broker.depth("orders") == 0);
  }

  @Test
  void ofABatchThatTheChannelsRefuseForGoodTheOneAtFaultIsFound() throws Exception {
    toy.answer(
        batch -> {
          for (EventView event : batch) {
            if (event.bodyText().equals("3")) {
              return CompletableFuture.failedFuture(new RejectedException("not this one"));
            }
          }
          return null;
        });
    broker.send("orders", Broker.numbers(0, 6));
    startSource();
    await().atMost(LONG).until(() -> toy.value("MessagesSetAside") == 1);
    await().atMost(LONG).until(() -> toy.bodies().equals(List.of("0", "1", "2", "4", "5")));
  }

  @Test
  void aMessageLargerThanTheChannelsTakeIsMovedAside() throws Exception {
    toy.maxBatchBytes(10_000);
    broker.send(
        "orders",
        session -> {
          BytesMessage bytes = session.createBytesMessage();
          bytes.writeBytes(new byte[300_000]);
          return bytes;
        },
        session -> session.createTextMessage("x".repeat(20_000)),
        session -> session.createTextMessage("y".repeat(6_000)),
        session -> session.createTextMessage("z".repeat(6_000)));
    startSource();
    await().atMost(LONG).until(() -> toy.value("MessagesSetAside") == 2);
    await().atMost(LONG).until(() -> toy.events().size() == 2);
    assertThat(broker.drain("millrace.rejected", 2)).hasSize(2);
  }

  /** Flume rolls back: ten refusals later the broker would have moved all to its dead letters. */
  @Test
  void fullChannelsHoldTheMessagesBackAndNoneBecomesADeadLetter() throws Exception {
    AtomicInteger refusals = new AtomicInteger();
    toy.answer(
        batch -> {
          refusals.incrementAndGet();
          return CompletableFuture.failedFuture(new ChannelFullException("full"));
        });
    broker.send("orders", Broker.numbers(0, 50));
    startSource();
    await().atMost(LONG).until(() -> refusals.get() > 15);
    toy.takeAll();
    await().atMost(LONG).until(() -> toy.events().size() >= 50);
    assertThat(toy.bodies()).isEqualTo(numbers(0, 50));
    await().atMost(LONG).until(() -> broker.depth("orders") == 0);
    await().atMost(LONG).until(() -> toy.value("ChannelWriteFail") > 15);
  }

  @Test
  void whatTheChannelsDoNotHaveAtAStopGoesBackToTheBroker() throws Exception {
    toy.answer(batch -> CompletableFuture.failedFuture(new ChannelFullException("full")));
    broker.send("orders", Broker.numbers(0, 50));
    startSource();
    await().atMost(LONG).until(() -> toy.value("ChannelWriteFail") > 1);
    stopSource();
    assertThat(broker.depth("orders")).isEqualTo(50);
    toy.takeAll();
    startSource();
    await().atMost(LONG).until(() -> toy.events().size() >= 50);
    assertThat(toy.bodies()).isEqualTo(numbers(0, 50));
  }

  @Test
  void aBrokerThatComesLateOrIsRestartedIsFound() throws Exception {
    broker.send("orders", Broker.numbers(0, 10));
    broker.stop();
    startSource();
    await().atMost(LONG).until(() -> toy.value("JmsErrors") >= 2);
    broker.start();
    await().atMost(LONG).until(() -> toy.events().size() == 10);
    broker.stop();
    await().atMost(LONG).until(() -> toy.value("JmsErrors") >= 4);
    broker.start();
    broker.send("orders", Broker.numbers(10, 20));
    await().atMost(LONG).until(() -> toy.events().size() == 20);
    assertThat(toy.bodies()).isEqualTo(numbers(0, 20));
  }

  /** The connection is cut between the channels' answer and the commit, again and again. */
  @Test
  void aCutConnectionNeitherLosesNorDoubles() throws Exception {
    try (Link link = new Link(broker.port())) {
      options.url = Broker.urlOf(link.port());
      options.batchSize = 7;
      AtomicInteger batches = new AtomicInteger();
      toy.answer(
          batch -> {
            if (batches.incrementAndGet() % 5 == 0) {
              try {
                link.cut();
              } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            }
            return null;
          });
      broker.send("orders", Broker.numbers(0, 300));
      startSource();
      await().atMost(LONG).until(() -> toy.events().size() >= 300 && broker.depth("orders") == 0);
      assertThat(toy.bodies()).containsExactlyInAnyOrderElementsOf(numbers(0, 300));
      assertThat(toy.value("JmsConnections")).isGreaterThan(3);
      assertThat(toy.value("DuplicatesDropped")).isGreaterThan(0);
    }
  }

  @Test
  void destinationsAreLookedUpWhenAskedFor() throws Exception {
    options.locator = DestinationLocator.JNDI;
    options.destination = "mine";
    options.jndi = Map.of("queue.mine", "orders");
    broker.send("orders", Broker.numbers(0, 3));
    startSource();
    await().atMost(LONG).until(() -> toy.events().size() == 3);
  }

  @Test
  void aWrongSelectorIsSaidAndTriedAgainWhileTheAgentRuns() throws Exception {
    options.selector = Optional.of("this is no selector (");
    startSource();
    await().atMost(LONG).until(() -> toy.value("JmsErrors") >= 2);
    stopSource();
  }

  /** ActiveMQ's first line, with its own client, which is written for javax.jms 1.1. */
  @Test
  void aClientOfJavaxJmsServesAsWell() throws Exception {
    org.apache.activemq.broker.BrokerService classic =
        new org.apache.activemq.broker.BrokerService();
    classic.setPersistent(false);
    classic.setUseJmx(false);
    classic.setUseShutdownHook(false);
    org.apache.activemq.broker.TransportConnector connector =
        classic.addConnector("tcp://127.0.0.1:0");
    classic.start();
    try {
      String url = connector.getConnectUri().toString();
      options.contextFactory = "org.apache.activemq.jndi.ActiveMQInitialContextFactory";
      options.url = url;
      javax.jms.Connection connection =
          new org.apache.activemq.ActiveMQConnectionFactory(url).createConnection();
      try {
        connection.start();
        javax.jms.Session session =
            connection.createSession(false, javax.jms.Session.AUTO_ACKNOWLEDGE);
        javax.jms.MessageProducer producer = session.createProducer(session.createQueue("orders"));
        for (String number : numbers(0, 30)) {
          producer.send(session.createTextMessage(number));
        }
        producer.send(session.createObjectMessage(new Trap()));
        javax.jms.BytesMessage bytes = session.createBytesMessage();
        bytes.writeBytes(new byte[] {'b'});
        bytes.setStringProperty("kind", "bytes");
        producer.send(bytes);
        startSource();
        await().atMost(LONG).until(() -> toy.events().size() == 31);
        await().atMost(LONG).until(() -> toy.value("MessagesSetAside") == 1);
        assertThat(toy.bodies().subList(0, 30)).isEqualTo(numbers(0, 30));
        assertThat(toy.events().get(30)).isEqualTo(new Toy.Event(Map.of("kind", "bytes"), "b"));
        assertThat(Trap.RESTORED).hasValue(0);
        assertThat(
                session
                    .createConsumer(session.createQueue("millrace.rejected"))
                    .receive(LONG.toMillis()))
            .isInstanceOf(javax.jms.ObjectMessage.class);
      } finally {
        connection.close();
      }
      stopSource();
    } finally {
      classic.stop();
    }
  }
}
