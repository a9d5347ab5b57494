/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.channel;

import io.millrace.api.ChannelContext;
import io.millrace.connectors.kafka.client.Commits;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
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
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  private final TopicReader reader;
  private final KafkaChannelOptions options;
  private final ChannelContext context;
  private final ChannelMeters meters;
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Commits commits;
  private boolean isPaused;
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
    this.commits = new Commits(consumer, "Channel " + context.name(), reader, meters.commits());
  }

  /** Ends {@link #run}. Safe on any thread. */
  void stop() {
    consumer.wakeup();
  }

  void run() {
    try {
      consumer.subscribe(List.of(options.topic()), this);
      while (!reader.isStopped()) {
        commits.begin();
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
    commits.awaitBeforeRevoke(partitions);
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
    commits.awaitBeforeClose(reader.assigned());
    reader.lost(reader.assigned());
    try {
      consumer.close(CloseOptions.timeout(CLOSE_LIMIT));
    } catch (KafkaException e) {
      log.debug("Channel {}: close of the consumer", context.name(), e);
    }
  }
}
