/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.spillablememory;

import java.util.Map;
import java.util.TreeMap;

/**
 * Which events come next: runs of events in memory and on disk, in the order of their appends. A
 * run keeps its place while its events are lent out, so that those which come back stand where they
 * stood. Bounded: between two runs on disk lies an event in memory. Guarded by the channel's lock.
 */
final class EventOrder {
  enum Place {
    MEMORY,
    DISK
  }

  /** Consecutive appends to one place. */
  static final class Run {
    private final long number;
    private final Place place;

    /** Those that were appended and are not lent out; of the ones on disk some may be unsynced. */
    private long events;

    private Run(long number, Place place) {
      this.number = number;
      this.place = place;
    }

    Place place() {
      return place;
    }

    long events() {
      return events;
    }
  }

  /** Runs with events to give out, by number. */
  private final TreeMap<Long, Run> waiting = new TreeMap<>();

  /** The run of the last append; null before the first. */
  private Run last;

  /** The run to take from; null when there is nothing. */
  Run first() {
    Map.Entry<Long, Run> first = waiting.firstEntry();
    return first == null ? null : first.getValue();
  }

  /** Events are appended. */
  Run append(Place place, long events) {
    if (last == null || last.place != place) {
      last = new Run(last == null ? 0 : last.number + 1, place);
    }
    giveBack(last, events);
    return last;
  }

  /** Events of the run are lent out, or turned out not to be there. */
  void take(Run run, long events) {
    // After a loss on disk a run may have given out events of the next one.
    run.events = Math.max(0, run.events - events);
    if (run.events == 0) {
      waiting.remove(run.number);
    }
  }

  /** Lent events come back to their run. */
  void giveBack(Run run, long events) {
    run.events += events;
    waiting.put(run.number, run);
  }
}
