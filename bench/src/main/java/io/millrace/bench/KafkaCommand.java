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

/** Into Kafka: a broker of its own for each round, started beside the agent. */
@Command(
    name = "kafka",
    description = "Agents that write to a Kafka broker on this machine; both products.")
final class KafkaCommand implements Callable<Integer> {
  @Mixin private RunOptions run;
  @Mixin private LoadRounds load;

  @Option(
      names = "--routes",
      split = ",",
      defaultValue = "KAFKA",
      description = "KAFKA, and KAFKA_ONCE with --products MILLRACE (${DEFAULT-VALUE}).")
  private Set<Route> routes = EnumSet.noneOf(Route.class);

  @Option(
      names = "--loads",
      split = ",",
      defaultValue = "B1000_C4",
      description = "Of ${COMPLETION-CANDIDATES}: events a request, clients (${DEFAULT-VALUE}).")
  private Set<ChannelLoad> loads = EnumSet.noneOf(ChannelLoad.class);

  @Option(
      names = "--events",
      defaultValue = "400000",
      description = "Sent at most; then the sink empties the channel (${DEFAULT-VALUE}).")
  private long maxEvents;

  @Option(
      names = "--drain-seconds",
      defaultValue = "45",
      description = "How long it may take for that (${DEFAULT-VALUE}).")
  private int drainSeconds;

  @Override
  public Integer call() throws Exception {
    List<LoadRounds.Step> steps = new ArrayList<>();
    for (Route route : routes) {
      Trial.Plan plan = load.plan(run, drainSeconds, maxEvents, LoadRounds.DEFAULT_CAPACITY, route);
      for (ChannelLoad each : loads) {
        steps.add(new LoadRounds.Step(plan, each.scenario()));
      }
    }
    return load.measure(run, "kafka", steps);
  }
}
