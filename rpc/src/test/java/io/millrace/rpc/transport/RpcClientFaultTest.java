/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.api.TransientException;
import io.millrace.rpc.session.Answer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What servers may do to a client. */
@Timeout(300)
class RpcClientFaultTest {
  @Test
  void aServerThatNeverAnswersIsGivenUp() throws Exception {
    try (TestServer server = new TestServer(request -> new CompletableFuture<>());
        RpcClient client =
            new RpcClient(
                ClientSettings.of(
                    "localhost",
                    server.port(),
                    Duration.ofSeconds(60),
                    Duration.ofMillis(200),
                    true,
                    Wrapping.NONE),
                TestServer.daemon("client"))) {
      RpcConnection connection = client.connect();
      CompletableFuture<Answer> first = connection.appendBatch(EventBatch.EMPTY, Map.of());
      CompletableFuture<Answer> second = connection.appendBatch(EventBatch.EMPTY, Map.of());
      for (CompletableFuture<Answer> answer : List.of(first, second)) {
        assertThatThrownBy(() -> answer.get(60, TimeUnit.SECONDS))
            .hasCauseInstanceOf(TransientException.class)
            .hasMessageContaining("localhost:" + server.port())
            .hasMessageContaining("no answer within 200 ms");
      }
      assertThat(connection.isEnded()).isTrue();
      assertThatThrownBy(
              () -> connection.appendBatch(EventBatch.EMPTY, Map.of()).get(60, TimeUnit.SECONDS))
          .hasCauseInstanceOf(TransientException.class);
    }
  }

  @Test
  void aServerThatSendsNonsenseOrGoesAwayFailsTheCallsAtOnce() throws Exception {
    for (byte[] nonsense : List.of(new byte[0], new byte[] {-1, -1, -1, -1, -1, -1, -1, -1})) {
      try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          RpcClient client = FlumeInteropTest.ourClient(listener.getLocalPort())) {
        CompletableFuture<Answer> answer =
            client.connect().appendBatch(FlumeInteropTest.batch(0, 10), Map.of());
        try (Socket accepted = listener.accept()) {
          accepted.getInputStream().read();
          accepted.getOutputStream().write(nonsense);
        }
        assertThatThrownBy(() -> answer.get(60, TimeUnit.SECONDS))
            .hasCauseInstanceOf(TransientException.class)
            .hasMessageContaining("localhost:" + listener.getLocalPort());
      }
    }
  }
}
