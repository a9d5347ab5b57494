/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.metrics;

/**
 * A distribution at one time: count and sum of all values, the rest of those of the last half to
 * whole minute, to two significant digits. Immutable.
 */
public record DistributionSummary(long count, double sum, long p50, long p99, long max) {}
