/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.api;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A request as an {@link HttpHandler} sees it; the body is complete and no longer compressed.
 * Borrowed: valid until the handler returns. Confined to the thread that called the handler.
 *
 * @since 0.1
 */
public interface HttpRequest {
  /** Such as {@code POST}. */
  String method();

  /** Of the address, decoded, without the query. */
  String path();

  /** The parameters of the query by name, in their order; a name may have several values. */
  Map<String, List<String>> parameters();

  /** First value of that header of the request, in any case. */
  Optional<String> header(String name);

  /** The array that holds the body; it is used again after the handler has returned. */
  byte[] bodyArray();

  /** The body is at the beginning of {@link #bodyArray}. */
  int bodyBytes();
}
