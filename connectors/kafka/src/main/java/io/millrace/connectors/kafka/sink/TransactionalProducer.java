/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.TransientException;
import io.millrace.connectors.kafka.client.ClientSettings;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsOptions;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.TopicPartition;

/**
 * A producer with a transactional id, and the progress of each journal, which is committed in the
 * same transactions as the events: as the offset of one partition in a consumer group of the
 * journal's name. Opening one fences whoever had the id before and ends that one's transaction; the
 * progress is read after that, and only once no transaction is pending on it; it then gets this
 * producer's mark, so that one that was fenced can tell whether by another or by a time limit of
 * the broker's.
 *
 * <p>Confined to the thread of the transactions, but for {@link #abandon}.
 */
final class TransactionalProducer implements AutoCloseable {
  private static final Duration READ_LIMIT = Duration.ofSeconds(15);
  private static final Duration CLOSE_LIMIT = Duration.ofMillis(500);

  private final KafkaProducer<byte[], byte[]> producer;
  private final Admin admin;
  private final TopicPartition anchor;
  private final String sink;
  private final String owner = Long.toHexString(new SecureRandom().nextLong());
  private final Map<UUID, JournalProgress> progress = new HashMap<>();

  private TransactionalProducer(
      KafkaProducer<byte[], byte[]> producer, Admin admin, TopicPartition anchor, String sink) {
    this.producer = producer;
    this.admin = admin;
    this.anchor = anchor;
    this.sink = sink;
  }

  /**
   * A producer that has asked nobody anything yet: {@link #fence} comes first.
   *
   * @param anchor topic that exists
   * @param sink part of the groups' names
   */
  static TransactionalProducer of(
      ClientSettings settings, String transactionalId, String anchor, String sink) {
    ClientSettings own =
        settings
            .always(ProducerConfig.TRANSACTIONAL_ID_CONFIG, transactionalId)
            .always(ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG, "true");
    KafkaProducer<byte[], byte[]> producer = own.newProducer();
    try {
      return new TransactionalProducer(
          producer, settings.build(Admin::create), new TopicPartition(anchor, 0), sink);
    } catch (RuntimeException | Error e) {
      producer.close(CLOSE_LIMIT);
      throw e;
    }
  }

  /** Fences the producer before, and ends its transaction. {@link #abandon} ends the wait. */
  void fence() {
    producer.initTransactions();
  }

  KafkaProducer<byte[], byte[]> producer() {
    return producer;
  }

  /** The group in which the progress of a journal is kept. */
  static String group(UUID journal, String sink) {
    return "millrace." + journal + "." + sink;
  }

  /** Reads the progress of a journal and marks it; outside of a transaction, and once. */
  void claim(UUID journal) {
    if (progress.containsKey(journal)) {
      return;
    }
    JournalProgress read = read(journal);
    read.ownedBy(owner);
    producer.beginTransaction();
    send(journal, read);
    producer.commitTransaction();
    progress.put(journal, read);
  }

  /** The progress of a journal that is claimed, as of the last transaction. */
  JournalProgress progress(UUID journal) {
    return progress.get(journal);
  }

  /** Whether somebody else has marked the progress of a journal since. */
  boolean isOwnedByOther() {
    return progress.keySet().stream()
        .map(journal -> read(journal).owner())
        .anyMatch(now -> !now.isEmpty() && !now.equals(owner));
  }

  /** Adds progress to the open transaction. */
  @SuppressWarnings("removal") // There is no other way yet to name a group that has no members.
  void send(UUID journal, JournalProgress next) {
    OffsetAndMetadata offset = new OffsetAndMetadata(0, next.text());
    producer.sendOffsetsToTransaction(
        Map.of(anchor, offset), new ConsumerGroupMetadata(group(journal, sink)));
  }

  /** What was sent is committed. */
  void committed(Map<UUID, JournalProgress> next) {
    progress.putAll(next);
  }

  private JournalProgress read(UUID journal) {
    String group = group(journal, sink);
    try {
      OffsetAndMetadata offset =
          admin
              .listConsumerGroupOffsets(
                  group, new ListConsumerGroupOffsetsOptions().requireStable(true))
              .partitionsToOffsetAndMetadata()
              .get(READ_LIMIT.toMillis(), TimeUnit.MILLISECONDS)
              .get(anchor);
      return offset == null ? new JournalProgress() : JournalProgress.parse(offset.metadata());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException("interrupted while the progress was read", e);
    } catch (ExecutionException | TimeoutException | RuntimeException e) {
      throw new TransientException(
          "the progress in group " + group + " cannot be read: " + e.getMessage(), e);
    }
  }

  /**
   * Ends every wait on other threads. A close with a time limit would end without telling one that
   * waits in {@link #fence}.
   */
  void abandon() {
    producer.close(Duration.ZERO);
    admin.close(Duration.ZERO);
  }

  @Override
  public void close() {
    producer.close(CLOSE_LIMIT);
    admin.close(CLOSE_LIMIT);
  }
}
