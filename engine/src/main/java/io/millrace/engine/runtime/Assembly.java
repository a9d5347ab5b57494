/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import java.util.List;
import java.util.Map;

/**
 * What a change of the topology is made of: built, and nothing of it started. Immutable.
 *
 * @param next the topology afterwards; it shares what stays
 * @param routes the new ways of the sources that are rerouted
 */
record Assembly(Topology next, Map<String, NewRoute> routes) {
  /**
   * A source's way into the channels of the next topology.
   *
   * @param needs the channels that must have started before the source may
   */
  record NewRoute(SourceRoute route, List<ChannelUnit> needs) {
    List<Supervised> lives() {
      return needs.stream().map(ChannelUnit::life).toList();
    }
  }

  Assembly {
    routes = Map.copyOf(routes);
  }
}
