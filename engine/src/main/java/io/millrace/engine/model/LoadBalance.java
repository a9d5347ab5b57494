/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.model;

import io.millrace.api.BareUnit;
import io.millrace.api.Component;
import io.millrace.api.ComponentKind;
import io.millrace.api.Option;
import io.millrace.api.SinkSelector;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.random.RandomGenerator;

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
  /** Selectors that need no class of one's own. */
  public static final List<String> SELECTORS = List.of("round_robin", "random");

  private static final Duration DEFAULT_MAX_TIME_OUT = Duration.ofSeconds(30);
  private static final Map<String, String> FLUME_SELECTORS =
      Map.of(
          "org.apache.flume.sink.loadbalancingsinkprocessor$roundrobinsinkselector", "round_robin",
          "org.apache.flume.sink.loadbalancingsinkprocessor$randomordersinkselector", "random");

  public LoadBalance {
    String lower = selector.toLowerCase(Locale.ROOT);
    String own = FLUME_SELECTORS.getOrDefault(lower, lower);
    selector = SELECTORS.contains(own) ? own : selector;
    selectorOptions = Map.copyOf(selectorOptions);
    maxTimeOut = maxTimeOut.isZero() ? DEFAULT_MAX_TIME_OUT : maxTimeOut;
  }

  /** Options that a selector of the engine does not have. */
  @Override
  public Map<String, String> ineffective() {
    Map<String, String> ineffective = new HashMap<>();
    if (SELECTORS.contains(selector)) {
      selectorOptions
          .keySet()
          .forEach(key -> ineffective.put("selector." + key, selector + " has no such option"));
    }
    return ineffective;
  }

  /**
   * Makes the selector for these sinks.
   *
   * @throws io.millrace.api.ConfigurationException when there is none as configured
   */
  public SinkSelector newSelector(List<String> sinks, RandomGenerator random) {
    return switch (selector) {
      case "round_robin" -> new RoundRobin(sinks.size());
      case "random" -> new RandomChoice(sinks.size(), random);
      default -> SelectorClass.make(selector, sinks, selectorOptions);
    };
  }
}
