/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

/**
 * What the source uses of the JMS API, name by name; {@link Mirror} finds the interfaces and
 * methods of the same names in {@code jakarta.jms} or {@code javax.jms}. All of it is in JMS 1.1
 * and every later version. A failure of the client comes out as a {@link JmsFailure}.
 */
final class Jms {
  static final int SESSION_TRANSACTED = 0;

  private Jms() {}

  /** What stands for one object of the client. */
  interface Mirrored {}

  interface ConnectionFactory extends Mirrored {
    Connection createConnection() throws JmsFailure;

    Connection createConnection(String userName, String password) throws JmsFailure;
  }

  interface Connection extends Mirrored {
    void setClientID(String clientId) throws JmsFailure;

    void setExceptionListener(ExceptionListener listener) throws JmsFailure;

    Session createSession(boolean isTransacted, int acknowledgeMode) throws JmsFailure;

    void start() throws JmsFailure;

    void close() throws JmsFailure;
  }

  /** The one interface that the source implements and the client calls. */
  @FunctionalInterface
  interface ExceptionListener {
    void onException(Exception failure);
  }

  interface Session extends Mirrored {
    Queue createQueue(String name) throws JmsFailure;

    Topic createTopic(String name) throws JmsFailure;

    MessageConsumer createConsumer(Destination destination, String messageSelector)
        throws JmsFailure;

    TopicSubscriber createDurableSubscriber(
        Topic topic, String name, String messageSelector, boolean isWithoutLocal) throws JmsFailure;

    MessageProducer createProducer(Destination destination) throws JmsFailure;

    void commit() throws JmsFailure;

    void rollback() throws JmsFailure;
  }

  interface Destination extends Mirrored {}

  interface Queue extends Destination {}

  interface Topic extends Destination {}

  interface MessageConsumer extends Mirrored {
    Message receive(long timeoutMillis) throws JmsFailure;

    Message receiveNoWait() throws JmsFailure;
  }

  interface TopicSubscriber extends MessageConsumer {}

  interface MessageProducer extends Mirrored {
    void send(Message message) throws JmsFailure;
  }

  interface Message extends Mirrored {
    String getJMSMessageID() throws JmsFailure;

    java.util.Enumeration<?> getPropertyNames() throws JmsFailure;

    String getStringProperty(String name) throws JmsFailure;
  }

  interface TextMessage extends Message {
    String getText() throws JmsFailure;
  }

  interface BytesMessage extends Message {
    long getBodyLength() throws JmsFailure;

    int readBytes(byte[] target) throws JmsFailure;

    void reset() throws JmsFailure;
  }

  interface MapMessage extends Message {}

  interface StreamMessage extends Message {}

  interface ObjectMessage extends Message {}
}
