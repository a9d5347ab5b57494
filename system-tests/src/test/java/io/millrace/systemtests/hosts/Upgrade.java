/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.hosts.Fault.Resumption;
import java.time.Duration;

/**
 * A collector is stopped in order, and another installation with another configuration is started
 * on its directories. Confined to one thread.
 */
final class Upgrade {
  private final Site site;
  private final MillraceHost collector;

  Upgrade(Site site, MillraceHost collector) {
    this.site = site;
    this.collector = collector;
  }

  Fault fault() {
    return Fault.lasting(
        "upgrade of " + collector.name(),
        Resumption.BY_ITSELF,
        Duration.ofMillis(1),
        collector::stop,
        this::startNewVersion);
  }

  private void startNewVersion() {
    site.upgrade(collector);
    collector.process().start();
    collector.awaitStarted();
  }
}
