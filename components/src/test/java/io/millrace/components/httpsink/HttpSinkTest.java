/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.httpsink;

import static io.millrace.components.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.millrace.api.ConfigurationException;
import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.components.testing.ToySinkContext;
import io.millrace.kit.tls.ClientTlsOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class HttpSinkTest {
  private final ToySinkContext context = ToySinkContext.named("k1");
  private final List<String> bodies = Collections.synchronizedList(new ArrayList<>());
  private final List<String> heads = Collections.synchronizedList(new ArrayList<>());
  private final ExecutorService serverThreads = Executors.newCachedThreadPool();
  private final CountDownLatch testEnds = new CountDownLatch(1);
  private final Map<String, Boolean> rollback = new HashMap<>();
  private final Map<String, Boolean> backoff = new HashMap<>();
  private final Map<String, Boolean> incrementMetrics = new HashMap<>();
  private boolean defaultRollback = true;
  private boolean defaultBackoff;
  private EventFormat format = EventFormat.BODY;
  private int maxInFlight = 1;
  private Duration requestTimeout = Duration.ofSeconds(60);
  private ToIntFunction<String> status = body -> 200;
  private HttpServer server;
  private HttpSink sink;

  private HttpSinkOptions options(String endpoint) {
    return new HttpSinkOptions(
        endpoint,
        Duration.ofSeconds(60),
        requestTimeout,
        Optional.empty(),
        "text/plain",
        defaultBackoff,
        defaultRollback,
        false,
        backoff,
        rollback,
        incrementMetrics,
        format,
        100,
        maxInFlight,
        ClientTlsOptions.none());
  }

  private void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 50);
    server.setExecutor(serverThreads);
    server.createContext("/", this::serve);
    server.start();
    startTo("http://127.0.0.1:" + server.getAddress().getPort() + "/in?x=1");
  }

  private void startTo(String endpoint) {
    sink = new HttpSink(options(endpoint), context);
    sink.start();
  }

  private void serve(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    bodies.add(body);
    heads.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + " "
            + exchange.getRequestHeaders().getFirst("Content-Type")
            + " "
            + exchange.getRequestHeaders().getFirst("Accept"));
    int answer = status.applyAsInt(body);
    if (answer / 100 == 3) {
      exchange.getResponseHeaders().add("Location", "/elsewhere");
    }
    exchange.sendResponseHeaders(answer, -1);
    exchange.close();
  }

  @AfterEach
  void stop() {
    testEnds.countDown();
    if (sink != null) {
      sink.stop();
      sink.stop();
    }
    if (server != null) {
      server.stop(0);
    }
    serverThreads.shutdownNow();
  }

  private static EventBatch batch(String... texts) {
    EventBatch.Builder batch = EventBatch.builder();
    for (String text : texts) {
      batch.add(EncodedHeaders.of(Map.of("h", "v\r\nInjected: yes")), text.getBytes(UTF_8));
    }
    return batch.build();
  }

  private Outcome deliver(EventBatch batch) throws Exception {
    return sink.deliver(batch, Origin.NONE).get(60, TimeUnit.SECONDS);
  }

  @Test
  void eachEventIsTheBodyOfARequest() throws Exception {
    start();
    assertThat(deliver(batch("one", "zwei ü")).isFullyDelivered()).isTrue();
    assertThat(bodies).containsExactly("one", "zwei ü");
    assertThat(heads).containsOnly("POST /in?x=1 text/plain text/plain");
  }

  @ParameterizedTest
  @CsvSource({
    // status, rule, value, is tried again, is rejected
    "200, none, true, false, false",
    "204, none, true, false, false",
    "200, 200, true, true, false",
    "200, 2XX, true, true, false",
    "201, 200, true, false, false",
    "301, none, true, true, false",
    "404, none, true, true, false",
    "404, 4XX, false, false, true",
    "404, 4xx, false, false, true",
    "404, 404, false, false, true",
    "404, 405, false, true, false",
    "503, 4XX, false, true, false",
    "500, 5XX, false, false, true"
  })
  void theRulesForTheStatusDecide(
      int code, String rule, boolean value, boolean isRetried, boolean isRejected)
      throws Exception {
    status = body -> code;
    if (!rule.equals("none")) {
      rollback.put(rule, value);
    }
    start();
    Outcome outcome = deliver(batch("x"));
    assertThat(outcome.isRetried(0)).isEqualTo(isRetried);
    assertThat(outcome.rejections().containsKey(0)).isEqualTo(isRejected);
    assertThat(bodies).hasSize(1);
  }

  @Test
  void anExactCodeCountsBeforeItsClass() throws Exception {
    rollback.put("4XX", false);
    rollback.put("429", true);
    status = body -> Integer.parseInt(body);
    start();
    assertThat(deliver(batch("404")).rejections()).containsKey(0);
    assertThat(deliver(batch("429")).isRetried(0)).isTrue();
  }

  @Test
  void withoutRollbackByDefaultOtherStatusesReject() throws Exception {
    defaultRollback = false;
    status = body -> 500;
    start();
    assertThat(deliver(batch("x")).rejections().get(0)).contains("status 500");
  }

  @Test
  void afterTheFirstEventToBeTriedAgainNoFurtherIsSent() throws Exception {
    status = body -> body.equals("b") ? 500 : 200;
    start();
    Outcome outcome = deliver(batch("a", "b", "c", "d"));
    assertThat(bodies).containsExactly("a", "b");
    assertThat(outcome.isRetried(0)).isFalse();
    assertThat(outcome.retryCount()).isEqualTo(3);
  }

  @Test
  void anEventWithoutABodyIsRejectedAndHoldsUpNothing() throws Exception {
    start();
    Outcome outcome = deliver(batch("", "x", ""));
    assertThat(outcome.rejections()).containsOnlyKeys(0, 2);
    assertThat(bodies).containsExactly("x");
  }

  @Test
  void redirectionsAreNotFollowed() throws Exception {
    status = body -> 307;
    start();
    assertThat(deliver(batch("x")).isRetried(0)).isTrue();
    assertThat(heads).containsExactly("POST /in?x=1 text/plain text/plain");
  }

  @Test
  void aStatusWithBackoffDelaysWhatComesNext() throws Exception {
    rollback.put("4XX", false);
    backoff.put("404", true);
    status = body -> 404;
    start();
    long begin = System.nanoTime();
    assertThat(deliver(batch("x")).rejections()).containsKey(0);
    assertThat(Duration.ofNanos(System.nanoTime() - begin))
        .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void markedResponsesAreCounted() throws Exception {
    incrementMetrics.put("2XX", true);
    start();
    deliver(batch("x", "y"));
    assertThat(context.metrics().value("MarkedResponseCount")).isEqualTo(2);
    assertThat(context.metrics().value("RequestsSentCount")).isEqualTo(2);
  }

  @Test
  void severalEventsAreOneRequestAsJson() throws Exception {
    format = EventFormat.JSON;
    start();
    assertThat(deliver(batch("one", "zw\"ei\n")).isFullyDelivered()).isTrue();
    assertThat(bodies)
        .containsExactly(
            "[{\"headers\":{\"h\":\"v\\r\\nInjected: yes\"},\"body\":\"one\"},"
                + "{\"headers\":{\"h\":\"v\\r\\nInjected: yes\"},\"body\":\"zw\\\"ei\\n\"}]");
    assertThat(heads).containsExactly("POST /in?x=1 application/json text/plain");
  }

  @Test
  void linesOfJsonAreOneRequest() throws Exception {
    format = EventFormat.NDJSON;
    start();
    deliver(batch("a", "b"));
    assertThat(bodies.get(0).lines()).hasSize(2);
    assertThat(heads.get(0)).contains("application/x-ndjson");
  }

  @Test
  void whatJsonCannotCarryIsRejected() throws Exception {
    format = EventFormat.JSON;
    start();
    EventBatch batch =
        EventBatch.builder()
            .add(EncodedHeaders.NONE, new byte[] {(byte) 0xFF})
            .add(EncodedHeaders.NONE, new byte[] {'x'})
            .build();
    Outcome outcome = deliver(batch);
    assertThat(outcome.rejections()).containsOnlyKeys(0);
    assertThat(bodies).containsExactly("[{\"headers\":{},\"body\":\"x\"}]");
  }

  @Test
  void ofARefusedRequestOnlyTheEventAtFaultIsRejected() throws Exception {
    format = EventFormat.JSON;
    rollback.put("400", false);
    status = body -> body.contains("bad") ? 400 : 200;
    start();
    Outcome outcome = deliver(batch("a", "b", "bad", "c", "d"));
    assertThat(outcome.rejections()).containsOnlyKeys(2);
    assertThat(outcome.retryCount()).isZero();
  }

  @Test
  void severalRequestsAreInFlightWhenThatIsAskedFor() throws Exception {
    maxInFlight = 3;
    CountDownLatch all = new CountDownLatch(3);
    status =
        body -> {
          all.countDown();
          try {
            return all.await(60, TimeUnit.SECONDS) ? 200 : 500;
          } catch (InterruptedException e) {
            return 500;
          }
        };
    start();
    assertThat(deliver(batch("a", "b", "c")).isFullyDelivered()).isTrue();
  }

  @Test
  void aServerThatHangsIsGivenUpAndItsEventsAreTriedAgain() throws Exception {
    requestTimeout = Duration.ofMillis(300);
    status =
        body -> {
          try {
            testEnds.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return 200;
        };
    start();
    assertThat(deliver(batch("x")).isRetried(0)).isTrue();
    assertThat(context.metrics().value("RequestsFailedCount")).isEqualTo(1);
  }

  @Test
  void aServerThatResetsOrIsNotThereMeansTryingAgain() throws Exception {
    AtomicInteger connections = new AtomicInteger();
    try (ServerSocket resetting = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      serverThreads.execute(
          () -> {
            try {
              while (true) {
                Socket socket = resetting.accept();
                connections.incrementAndGet();
                socket.setSoLinger(true, 0);
                socket.getInputStream().read();
                socket.close();
              }
            } catch (IOException e) {
              // The test ends.
            }
          });
      startTo("http://127.0.0.1:" + resetting.getLocalPort());
      assertThat(deliver(batch("x")).isRetried(0)).isTrue();
      assertThat(connections).hasPositiveValue();
    }
    assertThat(deliver(batch("x")).isRetried(0)).isTrue();
  }

  @Test
  void aStopEndsWhatIsInFlight() throws Exception {
    status =
        body -> {
          try {
            testEnds.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return 200;
        };
    start();
    CompletableFuture<Outcome> delivery = sink.deliver(batch("x"), Origin.NONE);
    await().until(() -> bodies.size() == 1);
    sink.stop();
    assertThat(delivery.get(60, TimeUnit.SECONDS).isRetried(0)).isTrue();
    assertThat(sink.deliver(batch("y"), Origin.NONE)).isCompletedExceptionally();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "here", "ftp://host/", "http:///path", "http://ho st/"})
  void anUnusableEndpointIsAnError(String endpoint) {
    assertThatThrownBy(() -> options(endpoint))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("endpoint");
  }

  @ParameterizedTest
  @ValueSource(strings = {"OK", "4X", "600", "XXX", "20"})
  void aRuleForNoStatusIsAnError(String code) {
    rollback.put(code, true);
    assertThatThrownBy(() -> options("http://host/"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("rollback." + code);
  }
}
