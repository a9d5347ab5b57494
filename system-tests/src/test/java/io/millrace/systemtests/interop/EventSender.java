/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests.interop;

import java.util.List;

/** A client of Flume. Confined to one thread at a time. */
public interface EventSender extends AutoCloseable {
  /**
   * Sends events in this order, a single one as Flume sends a single one. When it returns, all are
   * acknowledged.
   */
  void send(List<TestEvent> batch) throws Exception;

  @Override
  void close() throws Exception;
}
