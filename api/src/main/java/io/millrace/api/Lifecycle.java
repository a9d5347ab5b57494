/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

/**
 * A component's life: built, started once, stopped once. The engine calls these from one thread at
 * a time. No object is started again after its stop: a component that failed is built anew from its
 * options.
 *
 * @since 0.1
 */
public interface Lifecycle {
  /**
   * Begins work. May fail with a {@link TransientException} (a port in use, a directory not there
   * yet): the engine then calls it again, with back-off, while the other components run.
   *
   * @throws Exception when the component could not start; it must then hold no resource
   */
  default void start() throws Exception {}

  /** Ends work and frees what is held. Safe without start, and to call again. */
  default void stop() throws Exception {}
}
