/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.trial.Drain;
import io.millrace.bench.trial.FilledChannel;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The file channel emptied by a null sink while nothing fills it. */
@Command(name = "drain", description = "file channel, filled before -> null sink, both products.")
final class DrainCommand implements Callable<Integer> {
  @Mixin private RunOptions run;
  @Mixin private FilledOptions filled;

  @Option(
      names = "--limit-seconds",
      defaultValue = "30",
      description = "A round ends then, if the channel is not empty before (${DEFAULT-VALUE}).")
  private int limitSeconds;

  @Override
  public Integer call() throws Exception {
    String conditions =
        "A channel filled and stopped before, the same copy for each round, is drained by a null"
            + " sink (batches of 1,000) until it is empty, for at most "
            + limitSeconds
            + " s; counted from the first take that is seen.";
    return run.report(
        "drain",
        conditions,
        filled.settings(run),
        disk -> {
          try (FilledOptions.Channels channels =
              filled.fill(run, EnumSet.of(FilledChannel.State.STOPPED))) {
            List<Drain> drains =
                run.inTurn(
                    (product, round) -> {
                      FilledChannel channel = channels.of(product);
                      Drain drain = Drain.measure(channel, round, Duration.ofSeconds(limitSeconds));
                      channel.clearLive();
                      System.out.println(drain.line());
                      return drain;
                    });
            return List.of(Drain.section("drain: " + filled.description(), drains));
          }
        });
  }
}
