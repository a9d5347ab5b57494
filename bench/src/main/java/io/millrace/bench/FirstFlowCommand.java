/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The flow that both products are compared on: avro source, file channel, null sink. Both run in
 * turn, in several rounds, from the same configuration file, so that what else the machine does
 * falls on both.
 */
@Command(
    name = "first-flow",
    description = "avro source -> file channel -> null sink, Millrace and Flume in turn.")
final class FirstFlowCommand implements Callable<Integer> {
  /** Named loads: the first is the one that the figure of this project is about. */
  enum Load {
    BATCHES(new Scenario("batches", 4, 1000, 512, 1)),
    SINGLE(new Scenario("single", 32, 1, 512, 1)),
    PIPELINED(new Scenario("pipelined", 4, 1000, 512, 4));

    private final Scenario scenario;

    Load(Scenario scenario) {
      this.scenario = scenario;
    }
  }

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description = "Measured time (${DEFAULT-VALUE}).")
  private int seconds;

  @Option(names = "--warm-up", defaultValue = "10", description = "Seconds (${DEFAULT-VALUE}).")
  private int warmUpSeconds;

  @Option(names = "--rounds", defaultValue = "3", description = "Of each (${DEFAULT-VALUE}).")
  private int rounds;

  @Option(
      names = "--loads",
      split = ",",
      defaultValue = "BATCHES,SINGLE",
      description = "Of ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private Set<Load> loads = EnumSet.noneOf(Load.class);

  @Option(
      names = "--products",
      split = ",",
      defaultValue = "MILLRACE,FLUME",
      description = "Of ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private Set<Product> products = EnumSet.noneOf(Product.class);

  @Option(names = "--heap", defaultValue = "1g", description = "Of each JVM (${DEFAULT-VALUE}).")
  private String heap;

  @Option(
      names = "--jvm-option",
      description = "Given to both agents' JVMs, with its dash; may be repeated.")
  private List<String> jvmOptions = new ArrayList<>();

  @Option(
      names = "--jfr",
      description = "Record each agent with JFR into bench/target/jfr, and print its hot methods.")
  private boolean isRecording;

  @Option(names = "--name", description = "Of the result files in bench/results.")
  private String name = "first-flow";

  @Override
  public Integer call() throws Exception {
    Path work = Files.createDirectories(BenchDirectories.work());
    Machine machine = Machine.describe(work);
    List<String> options = new ArrayList<>(List.of("-Xmx" + heap));
    options.addAll(jvmOptions);
    Trial.Plan plan =
        new Trial.Plan(
            Duration.ofSeconds(warmUpSeconds), Duration.ofSeconds(seconds), options, isRecording);
    DiskProbe.Result disk = DiskProbe.measure(work, Duration.ofSeconds(3));
    List<Report.Section> sections = new ArrayList<>();
    for (Load load : loads) {
      List<Measurement> measurements = new ArrayList<>();
      for (int round = 1; round <= rounds; round++) {
        for (Product product : inTurn(round)) {
          Measurement measurement = Trial.run(product, load.scenario, round, plan);
          System.out.println(Tables.line(load.scenario, measurement));
          measurements.add(measurement);
        }
      }
      sections.add(new Report.Section(load.scenario, measurements));
    }
    DiskProbe.Result diskAfter = DiskProbe.measure(work, Duration.ofSeconds(3));
    Report report = new Report(machine, plan, disk, diskAfter, sections);
    System.out.println(report.markdown());
    report.write(Files.createDirectories(BenchDirectories.results()), name);
    return 0;
  }

  /** Who goes first changes from round to round. */
  private List<Product> inTurn(int round) {
    List<Product> turn = new ArrayList<>(products);
    if (round % 2 == 0) {
      java.util.Collections.reverse(turn);
    }
    return turn;
  }
}
