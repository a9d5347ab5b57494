/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.RejectedException;
import io.millrace.api.TransientException;
import io.millrace.connectors.kafka.client.Failure;
import io.millrace.connectors.kafka.client.FirstRecords;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;

/**
 * Hands records to a producer for one batch or transaction. A topic that the producer waited for in
 * vain is not waited for again by the records that follow: each wait holds up the sink. Confined to
 * one thread.
 */
final class Destination {
  private final KafkaProducer<byte[], byte[]> producer;
  private final int producerBatchBytes;
  private final CompletableFuture<?> hurry;
  private final FirstRecords firstRecords;
  private final Map<String, Exception> missing = new HashMap<>();
  private final Map<String, Integer> partitions = new HashMap<>();
  private Exception exhausted;

  /**
   * @param producerBatchBytes what the producer gathers in one request for a partition
   * @param hurry completes when a stop is near: no record is waited for from then on
   * @param firstRecords of the sink
   */
  Destination(
      KafkaProducer<byte[], byte[]> producer,
      int producerBatchBytes,
      CompletableFuture<?> hurry,
      FirstRecords firstRecords) {
    this.producer = producer;
    this.producerBatchBytes = producerBatchBytes;
    this.hurry = hurry;
    this.firstRecords = firstRecords;
  }

  /** The callback is called once, on this thread or on the producer's. */
  void send(ProducerRecord<byte[], byte[]> record, Callback callback) {
    Exception known = exhausted != null ? exhausted : missing.get(record.topic());
    if (known != null) {
      callback.onCompletion(null, known);
      return;
    }
    Once once = new Once(callback);
    try {
      checkPartition(record);
      if (record.value().length > producerBatchBytes) {
        sendAlone(record, once);
      } else {
        firstRecords.send(producer, record, once);
      }
      note(record.topic(), once.failure());
    } catch (RejectedException | KafkaException | IllegalStateException e) {
      note(record.topic(), e);
      once.onCompletion(null, e);
    }
  }

  /**
   * A record that fills more than a batch gets one of its own, but for a tiny one that may slip in
   * behind it. If the broker takes no batch that large, the producer splits the two into the same
   * two for ever; alone, the record is refused. Without a broker that takes as long as the producer
   * tries, {@code delivery.timeout.ms}; before a stop it is left to the next start.
   */
  private void sendAlone(ProducerRecord<byte[], byte[]> record, Callback callback) {
    CompletableFuture<Void> answered = new CompletableFuture<>();
    producer.send(
        record,
        (metadata, failure) -> {
          callback.onCompletion(metadata, failure);
          answered.complete(null);
        });
    try {
      CompletableFuture.anyOf(answered, hurry).get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("neither of the two has a failure", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TransientException("interrupted while a large record was sent", e);
    }
  }

  /** The producer would wait for a partition that is not there as for a topic. */
  private void checkPartition(ProducerRecord<byte[], byte[]> record) {
    if (record.partition() == null) {
      return;
    }
    Integer known = partitions.get(record.topic());
    int count = known != null ? known : producer.partitionsFor(record.topic()).size();
    partitions.put(record.topic(), count);
    if (record.partition() >= count) {
      throw new RejectedException(
          "partition "
              + record.partition()
              + " of topic "
              + record.topic()
              + " (expected: 0 to "
              + (count - 1)
              + ")");
    }
  }

  private void note(String topic, Exception failure) {
    if (failure instanceof BufferExhaustedException) {
      exhausted = failure;
    } else if (failure instanceof TimeoutException
        || (failure != null && Failure.of(failure) == Failure.UNAUTHORIZED)) {
      missing.put(topic, failure);
    }
  }

  /** Some failures are both told and thrown. Safe for many threads. */
  private static final class Once implements Callback {
    private final Callback callback;
    private boolean isCalled;
    private Exception failure;

    Once(Callback callback) {
      this.callback = callback;
    }

    @Override
    public void onCompletion(
        org.apache.kafka.clients.producer.RecordMetadata metadata, Exception exception) {
      synchronized (this) {
        if (isCalled) {
          return;
        }
        isCalled = true;
        failure = exception;
      }
      callback.onCompletion(metadata, exception);
    }

    synchronized Exception failure() {
      return failure;
    }
  }
}
