/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.agent.Product;
import io.millrace.bench.trial.FilledChannel;
import io.millrace.bench.trial.Restart;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How long an agent takes to start over a file channel with a backlog. */
@Command(
    name = "restart",
    description = "Start over a full file channel until the first event leaves, both products.")
final class RestartCommand implements Callable<Integer> {
  @Mixin private RunOptions run;
  @Mixin private FilledOptions filled;

  @Option(
      names = "--kinds",
      split = ",",
      defaultValue = "EMPTY,STOPPED,STOPPED_NO_CHECKPOINT,KILLED,KILLED_NO_CHECKPOINT",
      description = "Of ${COMPLETION-CANDIDATES} (all).")
  private Set<Restart.Kind> kinds = EnumSet.noneOf(Restart.Kind.class);

  @Option(
      names = "--limit-seconds",
      defaultValue = "120",
      description = "A start of Millrace that takes longer is cut off (${DEFAULT-VALUE}).")
  private int limitSeconds;

  @Option(
      names = "--flume-limit-seconds",
      defaultValue = "300",
      description = "A start of Flume that takes longer is cut off (${DEFAULT-VALUE}).")
  private int flumeLimitSeconds;

  @Override
  public Integer call() throws Exception {
    String conditions =
        "Seconds from the start of the process until the first event was received by the next hop"
            + " (an avro sink to a server that answers at once). Every round finds the same copy of"
            + " a channel that was filled before; its files are in the page cache as far as they"
            + " fit.";
    return run.report(
        "restart",
        conditions,
        filled.settings(run),
        disk -> {
          try (FilledOptions.Channels channels = filled.fill(run, states())) {
            List<List<Restart>> rounds =
                run.inTurn((product, round) -> restarts(channels.of(product), round));
            List<Restart> restarts = rounds.stream().flatMap(List::stream).toList();
            return List.of(
                Restart.section(
                    "restart: " + filled.description() + " behind",
                    restarts,
                    limitSeconds,
                    flumeLimitSeconds));
          }
        });
  }

  private Set<FilledChannel.State> states() {
    return kinds.stream().map(Restart.Kind::state).collect(Collectors.toSet());
  }

  private List<Restart> restarts(FilledChannel channel, int round) throws Exception {
    Duration limit =
        Duration.ofSeconds(
            channel.product() == Product.MILLRACE ? limitSeconds : flumeLimitSeconds);
    List<Restart> restarts = new ArrayList<>();
    for (Restart.Kind kind : kinds) {
      Restart restart = Restart.measure(channel, kind, round, limit);
      System.out.println(restart.line());
      restarts.add(restart);
    }
    channel.clearLive(); // the next product's copy needs the space
    return restarts;
  }
}
