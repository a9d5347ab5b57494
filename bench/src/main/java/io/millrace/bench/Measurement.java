/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import java.util.Map;

/**
 * One product, measured once, after its warm-up.
 *
 * @param drainedEventsPerSecond what the sink took from the channel
 * @param throughEventsPerSecond all events that the sink took, by the time from the first request,
 *     warm-up included, until the channel was empty again after the load had ended
 * @param backlogEvents what was in the channel when the measured time ended
 * @param cpuSecondsPerMillionEvents of the agent's process, per million events acknowledged
 * @param otherCpuCores cores that neither the agent nor the load generator used, but someone did
 * @param threadCpuSeconds of the agent's threads, by name
 */
record Measurement(
    Product product,
    int round,
    double seconds,
    double ackedEventsPerSecond,
    double drainedEventsPerSecond,
    double throughEventsPerSecond,
    long backlogEvents,
    double cpuSecondsPerMillionEvents,
    double agentCpuCores,
    double loadCpuCores,
    double otherCpuCores,
    long peakRssBytes,
    Ledger.Latency latency,
    long requestsFailed,
    double startSeconds,
    double stopSeconds,
    Map<String, Double> threadCpuSeconds) {}
