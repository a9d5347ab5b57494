/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel.flume;

import io.millrace.api.Delivery;
import io.millrace.api.LogLimit;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.journal.format.SequenceRange;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The events that were still in a channel of Apache Flume, served from its data files. Events are
 * known by their index in the queue; those acknowledged are written down at once, so that after a
 * restart only what was in flight comes again. Guarded by {@code lock}.
 */
public final class FlumeBacklog implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(FlumeBacklog.class);
  private static final Duration BETWEEN_LINES = Duration.ofMillis(100);
  private static final Duration BETWEEN_SYNCS = Duration.ofSeconds(1);

  private final Object lock = new Object();
  private final String channel;
  private final UUID id;
  private final Listener listener;
  private final TakenOver files;
  private final LogLimit damageLines = new LogLimit(BETWEEN_LINES);
  private final LogLimit progressLines = new LogLimit(BETWEEN_LINES);
  private final LogLimit syncs = new LogLimit(BETWEEN_SYNCS);

  /** Start to end of what can be handed out now; disjoint, never adjacent. */
  private final TreeMap<Long, Long> available = new TreeMap<>();

  private volatile long eventCount;
  private boolean isOver;
  private boolean isClosed;

  /** What the owner is told. */
  public interface Listener {
    /** Events are gone for good: they cannot be read. */
    void eventsLost(long events);

    /** There is room for more events. */
    void roomFreed();
  }

  /**
   * @param files null when there is nothing to serve
   */
  FlumeBacklog(String channel, TakenOver files, Listener listener) {
    this.channel = channel;
    this.files = files;
    this.listener = listener;
    this.id = files == null ? new UUID(0, 0) : files.progress().id();
    this.isOver = files == null;
    if (files != null) {
      long size = files.pointers().size();
      for (SequenceRange rest : files.progress().acknowledged().missing(0, size)) {
        available.put(rest.first(), rest.end());
        eventCount += rest.count();
      }
    }
  }

  /** The backlog of a channel that never was Flume's. */
  public static FlumeBacklog none() {
    return new FlumeBacklog("", null, null);
  }

  /** Events not yet acknowledged. */
  public long eventCount() {
    return eventCount;
  }

  /** Whether {@link #take} may find events. */
  public boolean hasEvents() {
    if (eventCount == 0) {
      return false;
    }
    synchronized (lock) {
      return !available.isEmpty() && !isClosed;
    }
  }

  /**
   * The next events in their order, or null when there are none to hand out now.
   *
   * @throws StorageException when they cannot be read now
   */
  public Delivery take(int maxEvents, long maxBytes) {
    synchronized (lock) {
      if (isOver || isClosed) {
        return null;
      }
      while (!available.isEmpty()) {
        Delivery delivery = takeFirst(maxEvents, maxBytes);
        if (delivery != null) {
          return delivery;
        }
      }
      endIfDelivered();
      return null;
    }
  }

  /** Null when the first event cannot be read: it is given up. */
  private Delivery takeFirst(int maxEvents, long maxBytes) {
    Map.Entry<Long, Long> range = available.firstEntry();
    long first = range.getKey();
    long end = Math.min(range.getValue(), first + maxEvents);
    AvroEventWriter events = new AvroEventWriter();
    long index = first;
    try {
      while (index < end && (index == first || events.encodedBytes() < maxBytes)) {
        files.events().read(files.pointers().get(index), events);
        if (index > first && events.encodedBytes() > maxBytes) {
          events.dropLast();
          break;
        }
        index++;
      }
    } catch (EventReader.DamagedEventException e) {
      if (index == first) {
        giveUp(first, e.damage());
        return null;
      }
    } catch (IOException e) {
      if (index == first) {
        throw new StorageException(
            "Channel "
                + channel
                + ": an event that Apache Flume left cannot be read: "
                + e
                + ". It is tried again",
            e);
      }
    }
    removeFirst(first, index);
    return new BacklogDelivery(this, events.build(), id, first);
  }

  private void removeFirst(long first, long end) {
    long rangeEnd = available.remove(first);
    if (end < rangeEnd) {
      available.put(end, rangeEnd);
    }
  }

  private void giveUp(long index, Damage damage) {
    removeFirst(index, index + 1);
    files.report(damage);
    if (damageLines.allows()) {
      long heldBack = damageLines.takeLeftOut();
      log.error(
          "Channel {}: an event that Apache Flume left cannot be read and is passed over: {}. The"
              + " file is kept{}",
          channel,
          damage.message(),
          heldBack == 0 ? "" : " (" + heldBack + " lines like this were held back)");
    }
    listener.eventsLost(1);
    settle(index, index + 1);
  }

  /**
   * The events {@code [first, end)} were delivered.
   *
   * @throws TransientException when the channel was stopped before: they come again
   */
  void acknowledge(long first, long end) {
    synchronized (lock) {
      if (isClosed) {
        throw new TransientException(
            "Channel " + channel + " has stopped: these events are delivered again");
      }
      settle(first, end);
    }
    listener.roomFreed();
  }

  private void settle(long first, long end) {
    long settled = files.progress().acknowledged().missingCount(first, end);
    if (settled == 0) {
      return;
    }
    try {
      files.progress().acknowledge(first, end);
      if (syncs.allows()) {
        syncs.takeLeftOut();
        files.progress().force();
      }
    } catch (IOException e) {
      warnOfProgress(e);
    }
    eventCount -= settled;
  }

  private void warnOfProgress(IOException e) {
    if (progressLines.allows()) {
      log.warn(
          "Channel {}: {} cannot be written: {}. Events of Apache Flume that are delivered now may"
              + " be delivered again after a restart",
          channel,
          ProgressLog.NAME,
          e.toString());
    }
  }

  /** The events {@code [first, end)} come again, before newer ones. */
  void giveBack(long first, long end) {
    synchronized (lock) {
      if (isClosed) {
        return;
      }
      for (SequenceRange rest : files.progress().acknowledged().missing(first, end)) {
        long mergedFirst = rest.first();
        long mergedEnd = rest.end();
        Map.Entry<Long, Long> before = available.lowerEntry(mergedFirst);
        if (before != null && before.getValue() == mergedFirst) {
          mergedFirst = before.getKey();
        }
        Long after = available.remove(mergedEnd);
        if (after != null) {
          mergedEnd = after;
        }
        available.put(mergedFirst, mergedEnd);
      }
    }
  }

  /** Removes the old files once nothing of them is needed any more. */
  void endIfDelivered() {
    if (isOver || eventCount > 0) {
      return;
    }
    isOver = true;
    try {
      files.remove();
    } catch (IOException e) {
      log.warn(
          "Channel {}: everything that Apache Flume left is delivered, but its files cannot be"
              + " removed: {}. The next start tries again",
          channel,
          e.toString());
    }
  }

  /** Open deliveries come again after the next start. Idempotent. */
  @Override
  public void close() {
    synchronized (lock) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      available.clear();
      if (files != null) {
        try {
          files.close();
        } catch (IOException e) {
          warnOfProgress(e);
        }
      }
    }
  }
}
