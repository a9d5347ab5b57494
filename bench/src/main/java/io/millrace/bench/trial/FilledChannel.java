/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.agent.AgentProcess;
import io.millrace.bench.agent.Flow;
import io.millrace.bench.agent.Ports;
import io.millrace.bench.agent.Product;
import io.millrace.bench.load.LoadGenerator;
import io.millrace.bench.load.Scenario;
import io.millrace.bench.machine.BenchDirectories;
import io.millrace.bench.machine.Pause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A file channel of one product that was filled once while nothing took from it, and is put back
 * for each round in the state that the round asks for. Confined to one thread; closing deletes all.
 */
public final class FilledChannel implements AutoCloseable {
  /** Room for what clients have under way beyond the last event asked for. */
  private static final long SPARE_CAPACITY = 1_000_000;

  /** Headers, framing, and what a product keeps for each event beside the log. */
  private static final int OVERHEAD_BYTES = 192;

  /** For a start that has to replay what was written since the last checkpoint. */
  private static final Duration PREPARATION_LIMIT = Duration.ofMinutes(30);

  private static final Duration POLL_INTERVAL = Duration.ofMillis(100);
  private static final int CLIENTS = 4;
  private static final int BATCH_EVENTS = 1000;

  /** How the agent before ended, and with what. */
  public enum State {
    /** An orderly stop with one event in the channel. */
    ONE_EVENT,
    /** An orderly stop with all events. */
    STOPPED,
    /** Killed right after the last event was acknowledged. */
    KILLED
  }

  private final Product product;
  private final long events;
  private final int bodyBytes;
  private final List<String> jvmOptions;
  private final Path live;
  private final Path kept;
  private final Map<State, ChannelState> states = new EnumMap<>(State.class);

  private FilledChannel(Product product, long events, int bodyBytes, List<String> jvmOptions)
      throws IOException {
    this.product = product;
    this.events = events;
    this.bodyBytes = bodyBytes;
    this.jvmOptions = jvmOptions;
    this.live = BenchDirectories.fresh(product.slug() + "-filled");
    this.kept = BenchDirectories.fresh(product.slug() + "-kept");
  }

  /** Space that one channel takes on disk at most. */
  public static long maxBytes(long events, int bodyBytes) {
    return events * (bodyBytes + OVERHEAD_BYTES);
  }

  /**
   * Fills a channel of {@code product} with as many events, rounded up to a batch or a few.
   *
   * @param wanted states that {@link #restore} will be asked for; an orderly stop of a full channel
   *     may take a product long to reach
   */
  public static FilledChannel fill(
      Product product, long events, int bodyBytes, List<String> jvmOptions, Set<State> wanted)
      throws IOException, InterruptedException {
    FilledChannel channel = new FilledChannel(product, events, bodyBytes, jvmOptions);
    try {
      channel.prepare(wanted);
      return channel;
    } catch (IOException | InterruptedException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private void prepare(Set<State> wanted) throws IOException, InterruptedException {
    try (AgentProcess agent = AgentProcess.start(product, flow(new Flow.NoSink()), jvmOptions)) {
      append(agent, new Scenario("one", 1, 1, bodyBytes, 1), 1);
      agent.stop();
    }
    states.put(State.ONE_EVENT, ChannelState.keep(live, kept.resolve("one")));

    clearLive();
    Scenario scenario = new Scenario("fill", CLIENTS, BATCH_EVENTS, bodyBytes, 1);
    try (AgentProcess agent = AgentProcess.start(product, flow(new Flow.NoSink()), jvmOptions)) {
      append(agent, scenario, (events + BATCH_EVENTS - 1) / BATCH_EVENTS);
    }
    ChannelState killed = ChannelState.keep(live, kept.resolve("killed"));
    states.put(State.KILLED, killed);

    if (wanted.contains(State.STOPPED)) {
      try (AgentProcess agent = AgentProcess.launch(product, flow(new Flow.NoSink()), jvmOptions)) {
        agent.awaitReady(PREPARATION_LIMIT);
        agent.stop();
      }
      states.put(State.STOPPED, ChannelState.keepSince(killed, live, kept.resolve("stopped")));
    }
    clearLive();
  }

  private static void append(AgentProcess agent, Scenario scenario, long requests)
      throws IOException, InterruptedException {
    try (LoadGenerator load = LoadGenerator.start(agent.source(), scenario, requests)) {
      while (load.isRunning()) {
        Pause.of(POLL_INTERVAL);
      }
      load.check();
      long refused = load.ledger().requestsFailed();
      if (refused > 0) {
        throw new IOException(refused + " requests were refused while filling (expected: 0)");
      }
    }
  }

  /** A configuration over the directory that {@link #restore} fills. */
  Flow flow(Flow.Sink sink) throws IOException {
    return new Flow(live, Ports.free(1)[0], events + SPARE_CAPACITY, sink);
  }

  /** Puts the channel back; the disk is quiet when this returns. */
  void restore(State state) throws IOException, InterruptedException {
    states.get(state).restore(live);
    BenchDirectories.settle();
  }

  /** As if someone had lost the checkpoint, or deleted it to repair something. */
  void deleteCheckpoint() throws IOException {
    BenchDirectories.delete(live.resolve("checkpoint"));
  }

  /** Frees the space of the agent's copy until the next {@link #restore}. */
  public void clearLive() throws IOException {
    BenchDirectories.delete(live);
    Files.createDirectories(live);
  }

  public Product product() {
    return product;
  }

  List<String> jvmOptions() {
    return jvmOptions;
  }

  @Override
  public void close() throws IOException {
    BenchDirectories.delete(live);
    BenchDirectories.delete(kept);
  }
}
