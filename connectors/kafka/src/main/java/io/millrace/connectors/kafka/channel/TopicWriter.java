/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.channel;

import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelFullException;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.MillraceException;
import io.millrace.api.RejectedException;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.connectors.kafka.client.Failure;
import io.millrace.connectors.kafka.client.FirstRecords;
import io.millrace.connectors.kafka.client.RecordEvents;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Appends to the topic. A producer may wait, for metadata and for room; an append may not: one
 * thread hands the batches to the producer in the order of their appends, and the brokers'
 * acknowledgements complete them.
 *
 * <p>An append fails when one record of it does. Others of it may be in the topic then, as with
 * Flume: the source that tries again doubles them.
 *
 * <p>Safe for many threads; the line is guarded by {@code this}.
 */
final class TopicWriter {
  /** Most bytes of batches that are not acknowledged; what comes beyond is refused. */
  static final long MAX_WAITING_BYTES = 64L << 20;

  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);
  private static final int DEFAULT_MAX_REQUEST_BYTES = 1 << 20;

  /** What a record takes beside key and value in a request, at most about. */
  private static final int RECORD_OVERHEAD_BYTES = 100;

  private final KafkaChannelOptions options;
  private final ChannelContext context;
  private final ChannelMeters meters;
  private final long maxRecordBytes;
  private final ArrayDeque<Append> line = new ArrayDeque<>();
  private final AtomicLong waitingBytes = new AtomicLong();

  /** Confined to the thread that sends; a stop closes the producer, which ends the wait. */
  private final FirstRecords firstRecords = new FirstRecords(new CompletableFuture<>());

  private RuntimeException refusal;
  private boolean isStopped;
  private Thread thread;
  private volatile KafkaProducer<byte[], byte[]> producer;

  TopicWriter(KafkaChannelOptions options, ChannelContext context, ChannelMeters meters) {
    this.options = options;
    this.context = context;
    this.meters = meters;
    this.maxRecordBytes =
        options
            .producerSettings("")
            .value(ProducerConfig.MAX_REQUEST_SIZE_CONFIG)
            .map(size -> Long.parseLong(size.trim()))
            .orElse((long) DEFAULT_MAX_REQUEST_BYTES);
  }

  long waitingBytes() {
    return waitingBytes.get();
  }

  boolean isFull() {
    return waitingBytes.get() >= MAX_WAITING_BYTES;
  }

  CompletableFuture<Void> append(EventBatch batch) {
    if (batch.isEmpty()) {
      return CompletableFuture.completedFuture(null);
    }
    RejectedException rejection = rejection(batch);
    if (rejection != null) {
      return CompletableFuture.failedFuture(rejection);
    }
    synchronized (this) {
      if (refusal != null) {
        return CompletableFuture.failedFuture(refusal);
      }
      long waiting = waitingBytes.get();
      if (waiting > 0 && waiting + batch.encodedBytes() > MAX_WAITING_BYTES) {
        return CompletableFuture.failedFuture(
            new ChannelFullException(
                "Channel "
                    + context.name()
                    + ": "
                    + waiting
                    + " bytes wait for Kafka's acknowledgement (expected: at most "
                    + MAX_WAITING_BYTES
                    + ")"));
      }
      waitingBytes.addAndGet(batch.encodedBytes());
      Append append = new Append(batch);
      line.add(append);
      if (thread == null) {
        thread = context.threads("append").newThread(this::run);
        thread.start();
      }
      notifyAll();
      return append.future;
    }
  }

  /** Before anything is sent: so that nothing of a batch goes in that can't go in as a whole. */
  private RejectedException rejection(EventBatch batch) {
    if (batch.eventCount() > KafkaChannelOptions.TRANSACTION_CAPACITY) {
      return new RejectedException(
          "Channel "
              + context.name()
              + ": append of "
              + batch.eventCount()
              + " events (expected: at most "
              + KafkaChannelOptions.TRANSACTION_CAPACITY
              + ")");
    }
    if (batch.encodedBytes() + RECORD_OVERHEAD_BYTES <= maxRecordBytes) {
      return null;
    }
    for (EventView event : batch) {
      long bytes = options.parseAsFlumeEvent() ? event.encodedBytes() : event.bodyBytes();
      if (bytes + RECORD_OVERHEAD_BYTES > maxRecordBytes) {
        return new RejectedException(
            "Channel "
                + context.name()
                + ": event of "
                + bytes
                + " bytes (expected: at most kafka.producer.max.request.size, "
                + maxRecordBytes
                + ", less "
                + RECORD_OVERHEAD_BYTES
                + ")");
      }
    }
    return null;
  }

  private void run() {
    try {
      for (Append next = await(); next != null; next = await()) {
        send(next);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized Append await() throws InterruptedException {
    while (line.isEmpty() && !isStopped) {
      wait();
    }
    return isStopped ? null : line.remove();
  }

  private void send(Append append) {
    try {
      KafkaProducer<byte[], byte[]> sending = producer();
      Partitions partitions = new Partitions(sending);
      for (EventView event : append.batch) {
        Exception failed = append.failure.get();
        if (failed != null) {
          // The rest would wait as long, and come twice.
          append.abandon(failed);
          return;
        }
        firstRecords.send(
            sending,
            new ProducerRecord<>(
                options.topic(),
                partitions.of(event),
                RecordEvents.key(event),
                RecordEvents.value(event, options.parseAsFlumeEvent())),
            (metadata, failure) -> append.answered(failure));
        append.handedOver++;
      }
      append.answered(null);
    } catch (RuntimeException e) {
      append.abandon(e);
    } catch (Error e) {
      append.abandon(new IllegalStateException("an append to Kafka failed: " + e, e));
      throw e;
    }
  }

  private KafkaProducer<byte[], byte[]> producer() {
    KafkaProducer<byte[], byte[]> open = producer;
    if (open == null) {
      open = options.producerSettings(context.agent() + "-" + context.name()).newProducer();
      synchronized (this) {
        if (isStopped) {
          open.close(Duration.ZERO);
          throw new IllegalStateException("The channel has stopped");
        }
        producer = open;
      }
    }
    return open;
  }

  /** Refuses from now on; what is in the line goes on. */
  synchronized void refuse() {
    if (refusal == null) {
      refusal =
          new TransientException(
              "Channel "
                  + context.name()
                  + ": the agent is stopping; send again after its restart");
    }
  }

  void stop() throws InterruptedException {
    Thread sending;
    synchronized (this) {
      if (refusal == null) {
        refusal =
            new TransientException("Channel " + context.name() + " has stopped; send again later");
      }
      isStopped = true;
      sending = thread;
      notifyAll();
    }
    KafkaProducer<byte[], byte[]> open = producer;
    if (open != null) {
      // Also ends the thread's waits for metadata or room.
      open.close(CLOSE_LIMIT);
    }
    if (sending != null) {
      sending.join(CLOSE_LIMIT.toMillis());
    }
    while (true) {
      Append left;
      synchronized (this) {
        left = line.poll();
      }
      if (left == null) {
        return;
      }
      left.abandon(refusal);
    }
  }

  private RuntimeException translated(Throwable failure) {
    Throwable cause = Failure.cause(failure);
    if (cause instanceof MillraceException known) {
      return known;
    }
    String message =
        "Channel "
            + context.name()
            + ": Kafka did not take an append to topic "
            + options.topic()
            + ": "
            + LogText.of(cause);
    return Failure.of(cause) == Failure.REJECTED
        ? new RejectedException(message, cause)
        : new StorageException(message, cause);
  }

  /** A batch until all its records are acknowledged. The future is completed once. */
  private final class Append {
    private final EventBatch batch;
    private final CompletableFuture<Void> future = new CompletableFuture<>();
    private final long beganNanos = System.nanoTime();
    private final AtomicReference<Exception> failure = new AtomicReference<>();

    /** One more than events, for whoever hands them over. */
    private final AtomicInteger unanswered;

    /** Confined to the thread that sends. */
    private int handedOver;

    Append(EventBatch batch) {
      this.batch = batch;
      this.unanswered = new AtomicInteger(batch.eventCount() + 1);
    }

    void answered(Exception failed) {
      answered(failed, 1);
    }

    /** No more records of it are handed over. */
    void abandon(Exception reason) {
      answered(reason, batch.eventCount() + 1 - handedOver);
    }

    private void answered(Exception failed, int answers) {
      if (failed != null) {
        failure.compareAndSet(null, failed);
      }
      if (unanswered.addAndGet(-answers) > 0) {
        return;
      }
      waitingBytes.addAndGet(-batch.encodedBytes());
      meters.sent(System.nanoTime() - beganNanos);
      Exception first = failure.get();
      if (first == null) {
        future.complete(null);
      } else {
        meters.rolledBack();
        future.completeExceptionally(translated(first));
      }
    }
  }

  /** Picks partitions for one batch. Confined to the thread that sends. */
  private final class Partitions {
    private final KafkaProducer<byte[], byte[]> sending;
    private int count;

    Partitions(KafkaProducer<byte[], byte[]> sending) {
      this.sending = sending;
    }

    /** The event's partition, or null for the producer's choice: also for one that is not there. */
    Integer of(EventView event) {
      Integer asked = asked(event);
      if (asked == null) {
        return null;
      }
      if (count == 0) {
        count = sending.partitionsFor(options.topic()).size();
      }
      if (asked < 0 || asked >= count) {
        meters.badPartition();
        return null;
      }
      return asked;
    }

    private Integer asked(EventView event) {
      String named = options.partitionIdHeader().map(event::header).orElse(null);
      if (named == null) {
        return options.defaultPartitionId().orElse(null);
      }
      try {
        return Integer.parseInt(named.trim());
      } catch (NumberFormatException e) {
        return -1;
      }
    }
  }
}
