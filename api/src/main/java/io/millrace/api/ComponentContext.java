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

  /**
   * Says that the component cannot go on: a defect, not a peer or a disk that is away for a while.
   * The engine stops it, logs the state of it, builds it anew and starts that with back-off, while
   * the other components run. The first call counts; to go on working until the stop is fine.
   *
   * <p>The end of a thread of {@link #threads} by an exception or an error says the same.
   */
  default void failed(Throwable cause) {}
}
