/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.LogLimit;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.RejectedException;
import io.millrace.api.Sink;
import io.millrace.api.SinkContext;
import io.millrace.api.TransientException;
import io.millrace.connectors.kafka.client.FirstRecords;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends events without waiting for each other's answers, at least once. An event is delivered when
 * the brokers have acknowledged its record. Safe for the engine's calls: deliver on one thread,
 * stop on any.
 */
final class KafkaSink implements Sink {
  private static final Logger log = LoggerFactory.getLogger(KafkaSink.class);

  /** The engine has waited for what is under way; what is left is given up. */
  private static final Duration CLOSE_LIMIT = Duration.ofMillis(500);

  private final KafkaSinkOptions options;
  private final SinkContext context;
  private final SinkMeters meters;
  private final RecordMaker maker;
  private final int producerBatchBytes;
  private final LogLimit lines = new LogLimit(Duration.ofSeconds(10));

  /** Completes when a stop is near. */
  private final CompletableFuture<Void> hurry = new CompletableFuture<>();

  private final FirstRecords firstRecords = new FirstRecords(hurry);

  private volatile KafkaProducer<byte[], byte[]> producer;

  KafkaSink(KafkaSinkOptions options, SinkContext context) {
    this.options = options;
    this.context = context;
    this.meters = new SinkMeters(context.metrics());
    this.maker = new RecordMaker(options, meters);
    this.producerBatchBytes = options.producerBatchBytes();
  }

  @Override
  public void start() {
    producer = options.settings(context.agent() + "-" + context.name()).newProducer();
    if (!options.acks().equals("all") && !options.acks().equals("-1")) {
      log.warn(
          "Sink {}: kafka.producer.acks = {}: a broker that fails can cost events that were taken"
              + " for delivered. Set it to all unless that is wanted",
          context.name(),
          options.acks());
    }
  }

  @Override
  public int maxInFlight() {
    return options.batchesInFlight();
  }

  @Override
  public CompletableFuture<Outcome> deliver(EventBatch batch, Origin origin) {
    KafkaProducer<byte[], byte[]> sending = producer;
    if (sending == null) {
      throw new TransientException("Sink " + context.name() + " is not started");
    }
    Shipment shipment = new Shipment(batch.eventCount());
    Destination destination = new Destination(sending, producerBatchBytes, hurry, firstRecords);
    int index = 0;
    for (EventView event : batch) {
      int at = index++;
      try {
        destination.send(
            maker.record(event), (metadata, failure) -> shipment.answered(at, failure));
      } catch (RejectedException e) {
        shipment.answered(at, e);
      }
    }
    shipment.answer();
    return shipment.future;
  }

  @Override
  public void settleSoon() {
    hurry.complete(null);
  }

  @Override
  public void stop() {
    hurry.complete(null);
    KafkaProducer<byte[], byte[]> sending = producer;
    producer = null;
    if (sending != null) {
      sending.close(CLOSE_LIMIT);
    }
  }

  /** A batch on its way. Safe for many threads. */
  private final class Shipment {
    private final int events;
    private final long beganNanos = System.nanoTime();
    private final Verdicts verdicts = new Verdicts();
    private final CompletableFuture<Outcome> future = new CompletableFuture<>();

    /** One more than events, for whoever hands them over. */
    private final AtomicInteger unanswered;

    Shipment(int events) {
      this.events = events;
      this.unanswered = new AtomicInteger(events + 1);
    }

    void answered(int index, Exception failure) {
      if (failure != null) {
        verdicts.judge(index, failure, options.unauthorized());
      }
      answer();
    }

    void answer() {
      if (unanswered.decrementAndGet() == 0) {
        meters.sent(System.nanoTime() - beganNanos);
        complete();
      }
    }

    private void complete() {
      int retries = verdicts.retryCount();
      if (retries == 0) {
        future.complete(verdicts.outcome());
        return;
      }
      meters.rolledBack();
      Throwable first = verdicts.firstRetried();
      if (retries == events) {
        future.completeExceptionally(
            new TransientException("Kafka did not take the events: " + LogText.of(first), first));
        return;
      }
      if (lines.allows()) {
        log.warn(
            "Sink {}: Kafka did not take {} of {} events; they are tried again. The first: {} ({}"
                + " such lines left out)",
            context.name(),
            retries,
            events,
            LogText.of(first),
            lines.takeLeftOut());
      }
      future.complete(verdicts.outcome());
    }
  }
}
