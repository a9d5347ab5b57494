/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.Product.Launch;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** One run of one product under one load: start, warm up, measure, stop, clear away. */
final class Trial {
  private static final long MAX_REQUESTS = 2_000_000_000L;

  /** A channel that is not empty after this time counts with what was drained until then. */
  private static final Duration DRAIN_TIMEOUT = Duration.ofMinutes(3);

  private static final Duration DRAIN_POLL_INTERVAL = Duration.ofMillis(100);

  private Trial() {}

  /**
   * What is the same for all runs.
   *
   * @param jvmOptions of the agents
   */
  record Plan(Duration warmUp, Duration measured, List<String> jvmOptions, boolean isRecording) {}

  static Measurement run(Product product, Scenario scenario, int round, Plan plan)
      throws IOException, InterruptedException {
    String name = product.name().toLowerCase(java.util.Locale.ROOT) + "-" + scenario.name();
    Path directory = BenchDirectories.fresh(name);
    settle();
    int[] ports = freePorts(2);
    Path file = directory.resolve("flow.conf");
    Files.writeString(file, configuration(directory, ports[0]));
    List<String> jvmOptions = new ArrayList<>(plan.jvmOptions());
    Path recording = BenchDirectories.root().resolve("bench/target/jfr/" + name + ".jfr");
    if (plan.isRecording()) {
      Files.createDirectories(recording.getParent());
      jvmOptions.add(
          "-XX:StartFlightRecording=settings=profile,dumponexit=true,filename=" + recording);
    }
    Launch launch = new Launch(directory, file, ports[1], jvmOptions);
    Measurement measurement;
    try (AgentProcess agent =
            AgentProcess.start(product, BenchDirectories.root(), launch, ports[0]);
        LoadGenerator load = LoadGenerator.start(agent.source(), scenario, MAX_REQUESTS)) {
      long startNanos = System.nanoTime();
      pause(load, plan.warmUp());
      Snapshot before = Snapshot.take(agent, load);
      pause(load, plan.measured());
      Snapshot after = Snapshot.take(agent, load);
      long backlog = agent.channelMetric("ChannelSize");
      load.stop();
      double through = throughEventsPerSecond(agent, startNanos);
      long peakRssBytes = agent.facts().peakRssBytes();
      Duration stopTime = agent.stop();
      measurement =
          measurement(
              product,
              scenario,
              round,
              before,
              after,
              through,
              backlog,
              peakRssBytes,
              load.ledger(),
              agent.startTime(),
              stopTime);
    }
    BenchDirectories.delete(directory);
    if (plan.isRecording()) {
      System.out.println(HotMethods.read(recording).markdown(25));
    }
    return measurement;
  }

  /** The same text for both; capacities high enough that they do not limit. */
  private static String configuration(Path directory, int sourcePort) {
    return """
        a1.sources = r1
        a1.channels = c1
        a1.sinks = k1
        a1.sources.r1.type = avro
        a1.sources.r1.bind = 127.0.0.1
        a1.sources.r1.port = %d
        a1.sources.r1.channels = c1
        a1.channels.c1.type = file
        a1.channels.c1.checkpointDir = %s/checkpoint
        a1.channels.c1.dataDirs = %s/data
        a1.channels.c1.capacity = 20000000
        a1.channels.c1.transactionCapacity = 10000
        a1.sinks.k1.type = null
        a1.sinks.k1.channel = c1
        a1.sinks.k1.batchSize = 1000
        a1.sinks.k1.logEveryNEvents = 1000000000
        """
        .formatted(sourcePort, directory, directory);
  }

  /** Waits until the sink has had everything. */
  private static double throughEventsPerSecond(AgentProcess agent, long startNanos)
      throws IOException, InterruptedException {
    long deadlineNanos = System.nanoTime() + DRAIN_TIMEOUT.toNanos();
    while (agent.channelMetric("ChannelSize") > 0 && System.nanoTime() - deadlineNanos < 0) {
      Pause.of(DRAIN_POLL_INTERVAL);
    }
    double seconds = (System.nanoTime() - startNanos) / 1e9;
    return agent.channelMetric("EventTakeSuccessCount") / seconds;
  }

  private static void pause(LoadGenerator load, Duration time) throws InterruptedException {
    Pause.of(time);
    load.check();
  }

  /** Ends what earlier runs left the kernel to write, so that it does not fall on this one. */
  private static void settle() throws IOException, InterruptedException {
    new ProcessBuilder("sync").inheritIO().start().waitFor();
    Pause.of(Duration.ofSeconds(1));
  }

  private static int[] freePorts(int count) throws IOException {
    ServerSocket[] sockets = new ServerSocket[count];
    int[] ports = new int[count];
    for (int i = 0; i < count; i++) {
      sockets[i] = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      ports[i] = sockets[i].getLocalPort();
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }

  /** Counters of one moment; differences of two are what is reported. */
  private record Snapshot(
      long nanos,
      long requestsOk,
      long drainedEvents,
      double agentCpuSeconds,
      double loadCpuSeconds,
      double machineCpuSeconds,
      Map<String, Double> threadCpuSeconds) {
    static Snapshot take(AgentProcess agent, LoadGenerator load)
        throws IOException, InterruptedException {
      Map<String, Double> threads = agent.facts().cpuSecondsByThread();
      long drained = agent.channelMetric("EventTakeSuccessCount");
      return new Snapshot(
          System.nanoTime(),
          load.ledger().requestsOk(),
          drained,
          agent.facts().cpuSeconds(),
          new ProcessFacts(ProcessHandle.current().pid()).cpuSeconds(),
          MachineCpu.busySeconds(),
          threads);
    }
  }

  private static Measurement measurement(
      Product product,
      Scenario scenario,
      int round,
      Snapshot before,
      Snapshot after,
      double through,
      long backlog,
      long peakRssBytes,
      Ledger ledger,
      Duration startTime,
      Duration stopTime) {
    double seconds = (after.nanos - before.nanos) / 1e9;
    long requests = after.requestsOk - before.requestsOk;
    double events = (double) requests * scenario.batchEvents();
    double agentCpu = after.agentCpuSeconds - before.agentCpuSeconds;
    double loadCpu = after.loadCpuSeconds - before.loadCpuSeconds;
    double machineCpu = after.machineCpuSeconds - before.machineCpuSeconds;
    Map<String, Double> threads = new TreeMap<>();
    after.threadCpuSeconds.forEach(
        (thread, cpu) -> {
          double spent = cpu - before.threadCpuSeconds.getOrDefault(thread, 0.0);
          if (spent > 0) {
            threads.put(thread, Math.round(spent * 100) / 100.0);
          }
        });
    return new Measurement(
        product,
        round,
        seconds,
        events / seconds,
        (after.drainedEvents - before.drainedEvents) / seconds,
        through,
        backlog,
        agentCpu / events * 1e6,
        agentCpu / seconds,
        loadCpu / seconds,
        Math.max(0, (machineCpu - agentCpu - loadCpu) / seconds),
        peakRssBytes,
        ledger.latency(before.requestsOk, after.requestsOk),
        ledger.requestsFailed(),
        startTime.toMillis() / 1e3,
        stopTime.toMillis() / 1e3,
        threads);
  }

  /** Processor time of the whole machine. */
  static final class MachineCpu {
    private MachineCpu() {}

    /** User, nice, system, interrupt time of all cores so far; not idle, not waiting for a disk. */
    static double busySeconds() throws IOException {
      String[] fields = Files.readAllLines(Path.of("/proc/stat")).get(0).split(" +");
      long ticks = 0;
      for (int field : new int[] {1, 2, 3, 6, 7}) {
        ticks += Long.parseLong(fields[field]);
      }
      return ticks / 100.0;
    }
  }
}
