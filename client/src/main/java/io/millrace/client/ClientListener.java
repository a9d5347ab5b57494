/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

/**
 * Hears what happens to a client's connections and events. Called on a thread of the client: must
 * not block. Without one of its own a client logs by slf4j, at a bounded rate.
 *
 * @since 0.1
 */
public interface ClientListener {
  /** A connection stands. */
  default void connected(ServerAddress server) {}

  /** A connection, a call or an answer failed; the server is left out for a time. */
  default void serverFailed(ServerAddress server, Throwable reason) {}

  /** Events were given up; their futures, if anyone holds them, fail with {@code reason}. */
  default void failed(int events, Throwable reason) {}
}
