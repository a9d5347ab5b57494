/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import io.millrace.systemtests.Conditions;
import io.millrace.systemtests.Scene;
import io.millrace.systemtests.hosts.Fault.Resumption;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * A collector's host goes and never comes back, while its channel holds events that the store does
 * not have yet. The others carry the flow on; its disk is put into the spare host, which delivers
 * what is on it. Confined to one thread.
 */
final class LostCollector {
  private static final long BACKLOG = 50;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Site site;
  private final Supplier<MillraceHost> choice;
  private MillraceHost lost;

  LostCollector(Site site, Supplier<MillraceHost> choice) {
    this.site = site;
    this.choice = choice;
  }

  Fault fault() {
    return Fault.lasting(
        "a collector's host lost for good, with a backlog",
        Resumption.BY_ITSELF,
        Duration.ofSeconds(2),
        this::lose,
        this::putDiskIntoSpareHost);
  }

  /** The store stands still for so long that the collector has something to lose. */
  private void lose() {
    lost = choice.get();
    site.store().process().freeze();
    try {
      Conditions.await(
          lost.name() + " has a backlog",
          LIMIT,
          () -> lost.metrics().sum("CHANNEL", "ChannelSize") >= BACKLOG);
      site.network().drop(lost.host());
      lost.process().end();
    } finally {
      site.store().process().thaw();
    }
  }

  private void putDiskIntoSpareHost() {
    MillraceHost spare = site.moveToSpareHost(lost);
    spare.process().start();
    spare.awaitStarted();
    long found = spare.metrics().sum("SINK", "EventDrainAttemptCount");
    Scene.say(
        "%s is lost; from its disk %s has taken up %d events so far"
            .formatted(lost.name(), spare.host().name(), found));
  }
}
