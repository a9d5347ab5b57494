/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.channel;

import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A topic as a channel: what goes in is {@link TopicWriter}'s matter, what comes out {@link
 * TopicReader}'s. Each begins with the first append or take, for a channel may have sources only or
 * sinks only. Safe for many threads.
 */
final class KafkaChannel implements Channel {
  private final TopicWriter writer;
  private final TopicReader reader;

  KafkaChannel(KafkaChannelOptions options, ChannelContext context) {
    ChannelMeters meters = new ChannelMeters(context.metrics());
    this.writer = new TopicWriter(options, context, meters);
    this.reader = new TopicReader(options, context, meters);
    context.metrics().gauge("AppendBytesWaiting", writer::waitingBytes);
  }

  @Override
  public CompletableFuture<Void> append(EventBatch batch) {
    return writer.append(batch);
  }

  @Override
  public void refuseAppends() {
    writer.refuse();
  }

  @Override
  public Delivery take(int maxEvents, long maxBytes) {
    if (maxEvents < 1) {
      throw new IllegalArgumentException("maxEvents: " + maxEvents + " (expected: 1 or more)");
    }
    return reader.take(Math.min(maxEvents, transactionCapacity()), maxBytes);
  }

  @Override
  public boolean awaitEvents(Duration timeout) throws InterruptedException {
    return reader.awaitEvents(timeout);
  }

  /** What this member of the group has to read and has not acknowledged, as far as it knows. */
  @Override
  public long eventCount() {
    return reader.eventCount();
  }

  @Override
  public long capacity() {
    return Long.MAX_VALUE;
  }

  @Override
  public boolean isFull() {
    return writer.isFull();
  }

  @Override
  public int transactionCapacity() {
    return KafkaChannelOptions.TRANSACTION_CAPACITY;
  }

  @Override
  public boolean isDurable() {
    return true;
  }

  @Override
  public void stop() throws InterruptedException {
    try {
      writer.stop();
    } finally {
      reader.stop();
    }
  }
}
