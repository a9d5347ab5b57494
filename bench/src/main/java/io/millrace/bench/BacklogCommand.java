/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.load.Scenario;
import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.report.Report;
import io.millrace.bench.trial.Backlog;
import io.millrace.bench.trial.BacklogReport;
import io.millrace.bench.trial.FilledChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A backlog far larger than the heap, of Millrace alone: what memory and rates do meanwhile. */
@Command(
    name = "backlog",
    description =
        "Fills a channel of Millrace with nothing taken, starts again, drains; rates and memory as"
            + " table, CSV and picture.")
final class BacklogCommand implements Callable<Integer> {
  private static final int CLIENTS = 4;
  private static final int BATCH_EVENTS = 1000;

  @Option(
      names = "--events",
      defaultValue = "100000000",
      description = "In the channel when it is full (${DEFAULT-VALUE}).")
  private long events;

  @Option(names = "--body-bytes", defaultValue = "100", description = "(${DEFAULT-VALUE}).")
  private int bodyBytes;

  @Option(names = "--heap-mib", defaultValue = "256", description = "-Xmx (${DEFAULT-VALUE}).")
  private int heapMib;

  @Option(
      names = "--sample-millis",
      defaultValue = "1000",
      description = "Between two looks at the agent (${DEFAULT-VALUE}).")
  private int sampleMillis;

  @Option(
      names = "--limit-seconds",
      defaultValue = "1800",
      description = "Of filling, and of draining (${DEFAULT-VALUE}).")
  private int limitSeconds;

  @Option(
      names = "--name",
      defaultValue = "backlog",
      description = "Of the files in bench/results and docs/img (${DEFAULT-VALUE}).")
  private String name;

  @Override
  public Integer call() throws Exception {
    BenchDirectories.requireFree(FilledChannel.maxBytes(events, bodyBytes));
    List<String> jvmOptions = List.of("-Xmx" + heapMib + "m");
    Backlog.Plan plan =
        new Backlog.Plan(
            new Scenario("backlog", CLIENTS, BATCH_EVENTS, bodyBytes, 1),
            events,
            jvmOptions,
            Duration.ofMillis(sampleMillis),
            Duration.ofSeconds(limitSeconds));
    String conditions =
        "Millrace alone, started with "
            + String.join(" ", jvmOptions)
            + ": "
            + plan.scenario().description()
            + ". Filled without a sink, stopped, started again with a null sink.";
    Map<String, Object> settings =
        Map.of("events", events, "scenario", plan.scenario(), "jvmOptions", jvmOptions);
    return Reports.measure(name, conditions, settings, disk -> List.of(measure(plan)));
  }

  private Report.Section measure(Backlog.Plan plan) throws Exception {
    Backlog.Result result = Backlog.run(plan);
    BacklogReport report =
        new BacklogReport(
            result, bodyBytes, heapMib + " MiB", (long) heapMib << 20, plan.interval());
    Path results = Files.createDirectories(BenchDirectories.results());
    Files.writeString(results.resolve(name + ".csv"), report.csv());
    Path pictures = Files.createDirectories(BenchDirectories.pictures());
    Files.writeString(pictures.resolve(name + ".svg"), report.chart().svg());
    return report.section();
  }
}
