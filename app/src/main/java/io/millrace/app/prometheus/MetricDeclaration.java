/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.prometheus;

/**
 * What one metric is called and means outside. Immutable.
 *
 * @param kind {@code source}, {@code channel}, {@code sink}, …; {@code health} for what the agent's
 *     watch sees
 * @param name in JMX and JSON
 * @param exported with the suffix {@code _total} or {@code _info}; {@code -} when it is left out
 * @param scale what a value is multiplied with
 * @param isUnboundedAtMax whether the largest long means that there is no bound
 * @param help one sentence; for what is left out, why
 */
public record MetricDeclaration(
    String kind,
    String name,
    String exported,
    Type type,
    double scale,
    boolean isUnboundedAtMax,
    String help) {
  /** How a metric behaves. */
  public enum Type {
    COUNTER,
    GAUGE,
    SUMMARY,
    INFO,
    LEFT_OUT
  }

  boolean isLeftOut() {
    return type == Type.LEFT_OUT;
  }

  /** The value in the unit of the exported name. */
  double scaled(double value) {
    return isUnboundedAtMax && value >= Long.MAX_VALUE ? Double.POSITIVE_INFINITY : value * scale;
  }
}
