/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import java.time.Duration;
import java.util.Map;

/** Options of the load balancing processor. Immutable. */
@Component(
    kind = ComponentKind.SINK_PROCESSOR,
    name = "load_balance",
    flumeClasses = "org.apache.flume.sink.LoadBalancingSinkProcessor",
    summary = "Each delivery to one of the sinks that work and have room, in turn or at random.")
public record LoadBalance(
    @Option(
            doc =
                "round_robin, random, or the name of a class that implements"
                    + " io.millrace.api.SinkSelector.",
            def = "round_robin")
        String selector,
    @Option(
            doc =
                "Whether a failed sink is left out longer: 2 s after the first failure, doubling up to"
                    + " selector.maxTimeOut. Without, 0.1 s, doubling up to 5 s.",
            def = "false")
        boolean backoff,
    @Option(
            doc = "Longest time that a failed sink is left out, with backoff; 0 means 30 s.",
            name = "selector.maxTimeOut",
            def = "30000",
            bareUnit = BareUnit.MILLISECONDS,
            min = 0)
        Duration maxTimeOut,
    @Option(doc = "selector.KEY: options of a selector of one's own.", name = "selector.*")
        Map<String, String> selectorOptions)
    implements SinkProcessor {
  private static final Duration DEFAULT_MAX_TIME_OUT = Duration.ofSeconds(30);

  public LoadBalance {
    selectorOptions = Map.copyOf(selectorOptions);
    maxTimeOut = maxTimeOut.isZero() ? DEFAULT_MAX_TIME_OUT : maxTimeOut;
  }
}
