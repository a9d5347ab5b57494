/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Bytes that the requests of all connections of a server take, half-received ones included. Above
 * the limit no connection is read on until a quarter of it is free again; what was read before
 * stays, so the limit may be passed by one read per connection.
 *
 * <p>When half-received requests alone fill the budget, nothing in flight will ever free it: then
 * one connection at a time is read on nevertheless, until that request has ended, however it ends;
 * each in turn. When that does not get on, {@link #overdueBytes} says how much of it has to go.
 *
 * <p>Guarded by {@code this}; readers are resumed outside of the lock.
 */
public final class InFlightBudget {
  /** Who is paused and resumed. */
  public interface Reader {
    /** Reads on. Called by any thread. */
    void resume();
  }

  /** A connection on which a request may be half-received. Called by any thread. */
  public interface HalfReceived {
    /** Bytes that it takes now; 0 when there is none. */
    int halfReceivedBytes();

    /** When it began. */
    long beganNanos();

    /**
     * Ends the connection because its request keeps the others from being read; not if the request
     * has become whole since.
     */
    void closeForBudget();
  }

  private static final long NOT_STUCK = -1;

  private final long limitBytes;

  /** Who is paused, in that order, and whether in the middle of a request. */
  private final Map<Reader, Boolean> paused = new LinkedHashMap<>();

  private Reader exempt;

  /** Requests that became complete, ever. */
  private long completed;

  /** What {@link #completed} was when the budget was first seen to stand still. */
  private long completedWhenStuck = NOT_STUCK;

  private long stuckSinceNanos;
  private long usedBytes;
  private int requests;

  public InFlightBudget(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  public synchronized long usedBytes() {
    return usedBytes;
  }

  public synchronized int requests() {
    return requests;
  }

  public synchronized int pausedReaders() {
    return paused.size();
  }

  /** Takes or, below zero, gives back bytes of a half-received request. */
  public void adjust(long bytes) {
    List<Reader> resumed;
    synchronized (this) {
      usedBytes += bytes;
      resumed = toResume();
    }
    resumed.forEach(Reader::resume);
  }

  /** A request is complete and takes bytes until {@link #ended}. */
  public synchronized void began(long bytes) {
    usedBytes += bytes;
    requests++;
    completed++;
  }

  /** The reader's half-received request is half-received no more, whatever became of it. */
  public synchronized void frameEnded(Reader reader) {
    if (reader == exempt) {
      exempt = null;
    }
  }

  public void ended(long bytes) {
    List<Reader> resumed;
    synchronized (this) {
      usedBytes -= bytes;
      requests--;
      resumed = toResume();
    }
    resumed.forEach(Reader::resume);
  }

  /** Whether the reader may read on; if not, it is resumed once it may. */
  public boolean mayRead(Reader reader, boolean isMidFrame) {
    List<Reader> resumed;
    boolean mayRead;
    synchronized (this) {
      if (!isMidFrame) {
        frameEnded(reader);
      }
      mayRead = usedBytes <= limitBytes || reader == exempt;
      if (!mayRead) {
        paused.put(reader, isMidFrame);
      }
      resumed = toResume();
    }
    mayRead |= resumed.contains(reader);
    for (Reader other : resumed) {
      if (other != reader) {
        other.resume();
      }
    }
    return mayRead;
  }

  /** The reader is gone; its bytes have been given back. */
  public void forget(Reader reader) {
    List<Reader> resumed;
    synchronized (this) {
      paused.remove(reader);
      if (reader == exempt) {
        exempt = null;
      }
      resumed = toResume();
    }
    resumed.forEach(Reader::resume);
  }

  /**
   * How many bytes of half-received requests have to go because the budget stands still: 0 unless
   * they alone fill it, somebody waits, and no request has become complete for {@code turnNanos}.
   * To be asked now and then.
   */
  public synchronized long overdueBytes(long nowNanos, long turnNanos) {
    boolean isStuck = !paused.isEmpty() && requests == 0 && usedBytes > resumeBytes();
    if (!isStuck || completedWhenStuck != completed) {
      completedWhenStuck = isStuck ? completed : NOT_STUCK;
      stuckSinceNanos = nowNanos;
      return 0;
    }
    if (nowNanos - stuckSinceNanos < turnNanos) {
      return 0;
    }
    stuckSinceNanos = nowNanos;
    return usedBytes - resumeBytes();
  }

  /** Closes the oldest of the half-received requests until as many bytes as have to go are free. */
  public void closeOverdue(Collection<? extends HalfReceived> connections, long turnNanos) {
    long now = System.nanoTime();
    long leftBytes = overdueBytes(now, turnNanos);
    if (leftBytes <= 0) {
      return;
    }
    List<Overdue> oldestFirst =
        connections.stream()
            .map(each -> new Overdue(each, now - each.beganNanos(), each.halfReceivedBytes()))
            .filter(each -> each.bytes() > 0)
            .sorted(Comparator.comparingLong(Overdue::ageNanos).reversed())
            .toList();
    for (Overdue each : oldestFirst) {
      if (leftBytes <= 0) {
        return;
      }
      leftBytes -= each.bytes();
      each.connection().closeForBudget();
    }
  }

  /** What a connection says of itself, once: it changes while others are looked at. */
  private record Overdue(HalfReceived connection, long ageNanos, int bytes) {}

  private long resumeBytes() {
    return limitBytes - limitBytes / 4;
  }

  private List<Reader> toResume() {
    if (paused.isEmpty()) {
      return List.of();
    }
    if (usedBytes <= resumeBytes()) {
      List<Reader> all = new ArrayList<>(paused.keySet());
      paused.clear();
      return all;
    }
    if (requests == 0 && exempt == null) {
      for (Map.Entry<Reader, Boolean> entry : paused.entrySet()) {
        if (entry.getValue()) {
          exempt = entry.getKey();
          paused.remove(exempt);
          return List.of(exempt);
        }
      }
    }
    return List.of();
  }
}
