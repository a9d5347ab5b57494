/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.agent.Flow;
import io.millrace.bench.agent.HdfsServerProcess;
import io.millrace.bench.agent.Product;
import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.report.Report;
import io.millrace.bench.trial.Drain;
import io.millrace.bench.trial.FilledChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The file channel emptied by the HDFS sink, into one HDFS for both products. */
@Command(
    name = "hdfs",
    description = "file channel, filled before -> hdfs sink, both products, one mini cluster.")
final class HdfsCommand implements Callable<Integer> {
  @Mixin private RunOptions run;
  @Mixin private FilledOptions filled;

  @Option(
      names = "--limit-seconds",
      defaultValue = "15",
      description = "A round ends then, if the channel is not empty before (${DEFAULT-VALUE}).")
  private int limitSeconds;

  @Option(
      names = "--files",
      split = ",",
      defaultValue = "TEXT,GZIP_SEQUENCE",
      description = "Of ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private Set<Flow.HdfsFile> files = EnumSet.noneOf(Flow.HdfsFile.class);

  @Option(
      names = "--sync",
      split = ",",
      defaultValue = "hflush,hsync",
      description = "millrace.sync of Millrace; Flume always has hflush (${DEFAULT-VALUE}).")
  private List<String> syncs = new ArrayList<>();

  @Option(
      names = "--jfr",
      description = "Record each agent with JFR into bench/target/jfr, and print its hot methods.")
  private boolean isRecording;

  @Override
  public Integer call() throws Exception {
    String conditions =
        "A channel filled and stopped before, the same copy for each round, is drained by the hdfs"
            + " sink (batches of 1,000, one file at a time, a new one every 128 MB) into one mini"
            + " cluster of three data nodes on the same machine, for at most "
            + limitSeconds
            + " s; counted from the first take that is seen. Flume: hflush.";
    Path directory = BenchDirectories.fresh("hdfs-server");
    try (HdfsServerProcess hdfs = HdfsServerProcess.start(directory)) {
      return run.report("hdfs", conditions, filled.settings(run), disk -> measure(hdfs));
    } finally {
      BenchDirectories.delete(directory);
    }
  }

  private List<Report.Section> measure(HdfsServerProcess hdfs) throws Exception {
    List<Report.Section> sections = new ArrayList<>();
    try (FilledOptions.Channels channels =
        filled.fill(run, EnumSet.of(FilledChannel.State.STOPPED))) {
      for (Flow.HdfsFile file : files) {
        for (String sync : syncs) {
          List<Drain> drains =
              run.inTurn(
                  (product, round) -> {
                    String place =
                        String.format(
                            Locale.ROOT,
                            "%s/%s-%s-%s-%d",
                            hdfs.uri(),
                            file,
                            sync,
                            product.slug(),
                            round);
                    FilledChannel channel = channels.of(product);
                    Flow.HdfsSink sink = new Flow.HdfsSink(place, file, sync);
                    Duration limit = Duration.ofSeconds(limitSeconds);
                    Drain drain =
                        isRecording
                            ? Drain.record(channel, sink, round, limit, recording(product, sink))
                            : Drain.measure(channel, sink, round, limit);
                    channel.clearLive();
                    System.out.println(file + " " + sync + " " + drain.line());
                    return drain;
                  });
          sections.add(
              Drain.section(
                  "hdfs: " + file + ", Millrace " + sync + ": " + filled.description(), drains));
        }
      }
    }
    return sections;
  }

  private static Path recording(Product product, Flow.HdfsSink sink) {
    return BenchDirectories.root()
        .resolve("bench/target/jfr")
        .resolve(product.slug() + "-hdfs-" + sink.file() + "-" + sink.sync() + ".jfr");
  }
}
