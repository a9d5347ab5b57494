/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Selector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Events as they came, and where they come from: what is cut, before interceptors and selector see
 * it, into what a channel takes or has had as a whole. Immutable.
 */
record OriginRun(EventBatch batch, Origin origin) {
  /** Runs of at most so many events: nearly always this one, untouched. */
  List<OriginRun> cutTo(int maxEvents) {
    if (batch.eventCount() <= maxEvents) {
      return List.of(this);
    }
    List<Long> cuts = new ArrayList<>();
    for (long at = origin.first() + maxEvents; at < origin.end(); at += maxEvents) {
      cuts.add(at);
    }
    return cutBefore(cuts);
  }

  /** Runs that begin at the given sequences. */
  List<OriginRun> cutBefore(List<Long> cuts) {
    int[] indexes = cuts.stream().mapToInt(cut -> (int) (cut - origin.first())).toArray();
    List<OriginRun> runs = new ArrayList<>(indexes.length + 1);
    long first = origin.first();
    for (EventBatch piece : batch.cut(indexes)) {
      runs.add(new OriginRun(piece, origin.part(first, first + piece.eventCount())));
      first += piece.eventCount();
    }
    return runs;
  }

  /**
   * Adds to each channel's share what it gets of this run. That is one part a channel, whatever the
   * number of routes to it: the part says that the channel has the run, and must not be there
   * without the rest.
   */
  void share(List<Selector.Route> routes, Map<String, Share> shares) {
    if (routes.size() == 1) {
      Selector.Route only = routes.get(0);
      Part part = new Part(this, only.batch(), true);
      only.targets().required().forEach(channel -> share(channel, shares).add(part, true));
      only.targets().optional().forEach(channel -> share(channel, shares).add(part, false));
      return;
    }
    Map<String, List<EventBatch>> batches = new LinkedHashMap<>();
    Map<String, Boolean> isRequired = new LinkedHashMap<>();
    for (Selector.Route route : routes) {
      for (String channel : route.targets().required()) {
        batches.computeIfAbsent(channel, name -> new ArrayList<>()).add(route.batch());
        isRequired.put(channel, true);
      }
      for (String channel : route.targets().optional()) {
        batches.computeIfAbsent(channel, name -> new ArrayList<>()).add(route.batch());
        isRequired.putIfAbsent(channel, false);
      }
    }
    batches.forEach(
        (channel, all) ->
            share(channel, shares)
                .add(new Part(this, EventBatch.join(all), false), isRequired.get(channel)));
  }

  private static Share share(String channel, Map<String, Share> shares) {
    return shares.computeIfAbsent(channel, name -> new Share());
  }

  /**
   * What one channel gets of a run.
   *
   * @param isWhole whether that is all of it, as all goes the same way
   */
  record Part(OriginRun run, EventBatch batch, boolean isWhole) {}

  /** What one channel gets of an emission. Confined to the thread that emits, then only read. */
  static final class Share {
    private final List<Part> parts = new ArrayList<>(1);
    private boolean isRequired;

    private void add(Part part, boolean required) {
      parts.add(part);
      isRequired |= required;
    }

    List<Part> parts() {
      return parts;
    }

    /** Whether the source waits for it: so when it must for any event. */
    boolean isRequired() {
      return isRequired;
    }

    int eventCount() {
      return parts.stream().mapToInt(part -> part.batch().eventCount()).sum();
    }
  }
}
