/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.client;

import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits the offsets of one consumer, from its first poll to its close: mostly without waiting,
 * one commit at a time, and with waiting before partitions are given up. A commit that fails is
 * said and made up for by the next one. Confined to the consumer's thread.
 */
public final class Commits {
  private static final Logger log = LoggerFactory.getLogger(Commits.class);

  /** While the group waits: events come twice if this is too short. */
  private static final Duration REVOKE_LIMIT = Duration.ofSeconds(10);

  private static final Duration STOP_LIMIT = Duration.ofSeconds(2);

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final String component;
  private final Book book;
  private final Meters meters;
  private final LogLimit lines = new LogLimit(Duration.ofSeconds(10));
  private boolean isCommitting;

  /** Knows how far the records of each partition are done with. */
  public interface Book {
    /** Offsets that may be committed and are not. */
    Map<TopicPartition, OffsetAndMetadata> due();

    void committed(Map<TopicPartition, OffsetAndMetadata> offsets);
  }

  /** What a component counts of its commits, of one consumer after the other. Thread-safe. */
  public static final class Meters {
    private final MillisCounter times;
    private final Metrics.Counter failures;
    private final Metrics.Counter lastFailures;

    public Meters(Metrics metrics) {
      times = new MillisCounter(metrics.counter("KafkaCommitTimer"));
      failures = metrics.counter("KafkaCommitFailCount");
      lastFailures = metrics.counter("KafkaLastCommitFailCount");
    }
  }

  /**
   * @param component such as "Source in", as messages call it
   */
  public Commits(
      KafkaConsumer<byte[], byte[]> consumer, String component, Book book, Meters meters) {
    this.consumer = consumer;
    this.component = component;
    this.book = book;
    this.meters = meters;
  }

  /** Begins a commit unless one is under way; the next one takes along what is due meanwhile. */
  public void begin() {
    Map<TopicPartition, OffsetAndMetadata> due = isCommitting ? Map.of() : book.due();
    if (due.isEmpty()) {
      return;
    }
    isCommitting = true;
    long beganNanos = System.nanoTime();
    consumer.commitAsync(
        due,
        (offsets, failure) -> {
          isCommitting = false;
          meters.times.add(System.nanoTime() - beganNanos);
          if (failure == null) {
            book.committed(due);
          } else {
            failed(failure);
          }
        });
  }

  /** Commits what is due of these partitions, which the group takes away, and waits for that. */
  public void awaitBeforeRevoke(Collection<TopicPartition> partitions) {
    await(partitions, REVOKE_LIMIT);
  }

  /** Commits what is due of these partitions before a close, and waits for that. */
  public void awaitBeforeClose(Collection<TopicPartition> partitions) {
    await(partitions, STOP_LIMIT);
  }

  private void await(Collection<TopicPartition> partitions, Duration limit) {
    Map<TopicPartition, OffsetAndMetadata> due = book.due();
    due.keySet().retainAll(partitions);
    if (due.isEmpty()) {
      return;
    }
    long beganNanos = System.nanoTime();
    try {
      try {
        consumer.commitSync(due, limit);
      } catch (WakeupException e) {
        // A stop, meant for a poll that was over already; that it came ends with this exception.
        consumer.commitSync(due, STOP_LIMIT);
      }
      book.committed(due);
    } catch (KafkaException e) {
      meters.lastFailures.increment();
      failed(e);
    } finally {
      meters.times.add(System.nanoTime() - beganNanos);
    }
  }

  private void failed(Exception failure) {
    meters.failures.increment();
    if (lines.allows()) {
      log.warn(
          "{}: offsets could not be committed: {}. They are committed with the next ones; until"
              + " then events may come again after a restart ({} such lines left out)",
          component,
          LogText.of(failure),
          lines.takeLeftOut());
    }
  }
}
