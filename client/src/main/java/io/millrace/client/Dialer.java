/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

/**
 * Makes connections to one server in one protocol: each protocol is a dialer of its own, and all
 * that is above it is the same for all.
 */
interface Dialer extends AutoCloseable {
  /** Starts to connect and returns at once. */
  Link dial();

  /** Closes every connection. */
  @Override
  void close();

  /** Makes the dialer of a server, when it is first needed. */
  @FunctionalInterface
  interface Factory {
    Dialer of(ServerAddress address);
  }
}
