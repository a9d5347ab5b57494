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
 * The flow that both products are compared on: avro source, file channel, null sink, until the
 * channel is empty again. Both run in turn, in several rounds, from the same configuration, so that
 * what else the machine does falls on both.
 */
@Command(
    name = "first-flow",
    description = "avro source -> file channel -> null sink until empty, Millrace and Flume.")
final class FirstFlowCommand implements Callable<Integer> {
  /** A channel that is not empty after this time counts with what was drained until then. */
  private static final int DRAIN_SECONDS = 180;

  /** Named loads: the first is the one that the figure of this project is about. */
  enum Load {
    BATCHES,
    SINGLE,
    PIPELINED;

    private Scenario scenario() {
      return switch (this) {
        case BATCHES -> new Scenario("batches", 4, 1000, 512, 1);
        case SINGLE -> new Scenario("single", 32, 1, 512, 1);
        case PIPELINED -> new Scenario("pipelined", 4, 1000, 512, 4);
      };
    }
  }

  @Mixin private RunOptions run;
  @Mixin private LoadRounds load;

  @Option(
      names = "--loads",
      split = ",",
      defaultValue = "BATCHES,SINGLE",
      description = "Of ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private Set<Load> loads = EnumSet.noneOf(Load.class);

  @Override
  public Integer call() throws Exception {
    Trial.Plan plan =
        load.plan(
            run,
            DRAIN_SECONDS,
            LoadRounds.UNLIMITED_EVENTS,
            LoadRounds.DEFAULT_CAPACITY,
            Route.NULL_SINK);
    List<Scenario> scenarios = loads.stream().map(Load::scenario).toList();
    return load.measure(run, "first-flow", plan, scenarios);
  }
}
