/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** A real ActiveMQ Artemis on a loopback port, which keeps its messages over a restart. */
final class Broker implements AutoCloseable {
  static final String CONTEXT_FACTORY =
      "org.apache.activemq.artemis.jndi.ActiveMQInitialContextFactory";

  private static final long PATIENCE_MILLIS = 60_000;

  /** For what should not be there. */
  private static final long EXTRA_MILLIS = 100;

  private final Path directory;
  private final int port;
  private EmbeddedActiveMQ server;

  Broker(Path directory) throws Exception {
    this.directory = directory;
    port = freePort();
    start();
  }

  /** Below the ports of outgoing connections, so that none of these takes it before the broker. */
  private static int freePort() {
    while (true) {
      int candidate = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket probe = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
        return probe.getLocalPort();
      } catch (IOException e) {
        // Somebody has it: the next one.
      }
    }
  }

  void start() throws Exception {
    Configuration configuration =
        new ConfigurationImpl()
            .setSecurityEnabled(false)
            .setPersistenceEnabled(true)
            .setJournalType(JournalType.NIO)
            .setJournalFileSize(1 << 20)
            .setJournalMinFiles(2)
            .setJMXManagementEnabled(false)
            .setJournalDirectory(directory.resolve("journal").toString())
            .setBindingsDirectory(directory.resolve("bindings").toString())
            .setLargeMessagesDirectory(directory.resolve("large").toString())
            .setPagingDirectory(directory.resolve("paging").toString())
            .setMaxDiskUsage(100)
            .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + port + "?protocols=CORE");
    configuration.setBrokerInstance(directory.toFile());
    configuration.addAddressSetting(
        "#",
        new AddressSettings()
            .setAutoCreateQueues(true)
            .setAutoCreateAddresses(true)
            .setAutoDeleteQueues(false)
            .setAutoDeleteAddresses(false)
            .setMaxDeliveryAttempts(10)
            .setDeadLetterAddress(SimpleString.of("DLQ")));
    server = new EmbeddedActiveMQ();
    server.setConfiguration(configuration);
    server.start();
  }

  void stop() throws Exception {
    if (server != null) {
      server.stop();
      server = null;
    }
  }

  int port() {
    return port;
  }

  String url() {
    return urlOf(port);
  }

  /** Of a client that gives a broken connection up at once. */
  static String urlOf(int port) {
    return "tcp://127.0.0.1:" + port + "?reconnectAttempts=0&callTimeout=30000";
  }

  /** What a test does in a session of its own. */
  @FunctionalInterface
  interface Work<T> {
    T in(Session session) throws JMSException;
  }

  <T> T with(Work<T> work) throws JMSException {
    try (ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(url());
        Connection connection = factory.createConnection();
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
      connection.start();
      T result = work.in(session);
      session.commit();
      return result;
    }
  }

  /** What makes a message. */
  @FunctionalInterface
  interface Maker {
    Message make(Session session) throws JMSException;
  }

  void send(String queue, Maker... makers) throws JMSException {
    with(
        session -> {
          send(session, session.createQueue(queue), List.of(makers));
          return null;
        });
  }

  void publish(String topic, Maker... makers) throws JMSException {
    with(
        session -> {
          send(session, session.createTopic(topic), List.of(makers));
          return null;
        });
  }

  private static void send(Session session, Destination to, List<Maker> makers)
      throws JMSException {
    try (MessageProducer producer = session.createProducer(to)) {
      for (Maker maker : makers) {
        producer.send(maker.make(session));
      }
    }
  }

  /** Text messages whose texts are the numbers {@code [from, to)}. */
  static Maker[] numbers(int from, int to) {
    List<Maker> makers = new ArrayList<>();
    for (int number = from; number < to; number++) {
      String text = Integer.toString(number);
      makers.add(session -> session.createTextMessage(text));
    }
    return makers.toArray(new Maker[0]);
  }

  /** Takes so many messages out of a queue, and what else there is. */
  List<Message> drain(String queue, int count) throws JMSException {
    return with(
        session -> {
          List<Message> messages = new ArrayList<>();
          try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            Message next;
            do {
              next = consumer.receive(messages.size() < count ? PATIENCE_MILLIS : EXTRA_MILLIS);
              if (next != null) {
                messages.add(next);
              }
            } while (next != null);
          }
          return messages;
        });
  }

  /** Messages in a queue, those given out and not committed included. */
  long depth(String queue) {
    return server.getActiveMQServer().locateQueue(queue).getMessageCount();
  }

  @Override
  public void close() throws Exception {
    stop();
  }
}
