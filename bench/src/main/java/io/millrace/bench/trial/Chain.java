/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.agent.AgentProcess;
import io.millrace.bench.agent.Flow;
import io.millrace.bench.agent.Ports;
import io.millrace.bench.agent.Product;
import io.millrace.bench.load.KafkaBroker;
import io.millrace.bench.load.NextHop;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The agents that events go through, all of one product, and the server behind them if there is
 * one. Closing kills them.
 */
final class Chain implements AutoCloseable {
  /** A memory channel keeps its events on the heap. */
  private static final long MEMORY_CAPACITY = 100_000;

  /** In the way of the events. */
  private final List<AgentProcess> agents = new ArrayList<>();

  private NextHop hop;
  private KafkaBroker kafka;

  private Chain() {}

  /** Starts all agents, the last first, and waits until each of them is ready. */
  static Chain start(Product product, Path directory, Trial.Plan plan, List<String> jvmOptions)
      throws IOException, InterruptedException {
    Chain chain = new Chain();
    try {
      switch (plan.route()) {
        case NO_SINK ->
            chain.prepend(product, flow(directory, plan, new Flow.NoSink()), jvmOptions);
        case NULL_SINK ->
            chain.prepend(product, flow(directory, plan, new Flow.NullSink()), jvmOptions);
        case MEMORY ->
            chain.prepend(
                product,
                new Flow(
                    directory,
                    Ports.free(1)[0],
                    MEMORY_CAPACITY,
                    Flow.Channel.MEMORY,
                    new Flow.NullSink()),
                jvmOptions);
        case HTTP ->
            chain.prepend(
                product,
                new Flow(
                        directory,
                        Ports.free(1)[0],
                        MEMORY_CAPACITY,
                        Flow.Channel.MEMORY,
                        new Flow.NullSink())
                    .over(new Flow.HttpSource()),
                jvmOptions);
        case HTTP_FILE ->
            chain.prepend(
                product,
                flow(directory, plan, new Flow.NullSink()).over(new Flow.HttpSource()),
                jvmOptions);
        case HOP -> {
          chain.hop = NextHop.open();
          chain.prepend(
              product, flow(directory, plan, new Flow.AvroSink(chain.hop.port())), jvmOptions);
        }
        case KAFKA, KAFKA_ONCE -> {
          chain.kafka = KafkaBroker.start(Files.createDirectories(directory.resolve("kafka")));
          boolean isOnce = plan.route() == Route.KAFKA_ONCE;
          Flow.Sink sink = new Flow.KafkaSink(chain.kafka.address(), "bench", 1000, isOnce);
          chain.prepend(product, flow(directory, plan, sink), jvmOptions);
        }
        case TWO_TIERS -> {
          Path collector = Files.createDirectories(directory.resolve("collector"));
          Path agent = Files.createDirectories(directory.resolve("agent"));
          chain.prepend(product, flow(collector, plan, new Flow.FileRollSink()), jvmOptions);
          int port = chain.source().getPort();
          chain.prepend(product, flow(agent, plan, new Flow.AvroSink(port)), jvmOptions);
        }
      }
      return chain;
    } catch (IOException | InterruptedException | RuntimeException e) {
      chain.close();
      throw e;
    }
  }

  private static Flow flow(Path directory, Trial.Plan plan, Flow.Sink sink) throws IOException {
    return new Flow(directory, Ports.free(1)[0], plan.capacity(), sink);
  }

  private void prepend(Product product, Flow flow, List<String> jvmOptions)
      throws IOException, InterruptedException {
    agents.add(0, AgentProcess.start(product, flow, jvmOptions));
  }

  /** Where load goes. */
  InetSocketAddress source() {
    return agents.get(0).source();
  }

  /** Since the first agent in the way, which is the last to be started, was started. */
  Duration age() {
    return agents.get(0).age();
  }

  /** What the last sink has taken from its channel. */
  long eventsDelivered() throws IOException, InterruptedException {
    return agents.get(agents.size() - 1).channelMetrics().eventsTaken();
  }

  /** In all channels. */
  long eventsInside() throws IOException, InterruptedException {
    long events = 0;
    for (AgentProcess agent : agents) {
      events += agent.channelMetrics().eventsInside();
    }
    return events;
  }

  /** Of all agents. */
  double cpuSeconds() throws IOException {
    double seconds = 0;
    for (AgentProcess agent : agents) {
      seconds += agent.facts().cpuSeconds();
    }
    return seconds;
  }

  /** Of all agents: threads of the same name count together. */
  Map<String, Double> cpuSecondsByThread() throws IOException {
    Map<String, Double> seconds = new TreeMap<>();
    for (AgentProcess agent : agents) {
      agent
          .facts()
          .cpuSecondsByThread()
          .forEach((name, cpu) -> seconds.merge(name, cpu, Double::sum));
    }
    return seconds;
  }

  /** Of all agents. */
  long peakRssBytes() throws IOException {
    long bytes = 0;
    for (AgentProcess agent : agents) {
      bytes += agent.facts().peakRssBytes();
    }
    return bytes;
  }

  /** Orderly stops, one after the other in the way of the events. */
  Duration stop() throws InterruptedException {
    Duration total = Duration.ZERO;
    for (AgentProcess agent : agents) {
      total = total.plus(agent.stop());
    }
    return total;
  }

  @Override
  public void close() throws IOException, InterruptedException {
    for (AgentProcess agent : agents) {
      agent.close();
    }
    if (hop != null) {
      hop.close();
    }
    if (kafka != null) {
      kafka.close();
    }
  }
}
