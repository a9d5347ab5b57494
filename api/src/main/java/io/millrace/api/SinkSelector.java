/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.function.IntPredicate;

/**
 * Chooses which sink of a {@code load_balance} group gets the next delivery. A configuration names
 * the class of one in {@code processor.selector}; it has a public constructor that takes the names
 * of the sinks in their order ({@code List<String>}) and the keys below {@code processor.selector.}
 * with their values ({@code Map<String, String>}), and throws {@link ConfigurationException} when
 * they cannot be.
 *
 * <p>Sinks are told by their position in that list, from 0. The engine calls from many threads, one
 * at a time, and everything waits meanwhile: no call may block.
 *
 * @since 0.1
 */
public interface SinkSelector {
  /**
   * The sink that gets the next delivery.
   *
   * @param isReady whether the sink at a position can take one now: it runs, is not left out after
   *     a failure, and has room. At least one is; another one than these is an error, and the first
   *     ready sink is taken instead
   */
  int select(IntPredicate isReady);

  /** Tells that the sink at this position could not deliver. */
  default void failed(int position) {}
}
