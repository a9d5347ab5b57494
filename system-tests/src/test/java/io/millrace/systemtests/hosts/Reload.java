/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.WatchedProcess;
import java.time.Duration;

/** Every agent gets another configuration, and a SIGHUP. Confined to one thread. */
final class Reload {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String APPLIED = "has changed, in";

  private final Site site;

  Reload(Site site) {
    this.site = site;
  }

  Fault fault() {
    return Fault.passing("configuration of every agent reloaded", this::reload, () -> 0);
  }

  private void reload() {
    site.reconfigureAgents();
    site.agents().forEach(agent -> agent.process().hangUp());
    for (MillraceHost agent : site.agents()) {
      Conditions.await(
          agent.name() + " has applied its new configuration",
          LIMIT,
          () -> WatchedProcess.textOf(agent.process().log()).contains(APPLIED));
    }
  }
}
