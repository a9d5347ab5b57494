/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import io.millrace.app.BuildVersion;
import io.millrace.app.SiNumber;
import io.millrace.app.Terminal;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code millrace plan}. */
@Command(
    name = "plan",
    description = {
      "Says what a flow needs: disks, memory, collectors, connections, network, and the settings"
          + " that follow.",
      "From figures that were measured, each with its source, and with the formula. Measure your"
          + " own machine before you buy a thousand of them."
    },
    optionListHeading = "%n",
    versionProvider = BuildVersion.class,
    mixinStandardHelpOptions = true,
    usageHelpWidth = 100,
    sortOptions = false,
    footerHeading = "%nExamples:%n",
    footer = {
      "  millrace plan --rate 50k/s --event-size 500B --downtime 6h",
      "  millrace plan --rate 2k/s --hosts 200 --downtime 12h --second-copy 3d",
      "  millrace plan --rate 1k/s --hosts 10000 --sites 3 --copies 2 --json"
    })
public final class PlanCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Option(
      names = "--rate",
      required = true,
      paramLabel = "N",
      description = "Events a second of one host at its peak: 500, 50k/s, 1M.")
  private String rate;

  @Option(
      names = "--event-size",
      paramLabel = "SIZE",
      defaultValue = "500B",
      description = "Average body of an event. Default: ${DEFAULT-VALUE}.")
  private String eventSize;

  @Option(
      names = "--downtime",
      paramLabel = "TIME",
      defaultValue = "6h",
      description =
          "How long collectors, or the store behind them, may be away without a loss: 30m, 6h, 2d."
              + " Default: ${DEFAULT-VALUE}.")
  private String downtime;

  @Option(
      names = "--hosts",
      paramLabel = "N",
      defaultValue = "1",
      description = "Hosts with an agent. Default: ${DEFAULT-VALUE}.")
  private String hosts;

  @Option(
      names = "--sites",
      paramLabel = "N",
      defaultValue = "1",
      description = "Sites that share the hosts evenly. Default: ${DEFAULT-VALUE}.")
  private int sites;

  @Option(
      names = "--headroom",
      paramLabel = "PERCENT",
      defaultValue = "30",
      description =
          "Added to what is kept, left free of what can be done. Default: ${DEFAULT-VALUE}.")
  private double headroom;

  @Option(
      names = "--spare",
      paramLabel = "N",
      defaultValue = "1",
      description = "Collectors of a site that may be down. Default: ${DEFAULT-VALUE}.")
  private int spare;

  @Option(
      names = "--copies",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Copies of each batch in a file channel (millrace.copies). Default: ${DEFAULT-VALUE}.")
  private int copies;

  @Option(
      names = "--second-copy",
      paramLabel = "TIME",
      description = "How long each host keeps all events in files of another disk as well.")
  private String secondCopy;

  @Option(
      names = "--compression",
      paramLabel = "TIMES",
      defaultValue = "1",
      description =
          "How many times smaller your events get in the channel with millrace.compression; try it"
              + " with zstd on a file of them. Default: ${DEFAULT-VALUE}, none.")
  private double compression;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Events of one call: 1000, 100 or 1. Default: ${DEFAULT-VALUE}.")
  private int batch;

  @Option(
      names = "--cores",
      paramLabel = "N",
      defaultValue = "8",
      description = "Cores of a collector. Default: ${DEFAULT-VALUE}.")
  private int cores;

  @Option(
      names = "--network",
      paramLabel = "BITS",
      defaultValue = "10Gbit/s",
      description = "Network of a collector, each way. Default: ${DEFAULT-VALUE}.")
  private String network;

  @Option(
      names = "--disk",
      paramLabel = "BYTES",
      defaultValue = "500MB/s",
      description =
          "What a collector's disk takes in synced writes (bench/run disk measures it). Default:"
              + " ${DEFAULT-VALUE}.")
  private String disk;

  @Option(names = "--json", description = "As JSON, for programs.")
  private boolean isJson;

  @Override
  public Integer call() {
    CapacityPlan plan = CapacityPlan.of(input(), Measured.load());
    PrintWriter out = spec.commandLine().getOut();
    if (isJson) {
      out.println(PlanJson.of(plan));
    } else {
      out.print(new PlanText(plan, Terminal.isColourful(), Terminal.columns()).text());
    }
    out.flush();
    return 0;
  }

  private PlanInput input() {
    double perSecond = read("--rate", rate, SiNumber::parse);
    double bodyBytes = read("--event-size", eventSize, Units::bytes);
    Duration bridged = read("--downtime", downtime, Units::span);
    long hostCount = read("--hosts", hosts, SiNumber::parse);
    Duration kept =
        secondCopy == null ? Duration.ZERO : read("--second-copy", secondCopy, Units::span);
    double linkBits = read("--network", network, Units::bits);
    double diskBytes = read("--disk", disk, Units::bytes);
    try {
      return new PlanInput(
          perSecond,
          bodyBytes,
          bridged,
          hostCount,
          sites,
          headroom / 100,
          copies,
          kept,
          compression,
          spare,
          batch,
          cores,
          linkBits,
          diskBytes);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private <T> T read(String option, String text, Function<String, T> reading) {
    try {
      return reading.apply(text);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), option + ": " + e.getMessage(), e);
    }
  }
}
