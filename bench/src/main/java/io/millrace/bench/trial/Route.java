/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.bench.trial;

/** Which way events go, from the load generator to their end. */
public enum Route {
  /** avro source, file channel, nobody takes. */
  NO_SINK("avro source -> file channel"),
  /** avro source, file channel, null sink. */
  NULL_SINK("avro source -> file channel -> null sink"),
  /** The same with a memory channel. */
  MEMORY("avro source -> memory channel -> null sink"),
  /** One agent on the way from client to server. */
  HOP("avro source -> file channel -> avro sink -> a server that counts"),
  /** HTTP and JSON, as fast as the source goes. */
  HTTP("http source -> memory channel -> null sink"),
  /** The same with a file channel. */
  HTTP_FILE("http source -> file channel -> null sink"),
  /** An agent that sends to a collector of the same product, which writes files. */
  TWO_TIERS(
      "avro source -> file channel -> avro sink -> avro source -> file channel -> file_roll sink");

  private final String path;

  Route(String path) {
    this.path = path;
  }

  /** From component to component, as a report says it. */
  public String path() {
    return path;
  }

  boolean hasSink() {
    return this != NO_SINK;
  }
}
