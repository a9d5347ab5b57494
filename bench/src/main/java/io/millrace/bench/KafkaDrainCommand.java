/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.agent.Flow;
import io.millrace.bench.agent.Product;
import io.millrace.bench.load.KafkaBroker;
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

/** The file channel emptied by the Kafka sink, into one broker for both products. */
@Command(
    name = "kafka-drain",
    description = "file channel, filled before -> kafka sink, both products, one broker.")
final class KafkaDrainCommand implements Callable<Integer> {
  @Mixin private RunOptions run;
  @Mixin private FilledOptions filled;

  @Option(
      names = "--limit-seconds",
      defaultValue = "15",
      description = "A round ends then, if the channel is not empty before (${DEFAULT-VALUE}).")
  private int limitSeconds;

  @Option(
      names = "--batches",
      split = ",",
      defaultValue = "100,1000",
      description = "kafka.flumeBatchSize (${DEFAULT-VALUE}).")
  private List<Integer> batches = new ArrayList<>();

  @Option(
      names = "--promises",
      split = ",",
      defaultValue = "AT_LEAST_ONCE,EXACTLY_ONCE",
      description = "Of ${COMPLETION-CANDIDATES}; the second of Millrace only (${DEFAULT-VALUE}).")
  private Set<Promise> promises = EnumSet.noneOf(Promise.class);

  /** What the sink is asked for. */
  enum Promise {
    AT_LEAST_ONCE,
    EXACTLY_ONCE
  }

  @Override
  public Integer call() throws Exception {
    String conditions =
        "A channel filled and stopped before, the same copy for each round, is drained by the kafka"
            + " sink (acks = all, all else by default) into a topic of one partition of one broker"
            + " on the same machine, for at most "
            + limitSeconds
            + " s; counted from the first take that is seen.";
    Path directory = BenchDirectories.fresh("kafka-server");
    try (KafkaBroker broker = KafkaBroker.start(directory)) {
      return run.report("kafka-drain", conditions, filled.settings(run), disk -> measure(broker));
    } finally {
      BenchDirectories.delete(directory);
    }
  }

  private List<Report.Section> measure(KafkaBroker broker) throws Exception {
    List<Report.Section> sections = new ArrayList<>();
    try (FilledOptions.Channels channels =
        filled.fill(run, EnumSet.of(FilledChannel.State.STOPPED))) {
      for (Promise promise : promises) {
        if (promise == Promise.EXACTLY_ONCE && !run.products().contains(Product.MILLRACE)) {
          continue;
        }
        for (int batch : batches) {
          sections.add(measure(broker, channels, promise, batch));
        }
      }
    }
    return sections;
  }

  private Report.Section measure(
      KafkaBroker broker, FilledOptions.Channels channels, Promise promise, int batch)
      throws Exception {
    boolean isOnce = promise == Promise.EXACTLY_ONCE;
    List<Drain> drains =
        run.inTurn(
            isOnce ? EnumSet.of(Product.MILLRACE) : run.products(),
            (product, round) -> {
              String topic = promise + "-" + batch + "-" + product.slug() + "-" + round;
              FilledChannel channel = channels.of(product);
              Drain drain =
                  Drain.measure(
                      channel,
                      new Flow.KafkaSink(broker.address(), topic, batch, isOnce),
                      round,
                      Duration.ofSeconds(limitSeconds));
              channel.clearLive();
              System.out.println(promise + " " + batch + " " + drain.line());
              return drain;
            });
    return Drain.section(
        String.format(
            Locale.ROOT,
            "kafka: %s, flumeBatchSize = %d: %s",
            promise.name().toLowerCase(Locale.ROOT).replace('_', ' '),
            batch,
            filled.description()),
        drains);
  }
}
