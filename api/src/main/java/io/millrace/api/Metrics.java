/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.function.LongSupplier;

/**
 * The counters, gauges and distributions of one component, shown over JMX, JSON and Prometheus
 * under the names given here. Asking twice for a name gives the same counter. Safe for many
 * threads.
 *
 * @since 0.1
 */
public interface Metrics {
  /** A number that only grows, such as {@code EventReceivedCount}. */
  Counter counter(String name);

  /** A number read when somebody looks. A later gauge of that name replaces it. */
  void gauge(String name, LongSupplier value);

  /**
   * Values of which a mean would say little, such as times. Shown as {@code <name>P50}, {@code P99}
   * and {@code Max} of the last minute, and {@code <name>Count} of all. Asking twice for a name
   * gives the same one.
   */
  Distribution distribution(String name);

  /** Takes values one by one. Safe for many threads. */
  @FunctionalInterface
  interface Distribution {
    /** Notes one value; below 0 counts as 0. */
    void record(long value);
  }

  /** A number that only grows. Safe for many threads. */
  interface Counter {
    void add(long amount);

    default void increment() {
      add(1);
    }

    long value();
  }
}
