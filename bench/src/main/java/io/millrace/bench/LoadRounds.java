/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.load.Scenario;
import io.millrace.bench.report.Report;
import io.millrace.bench.trial.LoadSection;
import io.millrace.bench.trial.Measurement;
import io.millrace.bench.trial.Route;
import io.millrace.bench.trial.Trial;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of commands that put load on agents for a while, and how they measure. */
final class LoadRounds {
  /** More than any run of some minutes can send. */
  static final long UNLIMITED_EVENTS = 100_000_000_000L;

  /** In events; not reached by either product in the time that is measured by default. */
  static final long DEFAULT_CAPACITY = 20_000_000;

  @Option(names = "--seconds", defaultValue = "8", description = "Measured (${DEFAULT-VALUE}).")
  private int measuredSeconds;

  @Option(names = "--warm-up", defaultValue = "4", description = "Seconds (${DEFAULT-VALUE}).")
  private int warmUpSeconds;

  @Option(
      names = "--jfr",
      description = "Record each agent with JFR into bench/target/jfr, and print its hot methods.")
  private boolean isRecording;

  Trial.Plan plan(RunOptions run, int drainSeconds, long maxEvents, long capacity, Route route) {
    return new Trial.Plan(
        warmUpSeconds,
        measuredSeconds,
        drainSeconds,
        maxEvents,
        capacity,
        route,
        run.agentJvmOptions(),
        isRecording);
  }

  /** What one section of a report is about. */
  record Step(Trial.Plan plan, Scenario scenario) {}

  int measure(RunOptions run, String command, Trial.Plan plan, List<Scenario> scenarios)
      throws Exception {
    return measure(
        run, command, scenarios.stream().map(scenario -> new Step(plan, scenario)).toList());
  }

  int measure(RunOptions run, String command, List<Step> steps) throws Exception {
    String conditions =
        "Each figure: warm-up " + warmUpSeconds + " s, then " + measuredSeconds + " s measured.";
    return run.report(
        command,
        conditions,
        steps.stream().map(Step::plan).distinct().toList(),
        disk -> {
          List<Report.Section> sections = new ArrayList<>();
          for (Step step : steps) {
            Scenario scenario = step.scenario();
            Route route = step.plan().route();
            List<Measurement> measurements =
                run.inTurn(
                    (product, round) -> {
                      Measurement measurement = Trial.run(product, scenario, round, step.plan());
                      System.out.println(LoadSection.line(route, scenario, measurement));
                      return measurement;
                    });
            sections.add(LoadSection.of(route, scenario, measurements, disk));
          }
          return sections;
        });
  }
}
