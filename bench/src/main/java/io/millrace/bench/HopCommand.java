/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.trial.Route;
import io.millrace.bench.trial.Trial;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** From tier to tier: one hop, two tiers, and the path without a disk. */
@Command(
    name = "hop",
    description = "Agents that send to the next tier, and a memory channel; both products.")
final class HopCommand implements Callable<Integer> {
  @Mixin private RunOptions run;
  @Mixin private LoadRounds load;

  @Option(
      names = "--routes",
      split = ",",
      defaultValue = "HOP,TWO_TIERS,MEMORY",
      description = "Of ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private Set<Route> routes = EnumSet.noneOf(Route.class);

  @Option(
      names = "--loads",
      split = ",",
      defaultValue = "B1000_C4",
      description = "Of ${COMPLETION-CANDIDATES}: events a request, clients (${DEFAULT-VALUE}).")
  private Set<ChannelLoad> loads = EnumSet.noneOf(ChannelLoad.class);

  @Override
  public Integer call() throws Exception {
    List<LoadRounds.Step> steps = new ArrayList<>();
    for (Route route : routes) {
      Trial.Plan plan =
          load.plan(run, 0, LoadRounds.UNLIMITED_EVENTS, LoadRounds.DEFAULT_CAPACITY, route);
      for (ChannelLoad each : loads) {
        steps.add(new LoadRounds.Step(plan, each.scenario()));
      }
    }
    return load.measure(run, "hop", steps);
  }
}
