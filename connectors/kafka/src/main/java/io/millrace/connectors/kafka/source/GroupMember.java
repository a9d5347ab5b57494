/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.source;

import io.millrace.api.Backoff;
import io.millrace.api.EventBatch;
import io.millrace.api.LogLimit;
import io.millrace.api.RejectedException;
import io.millrace.api.SourceContext;
import io.millrace.connectors.kafka.client.Commits;
import io.millrace.connectors.kafka.client.RecordEvents;
import io.millrace.kit.flow.EmitWindow;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One consumer's membership in the group, from its first poll to its close.
 *
 * <p>Records wait in {@link #pending} until they fill a batch; batches wait in the window for the
 * channels' answers. While the window is full the partitions are paused and polling goes on, so
 * that the group keeps its member. Offsets are committed behind what the channels have accepted,
 * and nothing else. Partitions that another member takes over are given up only after what was
 * emitted of them is answered, or after the wait that the options set.
 *
 * <p>Confined to the source's thread, but for {@link #stop}.
 */
final class GroupMember implements ConsumerRebalanceListener {
  /** Most batches that wait for the channels' answer. */
  static final int MAX_BATCHES_IN_FLIGHT = 8;

  /** Most bytes of values in these batches; one batch may go beyond. */
  static final long MAX_BYTES_IN_FLIGHT = 32L << 20;

  /** A batch stops growing here; a larger record travels alone. */
  static final int MAX_BATCH_BYTES = 1 << 20;

  /** What a record takes in a batch beside key and value, about. */
  private static final int RECORD_OVERHEAD_BYTES = 100;

  private static final Logger log = LoggerFactory.getLogger(GroupMember.class);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(4);
  private static final Duration CLOSE_LIMIT = Duration.ofSeconds(1);

  /** Longest poll, so that answers are looked at even when no record comes. */
  private static final long MAX_POLL_NANOS = Duration.ofMillis(100).toNanos();

  /** Longest pause between polls while the window is full. */
  private static final long MAX_FULL_NANOS = Duration.ofMillis(50).toNanos();

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final KafkaSourceOptions options;
  private final SourceContext context;
  private final SourceMeters meters;
  private final SourceRecords records;
  private final EmitWindow<Flight> window;
  private final Positions positions = new Positions();
  private final ArrayDeque<ConsumerRecord<byte[], byte[]>> pending = new ArrayDeque<>();
  private final Commits commits;
  private final LogLimit lines = new LogLimit(Duration.ofSeconds(10));
  private final LogLimit undecodableLines = new LogLimit(Duration.ofSeconds(10));
  private final Thread thread = Thread.currentThread();
  private volatile boolean isStopping;

  /** When the waits for the channels' answers are over; set before {@link #isStopping}. */
  private volatile long stopByNanos;

  private long pendingSinceNanos;
  private long pendingBytes;
  private long bytesInFlight;
  private boolean isPaused;
  private boolean isLeaving;

  private record Flight(Positions.Reach reach, long bytes) {}

  GroupMember(
      KafkaConsumer<byte[], byte[]> consumer,
      KafkaSourceOptions options,
      SourceContext context,
      SourceMeters meters,
      Backoff backoff) {
    this.consumer = consumer;
    this.options = options;
    this.context = context;
    this.meters = meters;
    this.records = new SourceRecords(options);
    this.commits = new Commits(consumer, "Source " + context.name(), positions, meters.commits());
    this.window =
        new EmitWindow<>(
            context.output(),
            MAX_BATCHES_IN_FLIGHT,
            backoff,
            RandomGenerator.getDefault(),
            () -> LockSupport.unpark(thread),
            new Answers());
  }

  /** Ends {@link #run}. Safe on any thread. */
  void stop() {
    stopByNanos = System.nanoTime() + STOP_PATIENCE.toNanos();
    isStopping = true;
    consumer.wakeup();
    LockSupport.unpark(thread);
  }

  /** Reads until it is stopped or the consumer fails; leaves the group in either case. */
  void run() {
    try {
      if (options.topicPattern().isPresent()) {
        consumer.subscribe(options.topicPattern().get(), this);
      } else {
        consumer.subscribe(options.topics(), this);
      }
      while (!isStopping) {
        turn();
      }
    } catch (WakeupException e) {
      // What it is woken for is the stop.
    } finally {
      leave();
    }
  }

  private void turn() {
    window.settle(System.nanoTime());
    emitDue();
    commits.begin();
    boolean hasRoom = hasRoom();
    pauseUnless(hasRoom);
    if (hasRoom) {
      poll(pollNanos());
    } else {
      LockSupport.parkNanos(
          this, Math.min(MAX_FULL_NANOS, window.nanosUntilRetry(System.nanoTime())));
      poll(0);
    }
  }

  private boolean hasRoom() {
    return window.hasRoom() && bytesInFlight < MAX_BYTES_IN_FLIGHT;
  }

  private void pauseUnless(boolean hasRoom) {
    if (hasRoom && isPaused) {
      consumer.resume(consumer.paused());
    } else if (!hasRoom) {
      consumer.pause(consumer.assignment());
    }
    isPaused = !hasRoom;
  }

  private long pollNanos() {
    if (pending.isEmpty()) {
      return MAX_POLL_NANOS;
    }
    long age = System.nanoTime() - pendingSinceNanos;
    return Math.max(0, Math.min(MAX_POLL_NANOS, options.batchDurationMillis().toNanos() - age));
  }

  private void poll(long nanos) {
    long beganNanos = System.nanoTime();
    ConsumerRecords<byte[], byte[]> polled = consumer.poll(Duration.ofNanos(nanos));
    if (nanos > 0) {
      meters.polled(System.nanoTime() - beganNanos, polled.isEmpty());
    }
    if (polled.isEmpty()) {
      return;
    }
    if (pending.isEmpty()) {
      pendingSinceNanos = System.nanoTime();
    }
    for (ConsumerRecord<byte[], byte[]> record : polled) {
      pending.add(record);
      pendingBytes += bytesOf(record);
    }
  }

  /** Emits what fills a batch, and what has waited for long enough. */
  private void emitDue() {
    while (!pending.isEmpty() && hasRoom()) {
      boolean isOld =
          System.nanoTime() - pendingSinceNanos >= options.batchDurationMillis().toNanos();
      boolean isFull = pending.size() >= options.batchSize() || pendingBytes >= MAX_BATCH_BYTES;
      if (!isOld && !isFull) {
        return;
      }
      emitOne();
      if (!isOld) {
        pendingSinceNanos = System.nanoTime();
      }
    }
  }

  private static long bytesOf(ConsumerRecord<byte[], byte[]> record) {
    return (long) Math.max(0, record.serializedKeySize())
        + Math.max(0, record.serializedValueSize())
        + RECORD_OVERHEAD_BYTES;
  }

  private void emitOne() {
    EventBatch.Builder batch = EventBatch.builder(EventBatch.TARGET_BYTES);
    Map<TopicPartition, Long> ends = new HashMap<>();
    long bytes = 0;
    while (!pending.isEmpty() && batch.eventCount() < options.batchSize()) {
      ConsumerRecord<byte[], byte[]> record = pending.peek();
      bytes += bytesOf(record);
      if (bytes > MAX_BATCH_BYTES && batch.eventCount() > 0) {
        break;
      }
      pending.remove();
      pendingBytes -= bytesOf(record);
      if (!records.add(record, batch)) {
        sayUndecodable(record);
      }
      ends.put(new TopicPartition(record.topic(), record.partition()), record.offset() + 1);
    }
    EventBatch built = batch.build();
    bytesInFlight += built.encodedBytes();
    window.emit(new Flight(positions.reach(ends), built.encodedBytes()), built);
    window.settle(System.nanoTime());
  }

  @Override
  public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
    positions.assigned(partitions);
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
    dropPending(partitions);
    long beganNanos = System.nanoTime();
    awaitAnswers(options.rebalanceWait());
    commits.awaitBeforeRevoke(partitions);
    if (!window.isEmpty()) {
      log.warn(
          "Source {}: {} batches were not accepted by the channels within {} ms, and the group takes"
              + " {} away. What they hold of these may come twice, once through their new reader",
          context.name(),
          window.batches(),
          (System.nanoTime() - beganNanos) / 1_000_000,
          partitions);
    }
    positions.takenAway(partitions);
  }

  @Override
  public void onPartitionsLost(Collection<TopicPartition> partitions) {
    // Another member has them by now: nothing may be committed for them.
    meters.rebalanced();
    dropPending(partitions);
    positions.takenAway(partitions);
  }

  private void dropPending(Collection<TopicPartition> partitions) {
    pending.removeIf(
        record -> partitions.contains(new TopicPartition(record.topic(), record.partition())));
    pendingBytes = pending.stream().mapToLong(GroupMember::bytesOf).sum();
  }

  /**
   * Waits until what was emitted is settled; once the source stops, until what is under way is
   * answered, for what failed then stays in Kafka.
   */
  private void awaitAnswers(Duration limit) {
    long limitNanos = System.nanoTime() + limit.toNanos();
    window.settle(System.nanoTime());
    while (!window.isEmpty()) {
      long leftNanos = limitNanos - System.nanoTime();
      if (isStopping) {
        window.close();
        leftNanos = Math.min(leftNanos, stopByNanos - System.nanoTime());
      }
      if (leftNanos <= 0 || (isStopping && !window.hasUnanswered())) {
        return;
      }
      long retryNanos = window.nanosUntilRetry(System.nanoTime());
      LockSupport.parkNanos(this, Math.min(MAX_FULL_NANOS, Math.min(retryNanos, leftNanos)));
      window.settle(System.nanoTime());
    }
  }

  /** Waits for the answers that are under way, commits what was accepted, and leaves. */
  private void leave() {
    isLeaving = true;
    pending.clear();
    window.close();
    // A stop that came while partitions were given up has waited already.
    long deadlineNanos = isStopping ? stopByNanos : System.nanoTime() + STOP_PATIENCE.toNanos();
    window.settle(System.nanoTime());
    while (window.hasUnanswered() && deadlineNanos - System.nanoTime() > 0) {
      LockSupport.parkNanos(this, MAX_FULL_NANOS);
      window.settle(System.nanoTime());
    }
    commits.awaitBeforeClose(positions.assigned());
    positions.forgetAll();
    try {
      consumer.close(CloseOptions.timeout(CLOSE_LIMIT));
    } catch (KafkaException e) {
      log.debug("Source {}: close of the consumer", context.name(), e);
    }
  }

  private void sayUndecodable(ConsumerRecord<byte[], byte[]> record) {
    meters.undecodable();
    if (undecodableLines.allows()) {
      log.warn(
          "Source {}: the record at {}-{} offset {} is not in Flume's event format"
              + " (useFlumeEventFormat = true). It goes on with its value as the body and the header"
              + " {} ({} such lines left out)",
          context.name(),
          record.topic(),
          record.partition(),
          record.offset(),
          RecordEvents.UNDECODABLE_HEADER,
          undecodableLines.takeLeftOut());
    }
  }

  private final class Answers implements EmitWindow.Listener<Flight> {
    @Override
    public void settled(Flight flight, EventBatch batch, int rejectedEvents) {
      bytesInFlight -= flight.bytes();
      positions.accepted(flight.reach());
    }

    @Override
    public void rejected(Flight flight, int index, EventBatch event, RejectedException reason) {
      meters.rejected();
      say(event, reason, "They are left out; Kafka has them below " + flight.reach().ends());
    }

    @Override
    public void failed(Flight flight, EventBatch batch, Throwable reason) {
      meters.refused();
      say(batch, reason, "They are tried again");
    }

    private void say(EventBatch batch, Throwable reason, String consequence) {
      if (lines.allows()) {
        log.warn(
            "Source {}: the channels did not take {} events: {}. {} ({} such lines left out)",
            context.name(),
            batch.eventCount(),
            LogText.of(reason),
            consequence,
            lines.takeLeftOut());
      }
    }
  }
}
