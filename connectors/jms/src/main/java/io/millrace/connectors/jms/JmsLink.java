/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.connectors.jms.JmsSourceOptions.DestinationLocator;
import io.millrace.connectors.jms.JmsSourceOptions.DestinationType;
import java.util.Optional;

/**
 * One connection with its transacted session and consumer. Confined to the thread that receives,
 * but for {@link #close}, which any thread may call, and {@link #isLost}.
 */
final class JmsLink {
  private final Mirror mirror;
  private final Jms.Connection connection;
  private final Jms.Session session;
  private final Jms.MessageConsumer consumer;
  private final Optional<String> queueOfRejected;
  private final Loss loss;
  private Jms.MessageProducer setAside;

  /** Whether the client has said that the connection is gone. Safe for many threads. */
  private static final class Loss implements Jms.ExceptionListener {
    private volatile boolean isSaid;

    @Override
    public void onException(Exception failure) {
      isSaid = true;
    }
  }

  private JmsLink(
      Mirror mirror,
      Jms.Connection connection,
      Jms.Session session,
      Jms.MessageConsumer consumer,
      Optional<String> queueOfRejected,
      Loss loss) {
    this.mirror = mirror;
    this.connection = connection;
    this.session = session;
    this.consumer = consumer;
    this.queueOfRejected = queueOfRejected;
    this.loss = loss;
  }

  /** Connects and begins to receive. */
  static JmsLink open(JmsSourceOptions options) throws JmsFailure {
    Optional<Credentials> credentials =
        Credentials.read(options.userName(), options.passwordFile());
    try (JndiNames names = JndiNames.open(options.jndi(), credentials)) {
      Object factory = names.lookup(options.jndi().connectionFactory());
      Mirror mirror =
          Mirror.of(factory)
              .orElseThrow(
                  () ->
                      new JmsFailure(
                          "the JNDI name "
                              + options.jndi().connectionFactory()
                              + " is a "
                              + factory.getClass().getName()
                              + " (expected: a ConnectionFactory of "
                              + String.join(" or ", Mirror.PACKAGES)
                              + ")"));
      Jms.ConnectionFactory connections = mirror.show(factory, Jms.ConnectionFactory.class);
      Jms.Connection connection =
          credentials.isPresent()
              ? connections.createConnection(
                  credentials.get().userName(), credentials.get().password())
              : connections.createConnection();
      try {
        return on(connection, mirror, names, options);
      } catch (JmsFailure | RuntimeException e) {
        closeAfter(e, connection);
        throw e;
      }
    }
  }

  private static JmsLink on(
      Jms.Connection connection, Mirror mirror, JndiNames names, JmsSourceOptions options)
      throws JmsFailure {
    if (options.clientId().isPresent()) {
      // Nothing may be asked of a connection before.
      connection.setClientID(options.clientId().get());
    }
    Loss loss = new Loss();
    connection.setExceptionListener(loss);
    Jms.Session session = connection.createSession(true, Jms.SESSION_TRANSACTED);
    Jms.Destination destination = destination(session, mirror, names, options);
    String selector = options.messageSelector().filter(text -> !text.isBlank()).orElse(null);
    Jms.MessageConsumer consumer =
        options.createDurableSubscription()
            // Without what this connection sends, as Flume subscribes: to ask otherwise would end
            // a subscription that is there, with the messages it keeps.
            ? session.createDurableSubscriber(
                mirror.show(Mirror.behind(destination), Jms.Topic.class),
                options.durableSubscriptionName().orElseThrow(),
                selector,
                true)
            : session.createConsumer(destination, selector);
    connection.start();
    return new JmsLink(mirror, connection, session, consumer, options.queueOfRejected(), loss);
  }

  private static Jms.Destination destination(
      Jms.Session session, Mirror mirror, JndiNames names, JmsSourceOptions options)
      throws JmsFailure {
    boolean isQueue = options.destinationType() == DestinationType.QUEUE;
    Class<? extends Jms.Destination> type = isQueue ? Jms.Queue.class : Jms.Topic.class;
    if (options.destinationLocator() == DestinationLocator.CDI) {
      String name = options.destinationName();
      return isQueue ? session.createQueue(name) : session.createTopic(name);
    }
    Object found = names.lookup(options.destinationName());
    if (!mirror.isInstance(found, type)) {
      throw new JmsFailure(
          "the JNDI name "
              + options.destinationName()
              + " is a "
              + found.getClass().getName()
              + " (expected: a "
              + type.getSimpleName()
              + " of "
              + mirror.apiPackage()
              + ")");
    }
    return mirror.show(found, type);
  }

  private static void closeAfter(Exception failure, Jms.Connection connection) {
    try {
      connection.close();
    } catch (JmsFailure e) {
      failure.addSuppressed(e);
    }
  }

  /** {@code jakarta.jms} or {@code javax.jms}. */
  String apiPackage() {
    return mirror.apiPackage();
  }

  boolean isLost() {
    return loss.isSaid;
  }

  /** The next message, or null when none came in time. */
  ClientMessage receive(long timeoutMillis) throws JmsFailure {
    Jms.Message message =
        timeoutMillis == 0 ? consumer.receiveNoWait() : consumer.receive(timeoutMillis);
    return message == null ? null : new ClientMessage(mirror, message);
  }

  /** Sends a message to the queue of the rejected ones, in the transaction that it came in. */
  void setAside(ClientMessage message) throws JmsFailure {
    String queue = queueOfRejected.orElseThrow();
    try {
      if (setAside == null) {
        setAside = session.createProducer(session.createQueue(queue));
      }
      setAside.send(message.shown());
    } catch (JmsFailure e) {
      throw new JmsFailure(
          "a message that cannot become events cannot be moved to the queue "
              + queue
              + " (let the source send to it, or set rejectedQueue; none leaves such messages out)",
          e);
    }
  }

  void commit() throws JmsFailure {
    session.commit();
  }

  void rollback() throws JmsFailure {
    session.rollback();
  }

  /** Ends the connection and what hangs on it; what was not committed goes back to the broker. */
  void close() throws JmsFailure {
    connection.close();
  }
}
