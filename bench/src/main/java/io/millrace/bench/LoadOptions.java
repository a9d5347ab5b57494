/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench;

import io.millrace.bench.load.Scenario;
import picocli.CommandLine.Option;

/** Options of commands that put load on a source. */
final class LoadOptions {
  @Option(names = "--clients", defaultValue = "4")
  private int clients;

  @Option(names = "--batch-events", defaultValue = "1000")
  private int batchEvents;

  @Option(names = "--body-bytes", defaultValue = "512")
  private int bodyBytes;

  @Option(
      names = "--in-flight",
      defaultValue = "1",
      description = "Requests of a client under way; Flume's own clients wait for each answer.")
  private int inFlight;

  Scenario scenario(String name) {
    return new Scenario(name, clients, batchEvents, bodyBytes, inFlight);
  }
}
