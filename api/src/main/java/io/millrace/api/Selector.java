/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.List;

/**
 * Decides which channels of a source get which events. Called by many threads at once; must be safe
 * for that and must not block.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Selector {
  /**
   * Splits a batch into routes. Each event stands in exactly one route, in order within it; an
   * event in a route without any channel is dropped and counted as unrouted.
   */
  List<Route> route(EventBatch batch);

  /** Events and the channels that get them. */
  record Route(EventBatch batch, Targets targets) {}

  /**
   * Names of channels: all of {@code required} must take the events; a failure of an {@code
   * optional} one is counted and said, and goes no further.
   */
  record Targets(List<String> required, List<String> optional) {
    public Targets {
      required = List.copyOf(required);
      optional = List.copyOf(optional);
    }
  }
}
