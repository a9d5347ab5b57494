/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.load;

/**
 * What the load looks like.
 *
 * @param clients connections, each with its own batches
 * @param batchEvents events in one request, which is one transaction
 * @param bodyBytes length of each body
 * @param inFlight requests a client sends before it waits for an answer; Flume's clients send one
 * @param wire how the requests are written
 */
public record Scenario(
    String name, int clients, int batchEvents, int bodyBytes, int inFlight, Wire wire) {
  static final int MAX_CLIENTS = 1024;
  static final int MAX_IN_FLIGHT = 64;
  public static final int MAX_BATCH_BYTES = 16 * 1024 * 1024;

  /** What a source under load speaks. */
  public enum Wire {
    AVRO,
    /** Events in JSON, posted over HTTP. */
    HTTP
  }

  /** Over Avro. */
  public Scenario(String name, int clients, int batchEvents, int bodyBytes, int inFlight) {
    this(name, clients, batchEvents, bodyBytes, inFlight, Wire.AVRO);
  }

  public Scenario {
    check("clients", clients, MAX_CLIENTS);
    check("batchEvents", batchEvents, 1_000_000);
    check("inFlight", inFlight, MAX_IN_FLIGHT);
    if (bodyBytes < 0 || (long) batchEvents * bodyBytes > MAX_BATCH_BYTES) {
      throw new IllegalArgumentException(
          "batchEvents * bodyBytes: "
              + batchEvents
              + " * "
              + bodyBytes
              + " (expected: at most "
              + MAX_BATCH_BYTES
              + ")");
    }
  }

  private static void check(String name, int given, int max) {
    if (given < 1 || given > max) {
      throw new IllegalArgumentException(name + ": " + given + " (expected: 1 to " + max + ")");
    }
  }

  public String description() {
    return clients
        + " clients, "
        + batchEvents
        + (batchEvents == 1 ? " event" : " events")
        + " a request, bodies of "
        + bodyBytes
        + " bytes, "
        + inFlight
        + (inFlight == 1 ? " request" : " requests")
        + " in flight a client";
  }
}
