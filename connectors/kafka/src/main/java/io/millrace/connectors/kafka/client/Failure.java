/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.client;

import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;

/** What a failure of Kafka means for the record that met it. */
public enum Failure {
  /** The record can never be taken as it is. */
  REJECTED,
  /** The broker does not allow it now; somebody has to change a rule. */
  UNAUTHORIZED,
  /** Another producer has the same transactional id and began later. */
  FENCED,
  /** It may work later. */
  TRANSIENT;

  public static Failure of(Throwable thrown) {
    Throwable cause = cause(thrown);
    if (cause instanceof RecordTooLargeException
        || cause instanceof RecordBatchTooLargeException
        || cause instanceof InvalidTopicException
        || cause instanceof InvalidTimestampException
        || cause instanceof InvalidRecordException
        || cause instanceof SerializationException) {
      return REJECTED;
    }
    if (cause instanceof TopicAuthorizationException) {
      return UNAUTHORIZED;
    }
    return cause instanceof ProducerFencedException ? FENCED : TRANSIENT;
  }

  /** Whether the broker refuses the client itself, not one topic of it. */
  public static boolean isRefusal(Throwable thrown) {
    return cause(thrown) instanceof AuthorizationException;
  }

  /** What is inside of wrappers. */
  public static Throwable cause(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof ExecutionException || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }
}
