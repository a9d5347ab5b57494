/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.report.Report;
import io.millrace.bench.trial.FileReading;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** A big file into a file channel. */
@Command(
    name = "files",
    description = "taildir and spooldir -> file channel -> null sink, both products.")
final class FilesCommand implements Callable<Integer> {
  @Mixin private RunOptions run;

  @Option(
      names = "--readers",
      split = ",",
      defaultValue = "TAILDIR,SPOOLDIR",
      description = "Of ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private Set<FileReading.Reader> readers = EnumSet.noneOf(FileReading.Reader.class);

  @Option(names = "--lines", defaultValue = "6000000", description = "(${DEFAULT-VALUE}).")
  private long lines;

  @Option(
      names = "--line-bytes",
      defaultValue = "128",
      description = "Without the line feed (${DEFAULT-VALUE}).")
  private int lineBytes;

  @Option(
      names = "--batch-sizes",
      split = ",",
      defaultValue = "100,1000",
      description = "Of the source (${DEFAULT-VALUE}).")
  private List<Integer> batchSizes;

  @Option(
      names = "--limit-seconds",
      defaultValue = "10",
      description = "A round ends then, if not all was read before (${DEFAULT-VALUE}).")
  private int limitSeconds;

  @Option(
      names = "--jfr",
      description = "Record each agent with JFR into bench/target/jfr, and print its hot methods.")
  private boolean isRecording;

  @Override
  public Integer call() throws Exception {
    List<FileReading.Plan> plans = new ArrayList<>();
    for (FileReading.Reader reader : readers) {
      for (int batchSize : batchSizes) {
        plans.add(
            new FileReading.Plan(
                reader,
                lines,
                lineBytes,
                batchSize,
                limitSeconds,
                run.agentJvmOptions(),
                isRecording));
      }
    }
    String conditions =
        "A file that is there at the start is read into a file channel, for at most "
            + limitSeconds
            + " s; counted from the first lines that are seen in the channel.";
    return run.report("files", conditions, plans, disk -> sections(plans));
  }

  private List<Report.Section> sections(List<FileReading.Plan> plans) throws Exception {
    List<Report.Section> sections = new ArrayList<>();
    for (FileReading.Plan plan : plans) {
      List<FileReading> readings =
          run.inTurn(
              (product, round) -> {
                FileReading reading = FileReading.measure(plan, product, round);
                System.out.println(plan.title() + ": " + reading.line());
                return reading;
              });
      sections.add(FileReading.section(plan, readings));
    }
    return sections;
  }
}
