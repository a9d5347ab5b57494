/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.HttpRequest;
import io.millrace.api.RejectedException;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A request whose body has come, as handlers see it. Confined to the event loop. */
final class ReceivedRequest implements HttpRequest {
  /** Most parameters that are looked at; the others are left out. */
  private static final int MAX_PARAMETERS = 1024;

  private final io.netty.handler.codec.http.HttpRequest head;
  private final QueryStringDecoder address;
  private final byte[] bodyArray;
  private final int bodyBytes;

  ReceivedRequest(io.netty.handler.codec.http.HttpRequest head, byte[] bodyArray, int bodyBytes) {
    this.head = head;
    this.address = QueryStringDecoder.builder().maxParams(MAX_PARAMETERS).build(head.uri());
    this.bodyArray = bodyArray;
    this.bodyBytes = bodyBytes;
  }

  @Override
  public String method() {
    return head.method().name();
  }

  @Override
  public String path() {
    try {
      return address.path();
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
  }

  @Override
  public Map<String, List<String>> parameters() {
    try {
      return address.parameters();
    } catch (IllegalArgumentException e) {
      throw malformed();
    }
  }

  private static RejectedException malformed() {
    return new RejectedException("the address of the request is malformed");
  }

  @Override
  public Optional<String> header(String name) {
    return Optional.ofNullable(head.headers().get(name));
  }

  @Override
  public byte[] bodyArray() {
    return bodyArray;
  }

  @Override
  public int bodyBytes() {
    return bodyBytes;
  }
}
