/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.concurrent.ThreadFactory;

/**
 * What every component gets from the engine.
 *
 * @since 0.1
 */
public interface ComponentContext {
  /** Name of the agent. */
  String agent();

  /** Name of the component in the configuration. */
  String name();

  Metrics metrics();

  /** Makes threads named {@code agent/kind/component/role}; daemons. */
  ThreadFactory threads(String role);
}
