/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

import io.millrace.api.Backoff;
import io.millrace.api.DataSize;
import io.millrace.kit.tls.ClientTlsOptions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a client connects, batches, waits and gives up. Immutable. Made by {@link ClientBuilder}.
 *
 * @param name for logs and the names of threads
 * @param batchEvents most events in one call
 * @param batchBytes most encoded bytes in one call; a larger event travels alone
 * @param linger how long an event may wait for others to share its call
 * @param maxBufferedBytes bound of the memory for events that are not settled, those under way
 *     included
 * @param connectTimeout longest time until a connection stands, name look-up and TLS included
 * @param requestTimeout longest time from a call to its answer
 * @param deliveryTimeout no call is begun or repeated for an event older than this
 * @param maxAttempts most calls for one event
 * @param maxInFlight most calls to one server that wait for their answer
 * @param preserveOrder whether a Flume server, which carries out the calls of a connection in any
 *     order, gets one at a time
 * @param backoff how long a server that failed is left out
 * @param thrift how to speak Thrift RPC; empty for Avro RPC
 * @param compressionLevel zlib level, 0 to 9; empty without compression, which Thrift is
 * @since 0.1
 */
public record ClientOptions(
    String name,
    List<ServerAddress> servers,
    Routing routing,
    int batchEvents,
    DataSize batchBytes,
    Duration linger,
    DataSize maxBufferedBytes,
    WhenFull whenFull,
    Duration connectTimeout,
    Duration requestTimeout,
    Duration deliveryTimeout,
    int maxAttempts,
    int maxInFlight,
    boolean preserveOrder,
    Backoff backoff,
    Optional<ThriftOptions> thrift,
    Optional<Integer> compressionLevel,
    ClientTlsOptions tls) {
  static final int MAX_SERVERS = 1024;
  static final int MAX_IN_FLIGHT = 1024;
  static final long MAX_BATCH_BYTES = 32L << 20;

  /** Beyond this a sum of times would overflow. */
  static final Duration LONGEST_TIME = Duration.ofDays(365);

  public ClientOptions {
    servers = List.copyOf(servers);
    check("servers", servers.size(), 1, MAX_SERVERS);
    check("batchEvents", batchEvents, 1, Integer.MAX_VALUE);
    check("batchBytes", batchBytes.bytes(), 1, MAX_BATCH_BYTES);
    check("maxBufferedBytes", maxBufferedBytes.bytes(), 4096, Long.MAX_VALUE / 2);
    check("maxAttempts", maxAttempts, 1, Integer.MAX_VALUE);
    check("maxInFlight", maxInFlight, 1, MAX_IN_FLIGHT);
    check("linger", linger, Duration.ZERO);
    check("whenFull", whenFull.longestWait(), Duration.ZERO);
    check("connectTimeout", connectTimeout, Duration.ofMillis(1));
    check("requestTimeout", requestTimeout, Duration.ofMillis(1));
    check("deliveryTimeout", deliveryTimeout, Duration.ofMillis(1));
    check("backoff ceiling", backoff.ceiling(), Duration.ofMillis(1));
    compressionLevel.ifPresent(level -> check("compressionLevel", level, 0, 9));
    if (thrift.isPresent() && compressionLevel.isPresent()) {
      throw new IllegalArgumentException(
          "compressionLevel: "
              + compressionLevel.get()
              + " (expected: none, for Thrift RPC has no compression)");
    }
  }

  private static void check(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + max + ")");
    }
  }

  private static void check(String name, Duration value, Duration min) {
    if (value.compareTo(min) < 0 || value.compareTo(LONGEST_TIME) > 0) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + min + " to " + LONGEST_TIME + ")");
    }
  }
}
