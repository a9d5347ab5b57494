/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.channel;

import io.millrace.api.ChannelContext;
import io.millrace.api.LogLimit;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The channel's membership in its group, from the first poll to the close. Confined to the reader's
 * thread, but for {@link #stop}.
 */
final class ChannelMember implements ConsumerRebalanceListener, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ChannelMember.class);
  private static final Duration POLL = Duration.ofMillis(50);
  private static final Duration COMMIT_LIMIT = Duration.ofSeconds(2);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  private final TopicReader reader;
  private final KafkaChannelOptions options;
  private final ChannelContext context;
  private final ChannelMeters meters;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final LogLimit lines = new LogLimit(Duration.ofSeconds(10));
  private boolean isPaused;
  private boolean isCommitting;
  private boolean isLeaving;

  ChannelMember(
      TopicReader reader,
      KafkaChannelOptions options,
      ChannelContext context,
      ChannelMeters meters) {
    this.reader = reader;
    this.options = options;
    this.context = context;
    this.meters = meters;
    this.consumer = options.consumerSettings(context.agent() + "-" + context.name()).newConsumer();
  }

  /** Ends {@link #run}. Safe on any thread. */
  void stop() {
    consumer.wakeup();
  }

  void run() {
    try {
      consumer.subscribe(List.of(options.topic()), this);
      while (!reader.isStopped()) {
        commitDue();
        pauseIf(reader.isFull());
        poll();
      }
    } catch (WakeupException e) {
      // What it is woken for is the stop.
    }
  }

  private void poll() {
    long beganNanos = System.nanoTime();
    ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
    meters.polled(System.nanoTime() - beganNanos);
    Map<TopicPartition, Long> lags = new HashMap<>();
    for (TopicPartition partition : reader.assigned()) {
      consumer.currentLag(partition).ifPresent(lag -> lags.put(partition, lag));
    }
    reader.fetched(records, lags);
  }

  private void pauseIf(boolean isFull) {
    if (isFull) {
      consumer.pause(consumer.assignment());
    } else if (isPaused) {
      consumer.resume(consumer.paused());
    }
    isPaused = isFull;
  }

  /** At most one commit is under way; the next one takes along what was acknowledged meanwhile. */
  private void commitDue() {
    Map<TopicPartition, OffsetAndMetadata> due = isCommitting ? Map.of() : reader.due();
    if (due.isEmpty()) {
      return;
    }
    isCommitting = true;
    long beganNanos = System.nanoTime();
    consumer.commitAsync(
        due,
        (offsets, failure) -> {
          isCommitting = false;
          meters.committed(System.nanoTime() - beganNanos);
          if (failure == null) {
            reader.committed(due);
          } else {
            commitFailed(failure);
          }
        });
  }

  private void commitNow(Map<TopicPartition, OffsetAndMetadata> due) {
    if (due.isEmpty()) {
      return;
    }
    long beganNanos = System.nanoTime();
    try {
      try {
        consumer.commitSync(due, COMMIT_LIMIT);
      } catch (WakeupException e) {
        // Meant for a poll that was over already.
        consumer.commitSync(due, COMMIT_LIMIT);
      }
      reader.committed(due);
    } catch (KafkaException e) {
      commitFailed(e);
    } finally {
      meters.committed(System.nanoTime() - beganNanos);
    }
  }

  private void commitFailed(Exception failure) {
    meters.commitFailed();
    if (lines.allows()) {
      log.warn(
          "Channel {}: offsets could not be committed: {}. They are committed with the next ones;"
              + " until then events may come again after a restart",
          context.name(),
          LogText.of(failure));
    }
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    reader.assigned(partitions);
    if (isPaused) {
      consumer.pause(partitions);
    }
  }

  @Override
  public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
    if (partitions.isEmpty() || isLeaving) {
      return;
    }
    meters.rebalanced();
    if (!reader.awaitReturned(partitions, options.rebalanceWait())) {
      log.warn(
          "Channel {}: sinks have not settled all events of {} within {} ms, and the group takes them"
              + " away. These may come twice, once through their new reader",
          context.name(),
          partitions,
          options.rebalanceWait().toMillis());
    }
    Map<TopicPartition, OffsetAndMetadata> due = reader.due();
    due.keySet().retainAll(partitions);
    commitNow(due);
    reader.lost(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    // Another member has them by now: nothing may be committed for them.
    meters.rebalanced();
    reader.lost(partitions);
  }

  @Override
  public void close() {
    isLeaving = true;
    // After a failure of the consumer the sinks go on with what they have; a stop comes after
    // theirs.
    reader.awaitReturned(reader.assigned(), options.rebalanceWait());
    commitNow(reader.due());
    reader.lost(reader.assigned());
    try {
      consumer.close(CloseOptions.timeout(CLOSE_LIMIT));
    } catch (KafkaException e) {
      log.debug("Channel {}: close of the consumer", context.name(), e);
    }
  }
}
