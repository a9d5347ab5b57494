/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.selector;

import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.EventBatch;
import io.millrace.api.Option;
import io.millrace.api.Selector;
import io.millrace.api.SelectorOptions;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Options of the load balancing selector. It gives whole batches away, not single events: no copy
 * is made, neighbours stay together, and a batch that comes again is in one channel or another,
 * never in parts. Immutable.
 */
@Component(
    kind = ComponentKind.SELECTOR,
    name = "load_balancing",
    flumeClasses = "org.apache.flume.channel.LoadBalancingChannelSelector",
    summary = "Sends each batch to one channel of the source, in turn or at random.")
public record LoadBalancingSelectorOptions(
    @Option(doc = "How the channel is chosen.", def = "round_robin") Policy policy)
    implements SelectorOptions {
  /** How the channel is chosen. */
  public enum Policy {
    ROUND_ROBIN,
    RANDOM
  }

  @Override
  public Selector build(List<String> channels) {
    List<Selector.Targets> targets =
        channels.stream()
            .map(channel -> new Selector.Targets(List.of(channel), List.of()))
            .toList();
    int count = targets.size();
    return switch (policy) {
      case ROUND_ROBIN -> {
        AtomicInteger next = new AtomicInteger();
        yield batch -> route(batch, targets.get(Math.floorMod(next.getAndIncrement(), count)));
      }
      case RANDOM -> batch -> route(batch, targets.get(ThreadLocalRandom.current().nextInt(count)));
    };
  }

  private static List<Selector.Route> route(EventBatch batch, Selector.Targets targets) {
    return List.of(new Selector.Route(batch, targets));
  }
}
