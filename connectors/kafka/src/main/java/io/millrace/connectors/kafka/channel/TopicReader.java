/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.channel;

import io.millrace.api.Backoff;
import io.millrace.api.ChannelContext;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.connectors.kafka.client.Commits;
import io.millrace.connectors.kafka.client.Failure;
import io.millrace.connectors.kafka.client.RecordEvents;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was fetched of the topic, for the sinks: lent out in the order of arrival, given back before
 * newer ones, and committed up to the first record of each partition that is not acknowledged. One
 * thread is a member of the group ({@link ChannelMember}) and fetches ahead up to a bound.
 *
 * <p>Guarded by {@code this}.
 */
final class TopicReader implements Commits.Book {
  /** Most records fetched and not acknowledged, before fetching pauses; one fetch may go beyond. */
  static final int MAX_FETCHED_EVENTS = 20_000;

  /** Most bytes of them. */
  static final long MAX_FETCHED_BYTES = 32L << 20;

  private static final Logger log = LoggerFactory.getLogger(TopicReader.class);
  private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(250), Duration.ofSeconds(5));
  private static final Duration STOP_LIMIT = Duration.ofSeconds(8);

  private final KafkaChannelOptions options;
  private final ChannelContext context;
  private final ChannelMeters meters;
  private final LogLimit lines = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit undecodableLines = new LogLimit(Duration.ofSeconds(10));
  private final TreeMap<Long, PartitionSlots.Slot> ready = new TreeMap<>();
  private final Map<TopicPartition, PartitionSlots> partitions = new HashMap<>();
  private Map<TopicPartition, Long> lags = Map.of();
  private long fetchedBytes;
  private long nextArrival;
  private boolean isStopped;
  private KafkaException failure;
  private Thread thread;
  private ChannelMember member;

  TopicReader(KafkaChannelOptions options, ChannelContext context, ChannelMeters meters) {
    this.options = options;
    this.context = context;
    this.meters = meters;
  }

  Delivery take(int maxEvents, long maxBytes) {
    List<PartitionSlots.Slot> taken = new ArrayList<>();
    synchronized (this) {
      begin();
      if (ready.isEmpty() && failure != null && !isStopped) {
        throw new StorageException(
            "Channel "
                + context.name()
                + ": Kafka cannot be read: "
                + LogText.of(Failure.cause(failure)),
            failure);
      }
      long bytes = 0;
      while (!ready.isEmpty() && taken.size() < maxEvents) {
        PartitionSlots.Slot next = ready.firstEntry().getValue();
        bytes += next.bytes();
        if (bytes > maxBytes && !taken.isEmpty()) {
          break;
        }
        ready.pollFirstEntry();
        next.owner().lend();
        taken.add(next);
      }
    }
    return taken.isEmpty() ? null : new TopicDelivery(this, taken, batch(taken));
  }

  private EventBatch batch(List<PartitionSlots.Slot> slots) {
    EventBatch.Builder batch = EventBatch.builder(EventBatch.TARGET_BYTES);
    for (PartitionSlots.Slot slot : slots) {
      ConsumerRecord<byte[], byte[]> record = slot.record();
      RecordEvents.Decoded event =
          RecordEvents.decode(record.key(), record.value(), options.parseAsFlumeEvent());
      RecordEvents.add(event, batch);
      if (!event.isDecodable()) {
        sayUndecodable(record);
      }
    }
    return batch.build();
  }

  synchronized boolean awaitEvents(Duration timeout) throws InterruptedException {
    begin();
    long deadlineNanos = System.nanoTime() + timeout.toNanos();
    while (ready.isEmpty() && !isStopped) {
      long leftNanos = deadlineNanos - System.nanoTime();
      if (leftNanos <= 0) {
        break;
      }
      wait(leftNanos / 1_000_000, (int) (leftNanos % 1_000_000));
    }
    return !ready.isEmpty();
  }

  synchronized long eventCount() {
    long events = 0;
    for (PartitionSlots partition : partitions.values()) {
      events += partition.count() + lags.getOrDefault(partition.partition(), 0L);
    }
    return events;
  }

  /** Called with the monitor held. */
  void acknowledge(List<PartitionSlots.Slot> slots) {
    if (isStopped) {
      throw new TransientException(
          "Channel "
              + context.name()
              + " has stopped: what is acknowledged now is given out again after the restart");
    }
    for (PartitionSlots.Slot slot : slots) {
      if (!slot.isAcknowledged()) {
        settle(slot, true);
      }
    }
    notifyAll();
  }

  /** Called with the monitor held. */
  void giveBack(List<PartitionSlots.Slot> slots) {
    for (PartitionSlots.Slot slot : slots) {
      if (!slot.isAcknowledged()) {
        settle(slot, false);
        if (!slot.owner().isLost()) {
          ready.put(slot.arrival(), slot);
        }
      }
    }
    notifyAll();
  }

  private void settle(PartitionSlots.Slot slot, boolean acknowledged) {
    slot.owner().settle(slot, acknowledged);
    if (acknowledged && !slot.owner().isLost()) {
      fetchedBytes -= slot.bytes();
    }
  }

  private void begin() {
    if (thread == null && !isStopped) {
      thread = context.threads("poll").newThread(this::run);
      thread.start();
    }
  }

  private void run() {
    int failures = 0;
    while (!isStopped()) {
      try (ChannelMember joined = join()) {
        joined.run();
      } catch (KafkaException | IllegalStateException e) {
        failures++;
        meters.readFailed();
        fail(e);
        pause(failures);
      }
    }
  }

  private ChannelMember join() {
    ChannelMember joined = new ChannelMember(this, options, context, meters);
    synchronized (this) {
      member = joined;
      if (isStopped) {
        joined.stop();
      }
    }
    return joined;
  }

  private void fail(RuntimeException e) {
    synchronized (this) {
      failure = e instanceof KafkaException kafka ? kafka : new KafkaException(e);
      notifyAll();
    }
    if (lines.allows()) {
      log.warn(
          "Channel {}: {} {}; it is tried again ({} such lines left out)",
          context.name(),
          Failure.isRefusal(e) ? "the broker refuses to let it read:" : "Kafka cannot be read:",
          LogText.of(Failure.cause(e)),
          lines.takeLeftOut());
    }
  }

  private synchronized void pause(int failures) {
    long untilNanos =
        System.nanoTime() + BACKOFF.pause(failures, RandomGenerator.getDefault()).toNanos();
    try {
      while (!isStopped && untilNanos - System.nanoTime() > 0) {
        wait(Math.max(1, (untilNanos - System.nanoTime()) / 1_000_000));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      isStopped = true;
    }
  }

  synchronized boolean isStopped() {
    return isStopped;
  }

  /** Whether another fetch would go beyond the bounds. */
  synchronized boolean isFull() {
    long events = 0;
    for (PartitionSlots partition : partitions.values()) {
      events += partition.count();
    }
    return events >= MAX_FETCHED_EVENTS || fetchedBytes >= MAX_FETCHED_BYTES;
  }

  synchronized void assigned(Collection<TopicPartition> assigned) {
    assigned.forEach(partition -> partitions.put(partition, new PartitionSlots(partition)));
  }

  synchronized void fetched(
      ConsumerRecords<byte[], byte[]> records, Map<TopicPartition, Long> newLags) {
    failure = null;
    lags = newLags;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      PartitionSlots owner = partitions.get(new TopicPartition(record.topic(), record.partition()));
      PartitionSlots.Slot slot = owner.add(record, nextArrival++);
      fetchedBytes += slot.bytes();
      ready.put(slot.arrival(), slot);
    }
    if (!records.isEmpty()) {
      notifyAll();
    }
  }

  /** Gives out nothing of these any more, and waits for what the sinks have of them. */
  synchronized boolean awaitReturned(Collection<TopicPartition> leaving, Duration limit) {
    ready.values().removeIf(slot -> leaving.contains(slot.owner().partition()));
    long deadlineNanos = System.nanoTime() + limit.toNanos();
    while (hasLent(leaving) && !isStopped) {
      long leftNanos = deadlineNanos - System.nanoTime();
      if (leftNanos <= 0) {
        break;
      }
      try {
        wait(Math.max(1, leftNanos / 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      ready.values().removeIf(slot -> leaving.contains(slot.owner().partition()));
    }
    return !hasLent(leaving);
  }

  private boolean hasLent(Collection<TopicPartition> some) {
    return partitions.values().stream()
        .anyMatch(slots -> some.contains(slots.partition()) && slots.hasLent());
  }

  synchronized void lost(Collection<TopicPartition> lost) {
    ready.values().removeIf(slot -> lost.contains(slot.owner().partition()));
    for (TopicPartition partition : lost) {
      PartitionSlots slots = partitions.remove(partition);
      if (slots != null) {
        slots.lose();
      }
    }
    fetchedBytes = 0;
    for (PartitionSlots slots : partitions.values()) {
      fetchedBytes += slots.bytes();
    }
  }

  synchronized Collection<TopicPartition> assigned() {
    return List.copyOf(partitions.keySet());
  }

  /** Offsets that are acknowledged and not committed. */
  @Override
  public synchronized Map<TopicPartition, OffsetAndMetadata> due() {
    Map<TopicPartition, OffsetAndMetadata> due = new HashMap<>();
    for (PartitionSlots slots : partitions.values()) {
      if (slots.isDue()) {
        due.put(slots.partition(), new OffsetAndMetadata(slots.acknowledgedEnd()));
      }
    }
    return due;
  }

  @Override
  public synchronized void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
    offsets.forEach(
        (partition, offset) -> {
          PartitionSlots slots = partitions.get(partition);
          if (slots != null) {
            slots.committed(offset.offset());
          }
        });
  }

  void stop() throws InterruptedException {
    Thread polling;
    synchronized (this) {
      isStopped = true;
      polling = thread;
      if (member != null) {
        member.stop();
      }
      notifyAll();
    }
    if (polling != null) {
      polling.join(STOP_LIMIT.toMillis());
    }
    synchronized (this) {
      ready.clear();
    }
  }

  private void sayUndecodable(ConsumerRecord<byte[], byte[]> record) {
    meters.undecodable();
    if (undecodableLines.allows()) {
      log.warn(
          "Channel {}: the record at {}-{} offset {} is not in Flume's event format"
              + " (parseAsFlumeEvent = true). It goes on with its value as the body and the header"
              + " {} ({} such lines left out)",
          context.name(),
          record.topic(),
          record.partition(),
          record.offset(),
          RecordEvents.UNDECODABLE_HEADER,
          undecodableLines.takeLeftOut());
    }
  }
}
