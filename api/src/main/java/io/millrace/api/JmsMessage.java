/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.Map;
import java.util.Optional;

/**
 * A message of a JMS broker, the same for clients of {@code javax.jms} and of {@code jakarta.jms}.
 * Valid during the call that it is given to. Confined to the thread that receives.
 *
 * <p>A failure of the client comes out as a {@link TransientException}.
 *
 * @since 0.1
 */
public interface JmsMessage {
  /** What the message carries. */
  enum Kind {
    TEXT,
    BYTES,
    MAP,
    STREAM,
    OBJECT,
    /** Properties only. */
    PLAIN
  }

  Kind kind();

  /** {@code JMSMessageID}; empty when its sender did without. */
  Optional<String> id();

  /** The properties as text, without those that are null. */
  Map<String, String> properties();

  /**
   * The text of a {@link Kind#TEXT} message; empty when it is null.
   *
   * @throws IllegalStateException when it is of another kind
   */
  String text();

  /** Length of the body of a {@link Kind#BYTES} message. */
  long bodyBytes();

  /**
   * The body of a {@link Kind#BYTES} message, copied.
   *
   * @throws RejectedException when it is longer than a Java array
   */
  byte[] body();

  /**
   * The client's own message object, for what this view does not show. To call {@code getObject} on
   * it runs code that the sender of the message chooses.
   */
  Object clientMessage();
}
