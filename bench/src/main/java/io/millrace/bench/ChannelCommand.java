/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.load.Scenario;
import io.millrace.bench.trial.Route;
import io.millrace.bench.trial.Trial;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * The file channel filled and drained at the same time, by size of transaction and number of
 * clients. What is left in it at the end is not waited for: what counts is the steady state.
 */
@Command(
    name = "channel",
    description = "avro source -> file channel -> null sink by batch and clients, both products.")
final class ChannelCommand implements Callable<Integer> {
  @Mixin private RunOptions run;
  @Mixin private LoadRounds load;

  @Option(
      names = "--loads",
      split = ",",
      defaultValue = "B1000_C4,B1000_C32,B100_C4,B100_C32,B1_C4,B1_C32",
      description = "Of ${COMPLETION-CANDIDATES}: events a request, clients (all).")
  private Set<ChannelLoad> loads = EnumSet.noneOf(ChannelLoad.class);

  @Option(
      names = "--drain-seconds",
      defaultValue = "0",
      description =
          "Wait that long at most for the channel to be empty after the load; 0: kill the agent"
              + " (${DEFAULT-VALUE}).")
  private int drainSeconds;

  @Override
  public Integer call() throws Exception {
    Trial.Plan plan =
        load.plan(
            run,
            drainSeconds,
            LoadRounds.UNLIMITED_EVENTS,
            LoadRounds.DEFAULT_CAPACITY,
            Route.NULL_SINK);
    List<Scenario> scenarios = loads.stream().map(ChannelLoad::scenario).toList();
    return load.measure(run, "channel", plan, scenarios);
  }
}
