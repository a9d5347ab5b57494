/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.selector;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.Selector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Routes each event by the value of one header. A batch whose events all go the same way is passed
 * on whole, without a copy. Immutable.
 */
final class HeaderRouting implements Selector {
  private final String header;
  private final Targets unmapped;
  private final Map<String, Targets> byValue;

  HeaderRouting(String header, Targets unmapped, Map<String, Targets> byValue) {
    this.header = header;
    this.unmapped = unmapped;
    this.byValue = byValue;
  }

  @Override
  public List<Route> route(EventBatch batch) {
    if (batch.isEmpty()) {
      return List.of();
    }
    Targets[] targets = targetsOfEach(batch);
    if (isUniform(targets)) {
      return List.of(new Route(batch, targets[0]));
    }
    Map<Targets, EventBatch.Builder> parts = new LinkedHashMap<>();
    int bytesEach = batch.encodedBytes() / 2;
    Targets last = null;
    EventBatch.Builder part = null;
    int index = 0;
    for (EventView event : batch) {
      if (part == null || targets[index] != last) {
        last = targets[index];
        part = parts.computeIfAbsent(last, t -> EventBatch.builder(bytesEach));
      }
      part.add(event);
      index++;
    }
    List<Route> routes = new ArrayList<>(parts.size());
    parts.forEach((to, builder) -> routes.add(new Route(builder.build(), to)));
    return routes;
  }

  private Targets[] targetsOfEach(EventBatch batch) {
    Targets[] targets = new Targets[batch.eventCount()];
    String lastValue = null;
    int index = 0;
    for (EventView event : batch) {
      String value = event.header(header);
      // Neighbours mostly go the same way: then nothing is looked up.
      targets[index] =
          index > 0 && Objects.equals(value, lastValue) ? targets[index - 1] : targetsOf(value);
      lastValue = value;
      index++;
    }
    return targets;
  }

  private Targets targetsOf(String value) {
    return value == null || value.isBlank() ? unmapped : byValue.getOrDefault(value, unmapped);
  }

  private static boolean isUniform(Targets[] targets) {
    for (Targets each : targets) {
      if (!each.equals(targets[0])) {
        return false;
      }
    }
    return true;
  }
}
