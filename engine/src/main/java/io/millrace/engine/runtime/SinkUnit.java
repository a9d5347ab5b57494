/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.engine.metrics.ComponentMetrics;
import java.util.List;
import java.util.Set;

/**
 * A sink group of the running agent: what stands or falls together in a reload. Immutable.
 *
 * @param key that of {@link GroupedSinks}
 * @param channels names of those that it takes from
 * @param groupMetrics of its members together, those of each channel apart
 */
record SinkUnit(
    String key, Set<String> channels, List<Member> members, List<ComponentMetrics> groupMetrics) {
  SinkUnit {
    members = List.copyOf(members);
    groupMetrics = List.copyOf(groupMetrics);
  }

  /** One sink. */
  record Member(
      RestartableSink sink, SinkRunner runner, ComponentMetrics metrics, Supervised life) {}
}
