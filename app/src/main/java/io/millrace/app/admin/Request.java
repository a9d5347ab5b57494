/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.admin;

import com.sun.net.httpserver.HttpExchange;
import java.net.InetAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * What a route sees of a request. Immutable.
 *
 * @param query as it was sent, or empty
 * @param accept the header {@code Accept}, or empty
 * @param isFromPage whether a browser sent it on behalf of a page (the header {@code Origin})
 */
public record Request(
    String method, String path, String query, String accept, boolean isFromPage, InetAddress peer) {
  static Request of(HttpExchange exchange) {
    String query = exchange.getRequestURI().getRawQuery();
    String accept = exchange.getRequestHeaders().getFirst("Accept");
    return new Request(
        exchange.getRequestMethod(),
        exchange.getRequestURI().getPath(),
        query == null ? "" : query,
        accept == null ? "" : accept,
        exchange.getRequestHeaders().containsKey("Origin"),
        exchange.getRemoteAddress().getAddress());
  }

  /** The value of {@code name=value} in the query; empty when it is not there. */
  public Optional<String> parameter(String name) {
    for (String pair : query.split("&", -1)) {
      if (pair.startsWith(name + "=")) {
        String value = pair.substring(name.length() + 1);
        try {
          return Optional.of(URLDecoder.decode(value, StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
          return Optional.of(value); // not encoded: taken as it is
        }
      }
    }
    return Optional.empty();
  }
}
