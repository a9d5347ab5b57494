/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.proxy;

import java.net.InetAddress;
import java.time.Duration;

/**
 * Who sends PROXY headers to a server. Immutable.
 *
 * @param from whose headers are believed; without any, and {@link ProxyProtocol#REQUIRED}, those of
 *     everybody
 * @param headerTimeout longest time until a header is complete
 */
public record ProxySettings(ProxyProtocol mode, AddressRanges from, Duration headerTimeout) {
  /** A load balancer sends its header as soon as the connection stands. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  public static final ProxySettings OFF =
      new ProxySettings(ProxyProtocol.OFF, AddressRanges.NONE, DEFAULT_TIMEOUT);

  /** What a new connection is to begin with. */
  enum Expectation {
    NOTHING,
    MAY_BEGIN_WITH_HEADER,
    HEADER,
    /** Nobody else may connect where everything comes through known proxies. */
    REFUSED
  }

  public ProxySettings {
    if (mode == ProxyProtocol.OPTIONAL && from.isEmpty()) {
      throw new IllegalArgumentException(
          "from: none (expected: with OPTIONAL, the addresses whose headers are believed)");
    }
    if (headerTimeout.isZero() || headerTimeout.isNegative()) {
      throw new IllegalArgumentException(
          "headerTimeout: " + headerTimeout + " (expected: more than 0)");
    }
  }

  Expectation expects(InetAddress peer) {
    return switch (mode) {
      case OFF -> Expectation.NOTHING;
      case REQUIRED ->
          from.isEmpty() || from.contains(peer) ? Expectation.HEADER : Expectation.REFUSED;
      case OPTIONAL ->
          from.contains(peer) ? Expectation.MAY_BEGIN_WITH_HEADER : Expectation.NOTHING;
    };
  }

  /** Whether a connection of that peer needs a {@link ProxyHeader} in front. */
  public boolean concerns(InetAddress peer) {
    return expects(peer) != Expectation.NOTHING;
  }
}
