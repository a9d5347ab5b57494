/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.runtime;

import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;

/** An agent of two flows side by side, for tests that change one of them. */
abstract class TwoFlows {
  static final Duration SOON = Duration.ofSeconds(60);

  final ToySource source = new ToySource();
  final ToySource otherSource = new ToySource();
  final ToyChannel channel = new ToyChannel(100, true);
  final ToyChannel memory = new ToyChannel(100, false);
  final ToySink sink = new ToySink(1);
  final ToySink otherSink = new ToySink(1);

  /** {@code r1 -> c1 (durable) -> k1} and {@code r2 -> c2 (memory) -> k2}. */
  final ToyAgents before =
      ToyAgents.EMPTY
          .channel("c1", channel)
          .channel("c2", memory)
          .source("r1", source, "c1")
          .source("r2", otherSource, "c2")
          .sink("k1", sink, "c1")
          .sink("k2", otherSink, "c2");

  Agent agent;

  @AfterEach
  void stop() {
    if (agent != null) {
      agent.stop(Duration.ofSeconds(2));
    }
  }

  void start(ToyAgents definition) {
    agent = Agent.create(definition.definition());
    agent.start();
  }

  static List<String> numbers(int from, int to) {
    return IntStream.range(from, to).mapToObj(String::valueOf).toList();
  }
}
