/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import java.time.Duration;
import java.util.Map;

/**
 * Options of the failover processor. The order that comes of the priorities stands in the members
 * of the group. Immutable.
 */
@Component(
    kind = ComponentKind.SINK_PROCESSOR,
    name = "failover",
    flumeClasses = "org.apache.flume.sink.FailoverSinkProcessor",
    summary = "All to one sink while it works, else to the next; back to it when it works again.")
public record Failover(
    @Option(
            doc =
                "priority.SINK: a whole number; the sink with the largest one is used. Sinks without"
                    + " come after those that have one, in the order of the list.",
            name = "priority.*")
        Map<String, String> priority,
    @Option(
            doc =
                "Longest time that a failed sink is left out while another one works: 2 s after the"
                    + " first failure, doubling up to this.",
            name = "maxpenalty",
            def = "30000",
            bareUnit = BareUnit.MILLISECONDS,
            min = 0,
            fallsBack = true)
        Duration maxPenalty,
    @Option(
            doc =
                "Time after which a sink that has all the deliveries it wants and settles none of"
                    + " them counts as failed; 0 waits for ever.",
            name = "millrace.stall-timeout",
            def = "60 s",
            bareUnit = BareUnit.MILLISECONDS,
            min = 0)
        Duration stallTimeout)
    implements SinkProcessor {
  public Failover {
    priority = Map.copyOf(priority);
  }
}
