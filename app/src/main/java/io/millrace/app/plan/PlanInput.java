/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.plan;

import java.time.Duration;

/**
 * What is planned for. Immutable.
 *
 * @param rate events a second of one host at its peak
 * @param bodyBytes of an event, on average
 * @param downtime how long what comes next may be away, on either tier, without a loss
 * @param headroom share added to what has to be kept and left free of what can be done: 0.3 for 30
 *     %
 * @param copies of each batch in a file channel
 * @param secondCopy how long each host keeps a second copy in files; zero for none
 * @param compression how many times smaller events get in the file channel
 * @param spare collectors of a site that may be down at a time
 * @param batchEvents events of one call: 1000, 100 or 1, as was measured
 * @param collectorCores of one collector
 * @param linkBits network of one collector, bits a second each way
 * @param diskBytes what a collector's disk takes in synced writes, bytes a second
 */
record PlanInput(
    double rate,
    double bodyBytes,
    Duration downtime,
    long hosts,
    int sites,
    double headroom,
    int copies,
    Duration secondCopy,
    double compression,
    int spare,
    int batchEvents,
    int collectorCores,
    double linkBits,
    double diskBytes) {
  private static final double MAX_BODY_BYTES = 60e6;
  private static final Duration MAX_TIME = Duration.ofDays(3660);

  PlanInput {
    check("--rate", rate, 1e-3, 1e12, "events a second of one host");
    check("--event-size", bodyBytes, 1, MAX_BODY_BYTES, "bytes: a call holds 64 MiB at most");
    check("--hosts", hosts, 1, 1e8, "hosts");
    check("--sites", sites, 1, hosts, "sites, each with a host at least");
    check("--headroom", headroom * 100, 0, 1000, "percent");
    check("--copies", copies, 1, 2, "copies in the file channel");
    check("--compression", compression, 1, 100, "times smaller");
    check("--spare", spare, 0, 100, "collectors of a site");
    check("--cores", collectorCores, 1, 1024, "cores of a collector");
    check("--network", linkBits, 1e6, 1e13, "bits a second");
    check("--disk", diskBytes, 1e5, 1e12, "bytes a second");
    checkTime("--downtime", downtime);
    checkTime("--second-copy", secondCopy);
    if (batchEvents != 1 && batchEvents != 100 && batchEvents != 1000) {
      throw new IllegalArgumentException(
          "--batch: " + batchEvents + " (expected: 1000, 100 or 1, as was measured)");
    }
  }

  private static void check(String name, double value, double min, double max, String what) {
    if (!(value >= min && value <= max)) {
      throw new IllegalArgumentException(
          name
              + ": "
              + Units.plain(value)
              + " (expected: "
              + Units.plain(min)
              + " to "
              + Units.plain(max)
              + " "
              + what
              + ")");
    }
  }

  private static void checkTime(String name, Duration time) {
    if (time.isNegative() || time.compareTo(MAX_TIME) > 0) {
      throw new IllegalArgumentException(
          name + ": " + Units.span(time) + " (expected: 0 to ten years)");
    }
  }

  double downtimeSeconds() {
    return downtime.toMillis() / 1e3;
  }

  double secondCopySeconds() {
    return secondCopy.toMillis() / 1e3;
  }

  /** What has to be kept, and a share more. */
  double withHeadroom() {
    return 1 + headroom;
  }
}
