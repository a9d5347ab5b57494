/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * Why a request is not carried out, as its client is told; holds nothing that the client sent.
 * Immutable.
 *
 * @param endsConnection whether nothing behind the request can be found in the stream, or is wanted
 */
record Refusal(HttpResponseStatus status, String text, boolean endsConnection) {
  static Refusal of(HttpResponseStatus status, String text) {
    return new Refusal(status, text, false);
  }

  static Refusal ending(HttpResponseStatus status, String text) {
    return new Refusal(status, text, true);
  }
}
