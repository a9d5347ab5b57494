/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.hosts.Fault.Resumption;
import java.time.Duration;

/**
 * Somebody takes all the space of the disk under a collector's channel, while the store stands
 * still, so that the channel needs more; until it refuses. Then the store goes on, and the disk
 * stays full for a while. Confined to one thread.
 */
final class FullDisk {
  static final String NAME = "disk of a collector's channel full, until it refuses";

  private static final Duration HELD = Duration.ofSeconds(3);
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Site site;

  FullDisk(Site site) {
    this.site = site;
  }

  Fault fault() {
    return Fault.lasting(NAME, Resumption.BY_ITSELF, HELD, this::fill, site.work()::freeDisk);
  }

  private void fill() {
    AgentMetrics metrics = site.collectorOnSmallDisk().metrics();
    long refused = refused(metrics);
    site.work().fillDisk();
    site.store().process().freeze();
    try {
      Conditions.await(
          "the collector on the full disk refuses", LIMIT, () -> refused(metrics) > refused);
    } finally {
      site.store().process().thaw();
    }
  }

  private static long refused(AgentMetrics metrics) {
    return metrics.sum("CHANNEL", "EventPutErrorCount");
  }
}
