/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static io.millrace.rpc.Patience.await;
import static io.millrace.rpc.transport.TestServer.limits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.rpc.session.Answer;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.flume.EventDeliveryException;
import org.apache.flume.event.EventBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request that will never be taken is told so: else its sender would send it for ever. */
@Timeout(300)
class RefusedRequestTest {
  private static final int MAX_BYTES = 20_000;
  private static final EventBatch SMALL = EventBatch.of(Map.of(), new byte[10]);

  @ParameterizedTest
  @ValueSource(ints = {30_000, 1_000_000, 20_000_000})
  void aFirstRequestThatIsTooLargeIsAnswered(int bodyBytes) throws Exception {
    try (TestServer server = tooSmallFor(TestServer.OK);
        RpcClient client = FlumeInteropTest.ourClient(server.port())) {
      RpcConnection connection = client.connect();
      assertRefused(get(connection.appendBatch(body(bodyBytes), Map.of())));
      assertThat(connection.isEnded()).isTrue();
      assertThat(server.metrics.value("FramesRejectedTooLarge")).isOne();
      await().until(() -> server.metrics.value("OpenConnectionCount") == 0);
      await().until(() -> server.metrics.value("RequestBytesInFlight") == 0);
      assertThat(get(client.connect().appendBatch(SMALL, Map.of()))).isEqualTo(Answer.Status.OK);
    }
  }

  @Test
  void whatWasInFlightOnTheConnectionIsAnsweredToo() throws Exception {
    CompletableFuture<Answer> slow = new CompletableFuture<>();
    try (TestServer server =
            tooSmallFor(
                request ->
                    request.batch().equals(SMALL)
                        ? CompletableFuture.completedFuture(Answer.Status.OK)
                        : slow);
        RpcClient client = FlumeInteropTest.ourClient(server.port())) {
      RpcConnection connection = client.connect();
      assertThat(get(connection.appendBatch(SMALL, Map.of()))).isEqualTo(Answer.Status.OK);
      CompletableFuture<Answer> inFlight = connection.appendBatch(body(100), Map.of());
      assertRefused(get(connection.appendBatch(body(1_000_000), Map.of())));
      assertThat(connection.isEnded()).isTrue();
      slow.complete(Answer.Status.OK);
      assertThat(get(inFlight)).isEqualTo(Answer.Status.OK);
    }
  }

  @Test
  void aCompressedRequestThatIsTooLargeIsAnswered() throws Exception {
    Wrapping deflate = new Wrapping(Optional.of(6), Optional.empty());
    try (TestServer server =
            new TestServer(
                TestServer.OK,
                settings ->
                    new ServerSettings(
                        settings.address(),
                        limits(l -> l.messageBytes(MAX_BYTES)).apply(settings).limits(),
                        deflate,
                        settings.filter(),
                        settings.ioThreads()));
        RpcClient client =
            new RpcClient(
                ClientSettings.of(
                    "localhost",
                    server.port(),
                    java.time.Duration.ofSeconds(60),
                    java.time.Duration.ofSeconds(60),
                    true,
                    deflate),
                TestServer.daemon("client"))) {
      assertRefused(get(client.connect().appendBatch(body(50_000_000), Map.of())));
    }
  }

  @Test
  void whatAHandlerRefusesForGoodArrivesAsThat() throws Exception {
    for (Answer.CallError error :
        new Answer.CallError[] {
          Answer.CallError.permanent("never"), new Answer.CallError("perhaps")
        }) {
      try (TestServer server = new TestServer(request -> CompletableFuture.completedFuture(error));
          RpcClient client = FlumeInteropTest.ourClient(server.port())) {
        RpcConnection connection = client.connect();
        for (int i = 0; i < 3; i++) {
          assertThat(get(connection.appendBatch(SMALL, Map.of()))).isEqualTo(error);
        }
        assertThat(connection.isEnded()).isFalse();
      }
    }
  }

  @Test
  void aFlumeClientIsToldInWords() throws Exception {
    try (TestServer server = tooSmallFor(TestServer.OK)) {
      org.apache.flume.api.RpcClient client = FlumeInteropTest.flumeClient(server.port(), Map.of());
      assertThatThrownBy(() -> client.append(EventBuilder.withBody(new byte[100_000])))
          .isInstanceOf(EventDeliveryException.class)
          .hasStackTraceContaining("expected: at most " + MAX_BYTES);
      client.close();
      org.apache.flume.api.RpcClient next = FlumeInteropTest.flumeClient(server.port(), Map.of());
      next.append(EventBuilder.withBody(new byte[10]));
      next.close();
    }
  }

  private static TestServer tooSmallFor(RequestHandler handler) throws Exception {
    return new TestServer(handler, limits(l -> l.messageBytes(MAX_BYTES)));
  }

  private static EventBatch body(int bytes) {
    return EventBatch.of(Map.of(), new byte[bytes]);
  }

  private static void assertRefused(Answer answer) {
    assertThat(answer)
        .isInstanceOfSatisfying(
            Answer.CallError.class,
            error -> {
              assertThat(error.isPermanent()).isTrue();
              assertThat(error.text()).contains("expected: at most " + MAX_BYTES);
            });
  }

  private static <T> T get(CompletableFuture<T> future) throws Exception {
    return future.get(60, TimeUnit.SECONDS);
  }
}
