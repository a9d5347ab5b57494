/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.load.Scenario;

/** Loads of the file channel: events in a request, which is one transaction, by clients. */
enum ChannelLoad {
  B1000_C4(1000, 4),
  B1000_C32(1000, 32),
  B100_C4(100, 4),
  B100_C32(100, 32),
  B1_C4(1, 4),
  B1_C32(1, 32);

  private static final int BODY_BYTES = 512;

  private final int batchEvents;
  private final int clients;

  ChannelLoad(int batchEvents, int clients) {
    this.batchEvents = batchEvents;
    this.clients = clients;
  }

  Scenario scenario() {
    return new Scenario(name(), clients, batchEvents, BODY_BYTES, 1);
  }
}
