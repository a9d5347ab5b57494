/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.client;

/**
 * Where a server listens. The name is looked up at each connect. Immutable.
 *
 * @since 0.1
 */
public record ServerAddress(String host, int port) {
  public ServerAddress {
    if (host.isBlank()) {
      throw new IllegalArgumentException("host: '" + host + "' (expected: a name or an address)");
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
    }
  }

  /**
   * Reads {@code host:port} or {@code [IPv6 address]:port}.
   *
   * @throws IllegalArgumentException with the text and what was expected
   */
  public static ServerAddress parse(String text) {
    String trimmed = text.trim();
    int colon = trimmed.lastIndexOf(':');
    String host = colon < 0 ? "" : trimmed.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "address: '" + text + "' (expected: host:port; an IPv6 address in brackets)");
    }
    try {
      return new ServerAddress(host, Integer.parseInt(trimmed.substring(colon + 1).trim()));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("address: '" + text + "' (expected: host:port)", e);
    }
  }

  @Override
  public String toString() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
