/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.session;

/**
 * The protocol that both sides of a hop speak: names and field order of Flume's {@code
 * AvroSourceProtocol}, in words of our own.
 */
final class EventProtocol {
  private static final String EVENT =
      "{\"type\":\"record\",\"name\":\"AvroFlumeEvent\",\"fields\":["
          + "{\"name\":\"headers\",\"type\":{\"type\":\"map\",\"values\":\"string\"}},"
          + "{\"name\":\"body\",\"type\":\"bytes\"}]}";

  static final String TEXT =
      "{\"protocol\":\"AvroSourceProtocol\",\"namespace\":\"org.apache.flume.source.avro\","
          + "\"types\":[{\"type\":\"enum\",\"name\":\"Status\",\"symbols\":"
          + "[\"OK\",\"FAILED\",\"UNKNOWN\"]},"
          + EVENT
          + "],\"messages\":{"
          + "\"append\":{\"request\":[{\"name\":\"event\",\"type\":\"AvroFlumeEvent\"}],"
          + "\"response\":\"Status\"},"
          + "\"appendBatch\":{\"request\":[{\"name\":\"events\",\"type\":"
          + "{\"type\":\"array\",\"items\":\"AvroFlumeEvent\"}}],\"response\":\"Status\"}}}";

  static final ProtocolHash HASH = ProtocolHash.ofText(TEXT);

  /**
   * The hash of the text that Flume 1.11 holds. That text differs from ours in documentation only,
   * so we act as if we held it: that saves the peer a round trip.
   */
  static final ProtocolHash FLUME_1_11_HASH =
      ProtocolHash.ofHex("86aadae2c45474c0fe93ffd0f2350a65");

  private EventProtocol() {}

  static boolean isOurs(ProtocolHash hash) {
    return hash.equals(FLUME_1_11_HASH) || hash.equals(HASH);
  }
}
