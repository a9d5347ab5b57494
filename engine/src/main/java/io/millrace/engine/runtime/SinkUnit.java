/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import io.millrace.engine.metrics.ComponentMetrics;
import java.util.Set;

/**
 * A sink group of the running agent: what stands or falls together in a reload. Immutable.
 *
 * @param key that of {@link GroupedSinks}
 * @param channels names of those that it takes from
 */
record SinkUnit(String key, Set<String> channels, java.util.List<Member> members) {
  /** One sink. */
  record Member(SinkRunner runner, ComponentMetrics metrics, Supervised life) {}
}
