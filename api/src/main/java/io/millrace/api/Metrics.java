/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.function.LongSupplier;

/**
 * The counters and gauges of one component, shown over JMX, JSON and Prometheus under the names
 * given here. Asking twice for a name gives the same counter. Safe for many threads.
 *
 * @since 0.1
 */
public interface Metrics {
  /** A number that only grows, such as {@code EventReceivedCount}. */
  Counter counter(String name);

  /** A number read when somebody looks. A later gauge of that name replaces it. */
  void gauge(String name, LongSupplier value);

  /** A number that only grows. Safe for many threads. */
  interface Counter {
    void add(long amount);

    default void increment() {
      add(1);
    }

    long value();
  }
}
