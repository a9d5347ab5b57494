/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static io.millrace.rpc.Patience.await;
import static io.millrace.rpc.transport.RawPeer.connect;
import static io.millrace.rpc.transport.RawPeer.largeRequest;
import static io.millrace.rpc.transport.RawPeer.write;
import static io.millrace.rpc.transport.TestServer.OK;
import static io.millrace.rpc.transport.TestServer.limits;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import io.millrace.rpc.session.Answer;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How much of requests a server has in flight, of one connection and of all. */
@Timeout(300)
class RequestBudgetTest {
  @Test
  void aConnectionWithManyRequestsInFlightIsNotReadOn() throws Exception {
    List<CompletableFuture<Answer>> open = new CopyOnWriteArrayList<>();
    try (TestServer server =
            new TestServer(
                request -> {
                  CompletableFuture<Answer> answer = new CompletableFuture<>();
                  open.add(answer);
                  return answer;
                },
                limits(l -> l.requestsPerConnection(4)));
        RpcClient client = FlumeInteropTest.ourClient(server.port())) {
      RpcConnection connection = client.connect();
      List<CompletableFuture<Answer>> answers = new ArrayList<>();
      // Far more than one read takes, so that what is not read stays with the peer.
      EventBatch batch = EventBatch.of(Map.of(), new byte[300_000]);
      for (int i = 0; i < 40; i++) {
        answers.add(connection.appendBatch(batch, Map.of()));
      }
      int completed = 0;
      while (completed < 40) {
        int next = completed;
        await().pollInterval(Duration.ofMillis(5)).until(() -> open.size() > next);
        assertThat(server.metrics.value("RequestsInFlight")).isLessThanOrEqualTo(5);
        open.get(completed++).complete(Answer.Status.OK);
      }
      for (CompletableFuture<Answer> answer : answers) {
        assertThat(answer.get(60, TimeUnit.SECONDS)).isEqualTo(Answer.Status.OK);
      }
    }
  }

  @Test
  void theSharedBudgetHoldsSendersBackAndAllAreServedInTheEnd() throws Exception {
    AtomicInteger served = new AtomicInteger();
    long budget = 2_000_000;
    try (TestServer server =
        new TestServer(
            request -> {
              served.incrementAndGet();
              return CompletableFuture.supplyAsync(() -> Answer.Status.OK);
            },
            limits(l -> l.bytesInFlight(budget).messageBytes(1 << 20)))) {
      // 20 half-received requests of half a megabyte fill the budget five times over.
      List<Socket> senders = new ArrayList<>();
      byte[] request = largeRequest(500_000);
      CompletableFuture<Void> rest = new CompletableFuture<>();
      for (int i = 0; i < 20; i++) {
        Socket socket = connect(server);
        senders.add(socket);
        TestServer.daemon("sender")
            .newThread(
                () -> {
                  write(socket, request, request.length - 1);
                  rest.join();
                  write(socket, new byte[] {request[request.length - 1]}, 1);
                })
            .start();
      }
      await().until(() -> server.metrics.value("ConnectionsPaused") > 0);
      assertThat(server.metrics.value("RequestBytesInFlight"))
          .isLessThan(2 * budget + 20 * 140_000);
      rest.complete(null);
      await().until(() -> served.get() == 20);
      await().until(() -> server.metrics.value("RequestBytesInFlight") == 0);
      for (Socket socket : senders) {
        socket.close();
      }
    }
  }

  @Test
  void whatGoneConnectionsHadHalfSentIsGivenBack() throws Exception {
    try (TestServer server = new TestServer(OK)) {
      byte[] request = largeRequest(500_000);
      for (int i = 0; i < 5; i++) {
        try (Socket socket = connect(server)) {
          socket.getOutputStream().write(request, 0, 300_000);
          await().until(() -> server.metrics.value("RequestBytesInFlight") > 0);
          socket.setSoLinger(true, 0);
        }
        await().until(() -> server.metrics.value("RequestBytesInFlight") == 0);
      }
    }
  }
}
