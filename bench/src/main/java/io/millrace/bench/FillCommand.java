/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.load.Scenario;
import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.trial.FilledChannel;
import io.millrace.bench.trial.Route;
import io.millrace.bench.trial.Trial;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The file channel filled while nothing takes from it: the agents have no sink. */
@Command(name = "fill", description = "avro source -> file channel, no sink, both products.")
final class FillCommand implements Callable<Integer> {
  /** Room for what clients have under way beyond the last event asked for. */
  private static final long SPARE_CAPACITY = 1_000_000;

  @Mixin private RunOptions run;
  @Mixin private LoadRounds load;

  @Option(
      names = "--loads",
      split = ",",
      defaultValue = "B1000_C4,B100_C4,B1_C32",
      description = "Of ${COMPLETION-CANDIDATES}: events a request, clients (${DEFAULT-VALUE}).")
  private Set<ChannelLoad> loads = EnumSet.noneOf(ChannelLoad.class);

  @Option(
      names = "--max-events",
      defaultValue = "24000000",
      description = "A round ends early when the channel holds that many (${DEFAULT-VALUE}).")
  private long maxEvents;

  @Override
  public Integer call() throws Exception {
    List<Scenario> scenarios = loads.stream().map(ChannelLoad::scenario).toList();
    int bodyBytes = scenarios.stream().mapToInt(Scenario::bodyBytes).max().orElse(0);
    BenchDirectories.requireFree(FilledChannel.maxBytes(maxEvents, bodyBytes));
    Trial.Plan plan = load.plan(run, 0, maxEvents, maxEvents + SPARE_CAPACITY, Route.NO_SINK);
    return load.measure(run, "fill", plan, scenarios);
  }
}
