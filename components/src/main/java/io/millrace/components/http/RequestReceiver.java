/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.rpc.transport.ConnectionClock;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.Optional;

/**
 * The request that a connection receives, from its first byte to its last, and what it takes of the
 * server's budget meanwhile. Confined to the event loop but for {@link #heldBytes} and {@link
 * #beganNanos}.
 */
final class RequestReceiver {
  /**
   * A request whose head has come.
   *
   * @param refusal what it will be answered when its body, which is dropped, has come
   */
  record Incoming(HttpRequest head, RequestBody body, Optional<Refusal> refusal) {
    boolean isHead() {
      return head.method().equals(HttpMethod.HEAD);
    }
  }

  private final HttpServer server;
  private final HttpConnection connection;
  private final ConnectionClock clock;
  private final RequestDecoder decoder;

  /** From its head on; null between two. */
  private Incoming incoming;

  private boolean awaitsContinue;

  /** Of the request, its head included. */
  private long receivedBytes;

  private volatile int heldBytes;
  private volatile long beganNanos;

  RequestReceiver(HttpServer server, HttpConnection connection, ConnectionClock clock) {
    this.server = server;
    this.connection = connection;
    this.clock = clock;
    this.decoder = new RequestDecoder(server.maxHeaderBytes(), this::received);
  }

  RequestDecoder decoder() {
    return decoder;
  }

  /** Told by the decoder before it looks at the bytes. */
  private void received(int bytes) {
    connection.reading();
    clock.read(System.nanoTime());
    if (!isMidRequest()) {
      beganNanos = clock.frameBegan();
    }
    receivedBytes += bytes;
  }

  boolean isMidRequest() {
    return incoming != null || receivedBytes > 0;
  }

  int receivedBytes() {
    return (int) Math.min(Integer.MAX_VALUE, receivedBytes);
  }

  /** Takes what the decoder found; hands a whole request, or why there is none, on. */
  void take(HttpObject part) {
    if (part.decoderResult().isFailure()) {
      refuse(HeadCheck.broken(part.decoderResult().cause()));
      return;
    }
    if (part instanceof HttpRequest head) {
      begin(head);
    }
    if (part instanceof HttpContent content && incoming != null) {
      if (incoming.refusal().isEmpty() && !incoming.body().add(content.content())) {
        refuse(HeadCheck.tooLong(server.maxBodyBytes()));
      } else if (part instanceof LastHttpContent) {
        complete();
      }
    }
  }

  private void begin(HttpRequest head) {
    Optional<Refusal> refusal = HeadCheck.refusal(head, server.maxBodyBytes());
    incoming = new Incoming(head, server.newBody(HttpUtil.getContentLength(head, -1L)), refusal);
    boolean isExpectant = HttpUtil.is100ContinueExpected(head);
    if (refusal.isPresent()) {
      // Whether a body comes that was asked for is the client's choice, so that the next request
      // is not to be found.
      if (refusal.get().endsConnection() || isExpectant) {
        refuse(Refusal.ending(refusal.get().status(), refusal.get().text()));
      }
    } else if (isExpectant) {
      awaitsContinue = true;
      connection.continueIfNext();
    }
  }

  /** Whether the client waits to be told to send its body; it is told now. */
  boolean takeContinue() {
    boolean was = awaitsContinue;
    awaitsContinue = false;
    return was;
  }

  private void refuse(Refusal refusal) {
    boolean isHead = incoming != null && incoming.isHead();
    drop();
    connection.refuse(refusal, isHead);
  }

  private void complete() {
    Incoming request = incoming;
    incoming = null;
    awaitsContinue = false;
    receivedBytes = decoder.unreadBytes();
    if (receivedBytes > 0) {
      beganNanos = clock.frameBegan();
    }
    connection.complete(request);
  }

  /** What has come of a request is of no use. */
  void drop() {
    if (incoming != null) {
      incoming.body().release();
      incoming = null;
    }
    awaitsContinue = false;
    receivedBytes = 0;
    charge();
  }

  /** Takes from the budget what the request takes now, or gives it back. */
  void charge() {
    int bytes = incoming == null ? receivedBytes() : incoming.body().array().length;
    if (bytes != heldBytes) {
      int more = bytes - heldBytes;
      heldBytes = bytes;
      server.budget().adjust(more);
    }
  }

  /** Bytes that the request takes now. Called by any thread. */
  int heldBytes() {
    return heldBytes;
  }

  /** When the request, if there is one, began. Called by any thread. */
  long beganNanos() {
    return beganNanos;
  }
}
