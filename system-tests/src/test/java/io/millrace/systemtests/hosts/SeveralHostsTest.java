/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.hosts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.millrace.systemtests.Installation;
import io.millrace.systemtests.Scene;
import io.millrace.systemtests.Tool;
import io.millrace.systemtests.hosts.Drill.Result;
import io.millrace.systemtests.hosts.Reckoning.Sum;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Three agents, HAProxy, three collectors and a store, each on a host of its own, under steady load
 * while one thing after another fails: docs/high-availability.md. {@code
 * -Dmillrace.availability.update=true} writes the table of the run to that page; an ordinary run
 * checks that the page speaks of the faults that are made.
 */
@Tag("long")
final class SeveralHostsTest {
  @RegisterExtension final Scene scene = new Scene();

  private final Path page = Installation.sources().resolve("docs/high-availability.md");

  @Test
  void noSingleFailureStopsTheFlowOrLosesAnAcknowledgedEvent() throws Exception {
    if (!Tool.isThere("haproxy")) {
      abort("No haproxy here (apt-get install haproxy)");
    }
    Reckoning reckoning = new Reckoning();
    try (Site site = Site.make(scene)) {
      boolean isDone = false;
      try {
        check(run(site, reckoning), reckoning, site);
        isDone = true;
      } finally {
        if (!isDone) {
          site.sayLogs();
        }
      }
    }
  }

  private List<Result> run(Site site, Reckoning reckoning) {
    List<Result> results = new ArrayList<>();
    Scene.say("Hosts: " + site.network().description());
    site.start();
    List<Feeder> feeders = new ArrayList<>();
    try (FlowWatch flow = new FlowWatch(site.files(), reckoning)) {
      for (MillraceHost agent : site.agents()) {
        Place source = new Place(agent.host().controlAddress(), Site.AGENT_PORT);
        feeders.add(new Feeder(agent.name(), source, reckoning));
      }
      Drill drill = new Drill(site, reckoning, flow);
      for (Fault fault : new Faults(site).all()) {
        results.add(drill.make(fault));
      }
      feeders.forEach(Feeder::close);
      flow.awaitCaughtUp(Drill.LIMIT);
    } finally {
      feeders.forEach(Feeder::close);
    }
    site.stop();
    return results;
  }

  private void check(List<Result> results, Reckoning reckoning, Site site) throws IOException {
    // Not what was seen on the way, but what is there in the end.
    reckoning.forgetStored();
    new StoreTail(site.files(), reckoning::stored).readOn();
    Map<String, Sum> sums = reckoning.sums();
    FaultTable table = new FaultTable(site.network().description(), results, sums);
    Scene.say("\n" + table.text());
    assertThat(reckoning.invented()).as("stored, and sent by nobody").isEmpty();
    assertThat(reckoning.examplesOfOwed()).as("acknowledged and not stored").isEmpty();
    for (Result result : results) {
      Sum sum = sums.get(result.fault().name());
      assertThat(sum.acknowledged()).as("acknowledged: %s", result.fault().name()).isPositive();
      assertThat((long) sum.duplicates())
          .as("stored twice: %s (at most what was in doubt)", result.fault().name())
          .isLessThanOrEqualTo(result.inDoubt());
    }
    if (Boolean.getBoolean("millrace.availability.update")) {
      table.writeTo(page);
    }
    List<String> onPage = FaultTable.faultsIn(page);
    if (!site.work().hasDisk()) {
      Scene.say("LEFT OUT, for want of a small disk: " + FullDisk.NAME);
      onPage.remove(FullDisk.NAME);
    }
    assertThat(onPage)
        .as("faults in %s (-Dmillrace.availability.update=true writes them)", page)
        .isEqualTo(results.stream().map(result -> result.fault().name()).toList());
  }
}
