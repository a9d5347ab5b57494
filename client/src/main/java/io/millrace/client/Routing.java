/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

/**
 * Which of several servers gets a call. A server that failed is left out for a time that grows with
 * each failure in a row; after it one call goes there to see.
 *
 * @since 0.1
 */
public enum Routing {
  /**
   * All calls go to one server, first the first of the list. When it fails, the next of the list
   * takes its place, after the last the first. A server that works is not left for one further up.
   */
  FAILOVER,
  /** Each call goes to the next server of the list that is not left out. */
  ROUND_ROBIN,
  /** Each call goes to any server that is not left out. */
  RANDOM
}
