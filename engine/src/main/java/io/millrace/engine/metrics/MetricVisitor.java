/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.engine.metrics;

import java.util.function.Supplier;

/** Is shown the metrics of a component, each as what it is. */
public interface MetricVisitor {
  void counter(String name, long value);

  /**
   * @param value may throw whatever the component throws
   */
  void gauge(String name, Supplier<Number> value);

  void distribution(String name, DistributionSummary value);
}
