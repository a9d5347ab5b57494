/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.jms;

import io.millrace.api.JmsMessage;
import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A message of either API. Confined to the thread that receives. */
final class ClientMessage implements JmsMessage {
  private final Mirror mirror;
  private final Jms.Message message;
  private final Kind kind;

  ClientMessage(Mirror mirror, Jms.Message message) {
    this.mirror = mirror;
    this.message = message;
    this.kind = kindOf(mirror, Mirror.behind(message));
  }

  private static Kind kindOf(Mirror mirror, Object message) {
    // Bytes before the rest: some clients' classes are bytes messages beside what they are.
    if (mirror.isInstance(message, Jms.TextMessage.class)) {
      return Kind.TEXT;
    } else if (mirror.isInstance(message, Jms.ObjectMessage.class)) {
      return Kind.OBJECT;
    } else if (mirror.isInstance(message, Jms.MapMessage.class)) {
      return Kind.MAP;
    } else if (mirror.isInstance(message, Jms.StreamMessage.class)) {
      return Kind.STREAM;
    } else if (mirror.isInstance(message, Jms.BytesMessage.class)) {
      return Kind.BYTES;
    }
    return Kind.PLAIN;
  }

  Jms.Message shown() {
    return message;
  }

  @Override
  public Kind kind() {
    return kind;
  }

  @Override
  public Optional<String> id() {
    return asked(() -> Optional.ofNullable(message.getJMSMessageID()));
  }

  @Override
  public Map<String, String> properties() {
    return asked(
        () -> {
          Map<String, String> properties = new LinkedHashMap<>();
          Enumeration<?> names = message.getPropertyNames();
          while (names.hasMoreElements()) {
            String name = String.valueOf(names.nextElement());
            String value = message.getStringProperty(name);
            if (value != null) {
              properties.put(name, value);
            }
          }
          return properties;
        });
  }

  @Override
  public String text() {
    Jms.TextMessage text = as(Jms.TextMessage.class);
    return asked(() -> Optional.ofNullable(text.getText()).orElse(""));
  }

  @Override
  public long bodyBytes() {
    Jms.BytesMessage bytes = as(Jms.BytesMessage.class);
    return asked(bytes::getBodyLength);
  }

  @Override
  public byte[] body() {
    Jms.BytesMessage bytes = as(Jms.BytesMessage.class);
    return asked(
        () -> {
          long length = bytes.getBodyLength();
          if (length > Integer.MAX_VALUE - 16) {
            throw new RejectedException("body of " + length + " bytes (expected: less than 2 GiB)");
          }
          // A converter that is tried again reads from the beginning.
          bytes.reset();
          byte[] body = new byte[(int) length];
          int read = length == 0 ? 0 : bytes.readBytes(body);
          if (read != length) {
            throw new JmsFailure("a body of " + length + " bytes ended after " + read);
          }
          return body;
        });
  }

  @Override
  public Object clientMessage() {
    return Mirror.behind(message);
  }

  private <T extends Jms.Message> T as(Class<T> type) {
    return mirror
        .as(message, type)
        .orElseThrow(
            () ->
                new IllegalStateException(
                    "kind: " + kind + " (expected: " + type.getSimpleName() + ")"));
  }

  @FunctionalInterface
  private interface Question<T> {
    T ask() throws JmsFailure;
  }

  private static <T> T asked(Question<T> question) {
    try {
      return question.ask();
    } catch (JmsFailure e) {
      throw new TransientException("the message could not be read: " + e.getMessage(), e);
    }
  }
}
