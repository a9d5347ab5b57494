/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.agent.ProcessFacts;
import io.millrace.bench.load.LoadGenerator;
import io.millrace.bench.machine.MachineCpu;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** Counters of one moment; differences of two are what is reported. Immutable. */
record Snapshot(
    long nanos,
    long requestsOk,
    long drainedEvents,
    long eventsInside,
    double agentCpuSeconds,
    double loadCpuSeconds,
    double machineCpuSeconds,
    Map<String, Double> threadCpuSeconds) {

  static Snapshot take(Chain chain, LoadGenerator load) throws IOException, InterruptedException {
    Map<String, Double> threads = chain.cpuSecondsByThread();
    return new Snapshot(
        System.nanoTime(),
        load.ledger().requestsOk(),
        chain.eventsDelivered(),
        chain.eventsInside(),
        chain.cpuSeconds(),
        new ProcessFacts(ProcessHandle.current().pid()).cpuSeconds(),
        MachineCpu.busySeconds(),
        threads);
  }

  double secondsSince(Snapshot before) {
    return (nanos - before.nanos) / 1e9;
  }

  double agentCpuSince(Snapshot before) {
    return agentCpuSeconds - before.agentCpuSeconds;
  }

  double loadCpuSince(Snapshot before) {
    return loadCpuSeconds - before.loadCpuSeconds;
  }

  /** What the machine spent beside agent and load generator. */
  double otherCpuSince(Snapshot before) {
    double machine = machineCpuSeconds - before.machineCpuSeconds;
    return Math.max(0, machine - agentCpuSince(before) - loadCpuSince(before));
  }

  /** By thread, those that spent anything, to 10 ms. */
  Map<String, Double> threadCpuSince(Snapshot before) {
    Map<String, Double> threads = new TreeMap<>();
    threadCpuSeconds.forEach(
        (thread, cpu) -> {
          double spent = cpu - before.threadCpuSeconds.getOrDefault(thread, 0.0);
          if (spent > 0) {
            threads.put(thread, Math.round(spent * 100) / 100.0);
          }
        });
    return threads;
  }
}
