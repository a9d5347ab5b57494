/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.PendingCall;
import io.millrace.rpc.session.Request;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * Requests of one connection on their way to the handler, and their answers back. Confined to the
 * event loop.
 */
final class RequestsInFlight {
  /** What a request takes beside its bytes, about. */
  private static final int REQUEST_OVERHEAD_BYTES = 512;

  private final RpcServer server;
  private final ServerConnection connection;
  private final OpenCalls open;
  private long bytes;

  /**
   * @param writer takes the answers when they may go out
   */
  RequestsInFlight(RpcServer server, ServerConnection connection, Consumer<byte[]> writer) {
    this.server = server;
    this.connection = connection;
    this.open = new OpenCalls(server.dialect().answersInOrder(), writer);
  }

  void execute(Request request, PendingCall call, int requestBytes) {
    long takenBytes = (long) requestBytes + REQUEST_OVERHEAD_BYTES;
    server.budget().began(takenBytes);
    bytes += takenBytes;
    OpenCalls.Place place = open.add();
    CompletableFuture<Answer> answer;
    try {
      answer = server.handler().handle(request);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    answer.whenComplete(
        (value, failure) -> {
          server.budget().ended(takenBytes);
          connection.onLoop(() -> answered(place, call, takenBytes, value, failure));
        });
  }

  private void answered(
      OpenCalls.Place place, PendingCall call, long takenBytes, Answer answer, Throwable failure) {
    bytes -= takenBytes;
    if (connection.isClosing() || !open.contains(place)) {
      return;
    }
    if (failure != null) {
      server.handlerFailed(connection.says("request failed, answered FAILED"), failure);
    }
    open.answer(place, call.answer(failure == null ? answer : Answer.Status.FAILED));
    connection.answered();
  }

  /** Answers a request that is not carried out, in its place. */
  void answer(byte[] answer) {
    open.answer(open.add(), answer);
  }

  boolean isOverLimit() {
    return bytes > server.limits().maxBytesPerConnection()
        || open.size() >= server.limits().maxRequestsPerConnection();
  }

  boolean isEmpty() {
    return open.isEmpty();
  }

  /** Nobody is answered any more. */
  void clear() {
    open.clear();
  }
}
