/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.client;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Sends the first record for a topic, or for a partition where the record names one, and waits for
 * its answer before others follow. A new topic's leader is known a moment before it takes records:
 * of several requests sent into that moment a later one may be taken as the producer's first, and
 * the ones before it are then refused for as long as the producer tries, {@code
 * delivery.timeout.ms}. Confined to one thread.
 */
public final class FirstRecords {
  /** A leader that takes longer is away: it is not waited for again. */
  private static final Duration LIMIT = Duration.ofSeconds(10);

  /** The one that was not used for longest is forgotten, and waited for again. */
  private static final int MAX_PLACES = 10_000;

  private final CompletableFuture<?> hurry;
  private final Map<Place, Boolean> known =
      new LinkedHashMap<>(16, 0.75f, /* accessOrder= */ true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Place, Boolean> eldest) {
          return size() > MAX_PLACES;
        }
      };

  /** The partition is null where the producer chooses it. */
  private record Place(String topic, Integer partition) {}

  /**
   * @param hurry completes when nothing is to be waited for any more
   */
  public FirstRecords(CompletableFuture<?> hurry) {
    this.hurry = hurry;
  }

  /** As the producer's own. */
  public void send(
      KafkaProducer<byte[], byte[]> producer,
      ProducerRecord<byte[], byte[]> record,
      Callback callback) {
    Place place = new Place(record.topic(), record.partition());
    if (known.get(place) != null) {
      producer.send(record, callback);
      return;
    }
    CompletableFuture<Boolean> taken = new CompletableFuture<>();
    producer.send(
        record,
        (metadata, failure) -> {
          try {
            callback.onCompletion(metadata, failure);
          } finally {
            taken.complete(failure == null);
          }
        });
    // A failure that is told at once is the client's own: no leader was asked.
    if (taken.getNow(true) && isAwaited(taken)) {
      known.put(place, true);
    }
  }

  private boolean isAwaited(CompletableFuture<Boolean> taken) {
    try {
      CompletableFuture.anyOf(taken, hurry).get(LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return true;
    } catch (ExecutionException e) {
      throw new IllegalStateException("neither of the two has a failure", e);
    } catch (InterruptedException e) {
      // The record is on its way all the same.
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
