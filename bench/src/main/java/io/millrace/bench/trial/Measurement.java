/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

import io.millrace.bench.agent.Product;
import io.millrace.bench.load.Ledger;
import java.util.Map;

/**
 * One product under load, measured once, after its warm-up.
 *
 * @param ackedBodyBytesPerSecond the bodies alone of what was acknowledged
 * @param drainedEventsPerSecond what the sink took from the channel; null where there is none
 * @param throughEventsPerSecond all events that the sink took, by the time from the first request,
 *     warm-up included, until the channel was empty again after the load had ended; null where that
 *     was not waited for
 * @param backlogEvents what was in the channel when the measured time ended
 * @param cpuSecondsPerMillionEvents of all agents, per million events acknowledged; null when there
 *     were none
 * @param otherCpuCores cores that neither the agent nor the load generator used, but someone did
 * @param stopSeconds of an orderly stop; null where it was killed
 * @param threadCpuSeconds of the agent's threads, by name
 */
public record Measurement(
    Product product,
    int round,
    double seconds,
    double ackedEventsPerSecond,
    double ackedBodyBytesPerSecond,
    Double drainedEventsPerSecond,
    Double throughEventsPerSecond,
    long backlogEvents,
    Double cpuSecondsPerMillionEvents,
    double agentCpuCores,
    double loadCpuCores,
    double otherCpuCores,
    long peakRssBytes,
    Ledger.Latency latency,
    long requestsFailed,
    double startSeconds,
    Double stopSeconds,
    Map<String, Double> threadCpuSeconds) {

  /** Of all agents, by what reached the end; null where nothing did. */
  public Double cpuSecondsPerMillionDrained() {
    boolean isDrained = drainedEventsPerSecond != null && drainedEventsPerSecond > 0;
    return isDrained ? Double.valueOf(agentCpuCores / drainedEventsPerSecond * 1e6) : null;
  }
}
