/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.Channel;
import io.millrace.api.ChannelContext;
import io.millrace.api.ChannelFullException;
import io.millrace.api.ChannelOptions;
import io.millrace.api.Delivery;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Origin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/** A channel of single events in a sorted map: simple enough to trust. */
final class ToyChannel implements Channel {
  private final TreeMap<Long, EventBatch> free = new TreeMap<>();
  private final int transactionCapacity;
  private final boolean durable;
  private long next;
  private long lent;

  /** When set, appends fail with it. */
  volatile RuntimeException appendFailure;

  /** When set, whatever is asked of the channel itself ends by it. */
  volatile Error defect;

  /** When set, looking at what was taken ends by it. */
  volatile Error batchDefect;

  /** When set, acknowledging ends by it. */
  volatile Error acknowledgeDefect;

  /** When set, what appends come to; the events are then not taken. */
  volatile CompletableFuture<Void> answer;

  volatile boolean isFull;

  /** When set, takes fail with it. */
  volatile RuntimeException takeFailure;

  /** Appends, counted from 0, that find the channel full. */
  final java.util.Set<Integer> fullAt = java.util.concurrent.ConcurrentHashMap.newKeySet();

  /** Whether a stop brings the events to where they outlive the process. */
  volatile boolean savesAtStop;

  volatile boolean refusesAppends;
  volatile int largestAppend;
  private int appends;
  volatile boolean started;
  volatile int starts;
  volatile boolean stopped;

  ToyChannel(int transactionCapacity, boolean durable) {
    this.transactionCapacity = transactionCapacity;
    this.durable = durable;
  }

  record Options(ToyChannel channel) implements ChannelOptions {
    @Override
    public Channel build(ChannelContext context) {
      return channel;
    }

    @Override
    public int transactionCapacity() {
      return channel.transactionCapacity;
    }
  }

  /** The same channel under another definition, as a file channel is opened again. */
  record Reopened(ToyChannel channel, int revision) implements ChannelOptions {
    @Override
    public Channel build(ChannelContext context) {
      return channel;
    }

    @Override
    public int transactionCapacity() {
      return channel.transactionCapacity;
    }
  }

  @Override
  public void start() {
    starts++;
    started = true;
  }

  @Override
  public boolean isFull() {
    return isFull;
  }

  @Override
  public void stop() {
    stopped = true;
  }

  @Override
  public synchronized CompletableFuture<Void> append(EventBatch batch) {
    failIfDefective();
    if (appendFailure != null) {
      return CompletableFuture.failedFuture(appendFailure);
    }
    if (answer != null) {
      return answer;
    }
    if (fullAt.contains(appends++)) {
      return CompletableFuture.failedFuture(new ChannelFullException("full"));
    }
    largestAppend = Math.max(largestAppend, batch.eventCount());
    for (EventView event : batch) {
      free.put(next++, EventBatch.builder().add(event).build());
    }
    notifyAll();
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public void refuseAppends() {
    failIfDefective();
    refusesAppends = true;
  }

  @Override
  public synchronized Delivery take(int maxEvents, long maxBytes) {
    if (takeFailure != null) {
      throw takeFailure;
    }
    List<Long> sequences = new ArrayList<>();
    List<EventBatch> events = new ArrayList<>();
    while (events.size() < maxEvents && !free.isEmpty()) {
      var entry = free.pollFirstEntry();
      sequences.add(entry.getKey());
      events.add(entry.getValue());
    }
    lent += events.size();
    return events.isEmpty() ? null : new Lent(sequences, events);
  }

  @Override
  public synchronized boolean awaitEvents(Duration timeout) throws InterruptedException {
    if (free.isEmpty()) {
      wait(timeout.toMillis());
    }
    return !free.isEmpty();
  }

  @Override
  public synchronized long eventCount() {
    return free.size() + lent;
  }

  @Override
  public long capacity() {
    return 1000;
  }

  @Override
  public int transactionCapacity() {
    return transactionCapacity;
  }

  @Override
  public long volatileEventCount() {
    return durable || (savesAtStop && stopped) ? 0 : eventCount();
  }

  @Override
  public boolean savesAtStop() {
    return durable || savesAtStop;
  }

  @Override
  public boolean isDurable() {
    failIfDefective();
    return durable;
  }

  private void failIfDefective() {
    if (defect != null) {
      throw defect;
    }
  }

  private final class Lent implements Delivery {
    private final List<Long> sequences;
    private final List<EventBatch> events;
    private final boolean[] settled;

    Lent(List<Long> sequences, List<EventBatch> events) {
      this.sequences = sequences;
      this.events = events;
      this.settled = new boolean[events.size()];
    }

    @Override
    public EventBatch batch() {
      if (batchDefect != null) {
        throw batchDefect;
      }
      return EventBatch.join(events);
    }

    @Override
    public Origin origin() {
      return Origin.NONE;
    }

    @Override
    public void acknowledge() {
      acknowledge(0, settled.length);
    }

    @Override
    public void acknowledge(int fromIndex, int toIndex) {
      if (acknowledgeDefect != null) {
        throw acknowledgeDefect;
      }
      synchronized (ToyChannel.this) {
        for (int i = fromIndex; i < toIndex; i++) {
          settled[i] = true;
          lent--;
        }
      }
    }

    @Override
    public void close() {
      synchronized (ToyChannel.this) {
        for (int i = 0; i < settled.length; i++) {
          if (!settled[i]) {
            settled[i] = true;
            lent--;
            free.put(sequences.get(i), events.get(i));
          }
        }
        ToyChannel.this.notifyAll();
      }
    }
  }
}
