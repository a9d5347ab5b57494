/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.hadoop;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.kit.path.PathExpander;
import java.util.Arrays;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Splits deliveries by directory and prefix. A delivery that goes to one place as a whole is not
 * copied. Confined to the thread of deliveries.
 */
final class Splitter {
  private final Workplace work;
  private final Buckets buckets;
  private final PathExpander paths;
  private final PathExpander prefixes;
  private final NameLimits limits;
  private final int ownNameLength;
  private long eventsWithoutTime;

  /** Checked last, and what its names have too much of. */
  private Target checked;

  private Optional<String> excess = Optional.empty();

  Splitter(
      Workplace work,
      Buckets buckets,
      PathExpander paths,
      PathExpander prefixes,
      NameLimits limits) {
    this.work = work;
    this.buckets = buckets;
    this.paths = paths;
    this.prefixes = prefixes;
    this.limits = limits;
    this.ownNameLength = work.names().inUse("/x", "", Long.MAX_VALUE).getName().length();
  }

  private record Target(String directory, String prefix) {}

  /** Why there can be no file for events of that target; empty when there can. */
  private Optional<String> excess(String path, String prefix) {
    if (limits.fitsSurely(path.length(), prefix.length() + ownNameLength)) {
      return Optional.empty();
    }
    if (checked == null || !checked.directory().equals(path) || !checked.prefix().equals(prefix)) {
      checked = new Target(path, prefix);
      excess = limits.excess(work.names().inUse(path, prefix, System.currentTimeMillis()));
    }
    return excess;
  }

  private static final class Split {
    final EventBatch.Builder events = EventBatch.builder();
    int[] indexes = new int[16];
    int count;

    void add(EventView event, int index) {
      events.add(event);
      if (count == indexes.length) {
        indexes = Arrays.copyOf(indexes, count * 2);
      }
      indexes[count++] = index;
    }
  }

  /**
   * Offers each event to the bucket it belongs to.
   *
   * @param had those that are in a file already; null for none
   */
  void split(EventBatch batch, InFlight flight, BitSet had) {
    String firstPath = null;
    String firstPrefix = null;
    Map<Target, Split> splits = null;
    int index = 0;
    for (EventView event : batch) {
      String path = paths.expand(event);
      String prefix = prefixes.expand(event);
      boolean isSame = index > 0 && path.equals(firstPath) && prefix.equals(firstPrefix);
      boolean isHad = had != null && had.get(index);
      Optional<String> refused = isHad ? Optional.empty() : excess(path, prefix);
      if (index == 0) {
        firstPath = path;
        firstPrefix = prefix;
      }
      if (splits == null && (had != null || refused.isPresent() || (index > 0 && !isSame))) {
        splits = beginSplits(batch, index, new Target(firstPath, firstPrefix), had);
      }
      if (refused.isPresent()) {
        flight.reject(index, refused.get());
      } else if (splits != null && !isHad) {
        splits.computeIfAbsent(new Target(path, prefix), t -> new Split()).add(event, index);
      }
      index++;
    }
    countEventsWithoutTime();
    if (splits == null) {
      buckets.offer(firstPath, firstPrefix, new Part(flight, batch, null));
      return;
    }
    if (had != null) {
      int count = had.cardinality();
      work.counters().duplicates().add(count);
      flight.settledBefore(count);
    }
    splits.forEach(
        (target, split) ->
            buckets.offer(
                target.directory(),
                target.prefix(),
                new Part(flight, split.events.build(), split.indexes)));
  }

  /** The events before {@code end}, all of which have the same target. */
  private static Map<Target, Split> beginSplits(
      EventBatch batch, int end, Target target, BitSet had) {
    Map<Target, Split> splits = new LinkedHashMap<>();
    int index = 0;
    for (EventView event : batch) {
      if (index >= end) {
        break;
      }
      if (had == null || !had.get(index)) {
        splits.computeIfAbsent(target, t -> new Split()).add(event, index);
      }
      index++;
    }
    return splits;
  }

  private void countEventsWithoutTime() {
    long now = paths.eventsWithoutTime() + prefixes.eventsWithoutTime();
    if (now > eventsWithoutTime) {
      work.counters().withoutTime().add(now - eventsWithoutTime);
      eventsWithoutTime = now;
      work.trouble(
          "events have no header timestamp",
          "hdfs.path or hdfs.filePrefix needs a time",
          "They get the agent's; add a timestamp interceptor, or set hdfs.useLocalTimeStamp");
    }
  }
}
