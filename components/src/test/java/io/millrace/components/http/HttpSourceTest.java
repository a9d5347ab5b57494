/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.api.ChannelFullException;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.HttpHandlerOptions;
import io.millrace.api.RejectedException;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.components.http.RawClient.Response;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.ToyOutput;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.tls.ServerTlsOptions;
import io.millrace.rpc.proxy.ProxyProtocol;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HttpSourceTest {
  private static final String EVENTS =
      "[{\"headers\":{\"a\":\"1\",\"b\":\"zwei\"},\"body\":\"first\"},{\"body\":\"grüße\"}]";

  private final ToySourceContext context = new ToySourceContext();
  private final ToyOutput output = context.output();
  private final List<RawClient> clients = new ArrayList<>();
  private HttpHandlerOptions handler = new JsonHandlerOptions();
  private ProxyProtocolOptions proxy = ProxyProtocolOptions.OFF;
  private long maxRequestBytes = 1 << 20;
  private int maxConnections = 100;
  private Duration idleTimeout = Duration.ofSeconds(30);
  private Duration slowRequestTimeout = Duration.ofSeconds(30);
  private Optional<DataSize> maxInFlight = Optional.empty();
  private Map<String, String> serverConnector = Map.of();
  private HttpSource source;

  private HttpSourceOptions options(int port) {
    return new HttpSourceOptions(
        "127.0.0.1",
        port,
        handler,
        ServerTlsOptions.none(),
        new HttpLimitOptions(
            maxConnections,
            2048,
            DataSize.ofBytes(maxRequestBytes),
            DataSize.ofBytes(8192),
            maxInFlight,
            idleTimeout,
            slowRequestTimeout,
            Duration.ofSeconds(300),
            Duration.ZERO),
        proxy,
        Map.of(),
        Map.of(),
        serverConnector,
        Map.of());
  }

  private void start() {
    source = new HttpSource(options(0), context);
    source.start();
  }

  private RawClient connect() throws IOException {
    RawClient client = new RawClient(source.address());
    clients.add(client);
    return client;
  }

  private Response post(String body) throws IOException {
    try (RawClient client = new RawClient(source.address())) {
      client.post(body);
      return client.read();
    }
  }

  private Response postWith(String headers, byte[] body) throws IOException {
    try (RawClient client = new RawClient(source.address())) {
      client.post(body, headers);
      return client.read();
    }
  }

  private Response exchange(String bytes) throws IOException {
    try (RawClient client = new RawClient(source.address())) {
      client.send(bytes);
      return client.read();
    }
  }

  @AfterEach
  void stop() throws Exception {
    for (RawClient client : clients) {
      client.close();
    }
    output.release();
    if (source != null) {
      source.stop();
      source.stop();
    }
  }

  @Test
  void anArrayOfEventsIsOneBatchAndIsAnswered200() throws IOException {
    start();
    Response response = post(EVENTS);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    assertThat(response.head()).contains("content-length: 0").contains("date: ");
    assertThat(output.events())
        .containsExactly(
            new ToyOutput.Event(Map.of("a", "1", "b", "zwei"), "first"),
            new ToyOutput.Event(Map.of(), "grüße"));
    assertThat(output.emits()).isEqualTo(1);
    assertThat(context.metrics().value("AppendBatchAcceptedCount")).isEqualTo(1);
  }

  @Test
  void aConnectionCarriesManyRequestsAlsoSuchThatComeTogether() throws IOException {
    start();
    RawClient client = connect();
    String one = "[{\"body\":\"x\"}]";
    String request = RawClient.head("Content-Length: " + one.length() + "\r\n") + one;
    client.send(request.repeat(50));
    for (int i = 0; i < 50; i++) {
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(output.events()).hasSize(50);
  }

  @Test
  void answersComeInTheOrderOfTheRequestsAndNotBeforeTheChannelsHaveTheEvents() throws Exception {
    output.hold();
    start();
    RawClient client = connect();
    client.post("[{\"body\":\"one\"}]");
    client.post("[{\"body\":\"two\"}]");
    client.post("broken");
    await().until(() -> output.pending().size() == 2);
    output.pending().get(1).accept();
    assertThat(client.available()).isZero();
    output.pending().get(0).fail(new ChannelFullException("channel c1 is full"));
    Response first = client.read();
    assertThat(first.status()).isEqualTo(503);
    assertThat(first.head()).contains("retry-after: 1");
    assertThat(client.read().status()).isEqualTo(200);
    assertThat(client.read().status()).isEqualTo(400);
    assertThat(output.bodies()).containsExactly("two");
  }

  @Test
  void aFullChannelAnswers503AndLater200OnTheSameConnection() throws Exception {
    output.hold();
    start();
    RawClient client = connect();
    client.post(EVENTS);
    await().until(() -> output.pending().size() == 1);
    output.pending().get(0).fail(new ChannelFullException("channel c1 is full"));
    assertThat(client.read().status()).isEqualTo(503);
    output.release();
    client.post(EVENTS);
    assertThat(client.read().status()).isEqualTo(200);
    assertThat(output.events()).hasSize(2);
    assertThat(context.metrics().value("ChannelWriteFail")).isEqualTo(1);
  }

  @Test
  void eachFailureOfTheChannelsHasItsStatus() throws Exception {
    output.hold();
    start();
    RawClient client = connect();
    for (Map.Entry<RuntimeException, Integer> failure :
        Map.of(
                new StorageException("disk", null), 503,
                new TransientException("stopping"), 503,
                new RejectedException("too large"), 400,
                new IllegalStateException("ours"), 500)
            .entrySet()) {
      client.post(EVENTS);
      await().until(() -> output.pending().size() == 1);
      output.pending().get(0).fail(failure.getKey());
      assertThat(client.read().status()).as("%s", failure).isEqualTo(failure.getValue());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "   ",
        "[",
        "{\"body\":\"no array\"}",
        "[{\"body\":\"x\"}] more",
        "[{\"body\":\"x\"}",
        "[\"text\"]",
        "[null]",
        "[{\"headers\":[],\"body\":\"x\"}]",
        "[{\"headers\":{\"a\":{}},\"body\":\"x\"}]",
        "[{\"body\":{\"a\":1}}]",
        "[{\"body\":\"\\uZZZZ\"}]",
        "<html>",
        "\u0000\u0001"
      })
  void whatIsNoArrayOfEventsIsAnswered400AndNothingOfItIsStored(String body) throws IOException {
    start();
    Response response = post(body);
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.body()).isNotEmpty();
    assertThat(output.events()).isEmpty();
    assertThat(context.metrics().value("RequestsRejectedMalformed")).isEqualTo(1);
    assertThat(post(EVENTS).status()).isEqualTo(200);
  }

  @Test
  void tenThousandLevelsAreAnswered400() throws IOException {
    start();
    assertThat(post("[".repeat(10_000)).status()).isEqualTo(400);
    assertThat(post("[{\"x\":" + "{\"x\":".repeat(10_000)).status()).isEqualTo(400);
  }

  @Test
  void numbersOfAnyLengthAreTextOrAreRefused() throws IOException {
    start();
    assertThat(post("[{\"headers\":{\"n\":1e99999,\"b\":true,\"z\":null}}]").status())
        .isEqualTo(200);
    assertThat(output.events().get(0).headers()).isEqualTo(Map.of("n", "1e99999", "b", "true"));
    assertThat(post("[{\"headers\":{\"n\":" + "9".repeat(5000) + "}}]").status()).isEqualTo(400);
  }

  @Test
  void ofHeadersThatComeTwiceTheLastCounts() throws IOException {
    start();
    post("[{\"headers\":{\"a\":\"1\",\"a\":\"2\"},\"body\":\"x\",\"body\":\"y\"}]");
    assertThat(output.events()).containsExactly(new ToyOutput.Event(Map.of("a", "2"), "y"));
  }

  @Test
  void halfOfASurrogatePairBecomesAQuestionMark() throws IOException {
    start();
    assertThat(post("[{\"body\":\"a\\ud800b \\ud83d\\ude00\"}]").status()).isEqualTo(200);
    assertThat(output.bodies()).containsExactly("a?b 😀");
  }

  @Test
  void bytesThatAreNoTextBecomeReplacementCharacters() throws IOException {
    start();
    byte[] body = "[{\"body\":\"a?b\"}]".getBytes(UTF_8);
    body[11] = (byte) 0xE4;
    assertThat(postWith("", body).status()).isEqualTo(200);
    assertThat(output.bodies()).containsExactly("a\uFFFDb");
  }

  @Test
  void theCharsetOfTheContentTypeCounts() throws IOException {
    start();
    byte[] body = EVENTS.getBytes(UTF_16);
    assertThat(postWith("Content-Type: application/json; charset=UTF-16\r\n", body).status())
        .isEqualTo(200);
    assertThat(output.events().get(0).headers()).isEqualTo(Map.of("a", "1", "b", "zwei"));
    assertThat(
            postWith(
                    "Content-Type: application/json; charset=\"utf-8\"\r\n", EVENTS.getBytes(UTF_8))
                .status())
        .isEqualTo(200);
    assertThat(
            postWith("Content-Type: text/plain; charset=klingon\r\n", EVENTS.getBytes(UTF_8))
                .status())
        .isEqualTo(400);
  }

  @Test
  void linesOfEventsAreTakenWithTheirContentType() throws IOException {
    start();
    byte[] lines = "{\"body\":\"a\"}\n{\"body\":\"b\"}\n\n{\"body\":\"\\u00e4\"}".getBytes(UTF_8);
    assertThat(postWith("Content-Type: application/x-ndjson\r\n", lines).status()).isEqualTo(200);
    assertThat(output.bodies()).containsExactly("a", "b", "ä");
  }

  @Test
  void anEmptyArrayIsAnswered200() throws IOException {
    start();
    assertThat(post("[]").status()).isEqualTo(200);
    assertThat(output.emits()).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "PUT,405",
    "DELETE,405",
    "PATCH,405",
    "TRACE,403",
    "OPTIONS,403",
    "BREW,501",
    "GET,400"
  })
  void eachMethodHasItsStatus(String method, int status) throws IOException {
    start();
    Response response = exchange(method + " / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(response.status()).isEqualTo(status);
    if (status == 405) {
      assertThat(response.head()).contains("allow: get, head, post");
    }
  }

  @Test
  void anAnswerToHeadHasNoBody() throws IOException {
    start();
    RawClient client = connect();
    client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(client.read(false).status()).isEqualTo(400);
    client.post(EVENTS);
    assertThat(client.read().status()).isEqualTo(200);
  }

  @Test
  void getRunsTheHandlerAsInFlume() throws IOException {
    handler = new BlobHandlerOptions(List.of());
    start();
    Response response = exchange("GET /x?host=web%201&host=b&q HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(response.status()).isEqualTo(200);
    assertThat(output.events())
        .containsExactly(new ToyOutput.Event(Map.of("host", "web 1", "q", ""), ""));
  }

  @Test
  void theBlobHandlerAsksForItsMandatoryParameters() throws IOException {
    handler = new BlobHandlerOptions(List.of("host", " id "));
    start();
    assertThat(exchange("POST /?host=a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").status())
        .isEqualTo(400);
    assertThat(
            exchange("POST /?host=a&id=7 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
                .status())
        .isEqualTo(200);
    assertThat(output.events())
        .containsExactly(new ToyOutput.Event(Map.of("host", "a", "id", "7"), "abc"));
  }

  @Test
  void theMorphlineHandlerKeepsTheContentTypeAndRefusesLongBodies() throws IOException {
    handler = new MorphlineBlobHandlerOptions(DataSize.ofBytes(5));
    start();
    assertThat(postWith("Content-Type: image/png\r\n", "12345".getBytes(UTF_8)).status())
        .isEqualTo(200);
    assertThat(postWith("", "123456".getBytes(UTF_8)).status()).isEqualTo(400);
    assertThat(postWith("", new byte[0]).status()).isEqualTo(200);
    assertThat(output.events())
        .containsExactly(new ToyOutput.Event(Map.of("Content-Type", "image/png"), "12345"));
  }

  @Test
  void chunkedBodiesAreTakenInAnyPieces() throws IOException {
    start();
    RawClient client = connect();
    client.send(RawClient.head("Transfer-Encoding: chunked\r\n"));
    for (byte b : EVENTS.getBytes(UTF_8)) {
      client.send(new byte[] {'1', '\r', '\n', b, '\r', '\n'});
    }
    client.send("0\r\nTrailer: x\r\n\r\n");
    assertThat(client.read().status()).isEqualTo(200);
    assertThat(output.bodies()).containsExactly("first", "grüße");
    client.post(EVENTS);
    assertThat(client.read().status()).isEqualTo(200);
  }

  @Test
  void aClientThatExpectsItIsToldToContinue() throws IOException {
    start();
    RawClient client = connect();
    client.send(RawClient.head("Expect: 100-continue\r\nContent-Length: 14\r\n"));
    assertThat(client.read().status()).isEqualTo(100);
    client.send("[{\"body\":\"x\"}]");
    assertThat(client.read().status()).isEqualTo(200);
  }

  @Test
  void aTooLongBodyIsRefusedBeforeItIsSent() throws IOException {
    start();
    RawClient client = connect();
    client.send(RawClient.head("Expect: 100-continue\r\nContent-Length: 999999999999\r\n"));
    assertThat(client.read().status()).isEqualTo(413);
    assertThat(client.isEnded()).isTrue();
    assertThat(context.metrics().value("RequestsRejectedTooLarge")).isEqualTo(1);
  }

  @Test
  void aBodyThatGrowsTooLongInChunksIsRefused() throws IOException {
    maxRequestBytes = 4096;
    start();
    RawClient client = connect();
    client.send(RawClient.head("Transfer-Encoding: chunked\r\n") + "ffff\r\n" + "x".repeat(5000));
    assertThat(client.read().status()).isEqualTo(413);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: 4, 5\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: +4\r\n",
        "Content-Length: 0x4\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        " Transfer-Encoding: chunked\r\n",
        "Transfer-Encoding:\u000bchunked\r\n"
      })
  void whatLeavesADoubtWhereTheRequestEndsIsRefusedAndEndsTheConnection(String headers)
      throws IOException {
    handler = new BlobHandlerOptions(List.of());
    start();
    RawClient client = connect();
    client.send(
        RawClient.head(headers)
            + "0\r\n\r\nPOST /smuggled HTTP/1.1\r\nHost: h\r\n"
            + "Content-Length: 0\r\n\r\n");
    assertThat(client.read().status()).isIn(400, 413, 501);
    assertThat(client.isEnded()).isTrue();
    assertThat(output.events()).isEmpty();
  }

  @Test
  void longHeadersAndFirstLinesAreRefused() throws IOException {
    start();
    assertThat(exchange("GET /" + "x".repeat(9000) + " HTTP/1.1\r\n\r\n").status()).isEqualTo(414);
    assertThat(exchange(RawClient.head("X: " + "y".repeat(9000) + "\r\n")).status()).isEqualTo(431);
  }

  @Test
  void otherProtocolsAreRefused() throws IOException {
    start();
    assertThat(exchange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status()).isIn(400, 505);
    assertThat(exchange("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n").status())
        .isEqualTo(400);
    assertThat(exchange("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n").status()).isEqualTo(400);
  }

  @Test
  void aClientThatEndsItsSideGetsItsAnswer() throws IOException {
    output.hold();
    start();
    RawClient client = connect();
    client.post(EVENTS);
    client.endOutput();
    await().until(() -> output.pending().size() == 1);
    output.pending().get(0).accept();
    assertThat(client.read().status()).isEqualTo(200);
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void aMalformedAddressIsAnswered400() throws IOException {
    handler = new BlobHandlerOptions(List.of());
    start();
    assertThat(exchange("GET /?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n").status()).isEqualTo(400);
  }

  @Test
  void anOldClientIsAnsweredAndItsConnectionEnds() throws IOException {
    start();
    RawClient client = connect();
    client.send("POST / HTTP/1.0\r\nContent-Length: 14\r\n\r\n[{\"body\":\"x\"}]");
    Response response = client.read();
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.head()).contains("connection: close");
    assertThat(client.isEnded()).isTrue();
  }

  private static byte[] gzip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (OutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  @Test
  void compressedBodiesAreInflated() throws IOException {
    start();
    assertThat(postWith("Content-Encoding: gzip\r\n", gzip(EVENTS.getBytes(UTF_8))).status())
        .isEqualTo(200);
    ByteArrayOutputStream zlib = new ByteArrayOutputStream();
    try (OutputStream out = new DeflaterOutputStream(zlib)) {
      out.write(EVENTS.getBytes(UTF_8));
    }
    assertThat(postWith("Content-Encoding: deflate\r\n", zlib.toByteArray()).status())
        .isEqualTo(200);
    assertThat(output.events()).hasSize(4);
    assertThat(postWith("Content-Encoding: gzip\r\n", EVENTS.getBytes(UTF_8)).status())
        .isEqualTo(400);
    assertThat(postWith("Content-Encoding: br\r\n", EVENTS.getBytes(UTF_8)).status())
        .isEqualTo(415);
  }

  @Test
  void aBombIsNotInflatedBeyondTheLimit() throws IOException {
    start();
    byte[] bomb = gzip(new byte[200 << 20]);
    assertThat(bomb.length).isLessThan(1 << 20);
    assertThat(postWith("Content-Encoding: gzip\r\n", bomb).status()).isEqualTo(413);
    assertThat(post(EVENTS).status()).isEqualTo(200);
  }

  @Test
  void moreThanTheChannelsAcceptIsAnswered413() throws IOException {
    output.maxBatchBytes(10);
    start();
    assertThat(post(EVENTS).status()).isEqualTo(413);
    assertThat(output.emits()).isZero();
  }

  @Test
  void aSilentConnectionEndsBetweenTwoRequestsAndASlowOneWithinOne() throws IOException {
    idleTimeout = Duration.ofMillis(300);
    slowRequestTimeout = Duration.ofMillis(300);
    start();
    RawClient silent = connect();
    RawClient halfHead = connect();
    halfHead.send("POST / HTTP/1.1\r\nHo");
    RawClient halfBody = connect();
    halfBody.send(RawClient.head("Content-Length: 1000\r\n") + "[");
    assertThat(silent.isEnded()).isTrue();
    assertThat(halfHead.isEnded()).isTrue();
    assertThat(halfBody.isEnded()).isTrue();
    assertThat(context.metrics().value("ConnectionsClosedIdle")).isEqualTo(1);
    assertThat(context.metrics().value("ConnectionsClosedSlow")).isEqualTo(2);
  }

  @Test
  void aClientThatTricklesItsHeadIsClosed() throws Exception {
    slowRequestTimeout = Duration.ofMillis(400);
    start();
    RawClient slow = connect();
    slow.send("POST / HTTP/1.1\r\nHost: h\r\n");
    await()
        .pollInterval(Duration.ofMillis(20))
        .atMost(20, TimeUnit.SECONDS)
        .until(
            () -> {
              try {
                slow.send("X: y\r\n");
                return false;
              } catch (IOException e) {
                return true;
              }
            });
    assertThat(context.metrics().value("ConnectionsClosedSlow")).isEqualTo(1);
  }

  @Test
  void idleTimeoutOfFlumesServerCounts() throws IOException {
    serverConnector = Map.of("idleTimeout", "200");
    start();
    assertThat(connect().isEnded()).isTrue();
  }

  @Test
  void moreConnectionsThanPermittedAreClosed() throws IOException {
    maxConnections = 2;
    start();
    RawClient first = connect();
    first.post(EVENTS);
    first.read();
    RawClient second = connect();
    second.post(EVENTS);
    second.read();
    assertThat(connect().isEnded()).isTrue();
    assertThat(context.metrics().value("ConnectionsRefusedLimit")).isEqualTo(1);
  }

  @Test
  void aHalfSentRequestLeavesNothingBehind() throws IOException {
    start();
    RawClient client = connect();
    client.send(RawClient.head("Content-Length: 100\r\n") + "[{\"body\":\"x\"}");
    client.close();
    await().until(() -> context.metrics().value("OpenConnectionCount") == 0);
    assertThat(context.metrics().value("RequestBytesInFlight")).isZero();
    assertThat(output.events()).isEmpty();
  }

  @Test
  void theBudgetBoundsWhatIsInFlightAndIsGivenBack() throws Exception {
    maxInFlight = Optional.of(DataSize.ofBytes(256 * 1024));
    output.hold();
    start();
    String body = "[{\"body\":\"" + "x".repeat(100_000) + "\"}]";
    for (int i = 0; i < 20; i++) {
      RawClient client = connect();
      Thread sender =
          new Thread(
              () -> {
                try {
                  client.post(body);
                } catch (IOException e) {
                  // The test ends before it is read.
                }
              });
      sender.setDaemon(true);
      sender.start();
    }
    await().until(() -> context.metrics().value("ConnectionsPaused") > 0);
    assertThat(context.metrics().value("RequestBytesInFlight")).isLessThan(2 << 20);
    output.release();
    await().until(() -> output.events().size() == 20);
    await().until(() -> context.metrics().value("RequestsInFlight") == 0);
  }

  @Test
  void aStopAnswersWhatIsInFlightAndRefusesWhatIsHalfReceived() throws Exception {
    output.hold();
    start();
    InetSocketAddress address = source.address();
    RawClient inFlight = connect();
    inFlight.post(EVENTS);
    RawClient half = connect();
    half.send(RawClient.head("Content-Length: 100\r\n") + "[");
    await().until(() -> output.pending().size() == 1);
    await().until(() -> context.metrics().value("OpenConnectionCount") == 2);
    await().until(() -> context.metrics().value("RequestBytesInFlight") > 1100);
    Thread stop =
        new Thread(
            () -> {
              try {
                source.stop();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    stop.start();
    assertThat(half.read().status()).isEqualTo(503);
    output.pending().get(0).accept();
    assertThat(inFlight.read().status()).isEqualTo(200);
    stop.join();
    assertThatThrownBy(() -> new RawClient(address)).isInstanceOf(IOException.class);
  }

  @Test
  void clientsBehindABalancerAreKnownByTheirAddress() throws IOException {
    proxy =
        new ProxyProtocolOptions(
            ProxyProtocol.REQUIRED, List.of(), Duration.ofSeconds(5), Optional.of("client"));
    start();
    RawClient client = connect();
    client.send("PROXY TCP4 192.0.2.7 127.0.0.1 4711 80\r\n");
    client.post("[{\"headers\":{\"client\":\"liar\"},\"body\":\"x\"}]");
    assertThat(client.read().status()).isEqualTo(200);
    assertThat(output.events())
        .containsExactly(new ToyOutput.Event(Map.of("client", "192.0.2.7"), "x"));
  }

  @Test
  void aPortInUseIsSaid() {
    start();
    HttpSource second = new HttpSource(options(source.address().getPort()), context);
    assertThatThrownBy(second::start)
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("port " + source.address().getPort());
  }

  @Test
  void anUnusableSettingOfFlumesServerIsAnError() {
    serverConnector = Map.of("idleTimeout", "soon");
    assertThatThrownBy(() -> options(0))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("ServerConnector.idleTimeout: 'soon'");
  }

  @Test
  void settingsOfFlumesServerWithoutAnEffectAreAnswered() {
    serverConnector = Map.of("idleTimeout", "1000", "reuseAddress", "true");
    assertThat(options(0).ineffective()).containsOnlyKeys("ServerConnector.reuseAddress");
  }

  @Test
  void javasOwnClientIsServed() throws Exception {
    start();
    InetSocketAddress address = source.address();
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + "/"))
            .POST(HttpRequest.BodyPublishers.ofString(EVENTS))
            .build();
    for (int i = 0; i < 3; i++) {
      assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    }
    assertThat(output.events()).hasSize(6);
  }

  @Test
  void curlIsServed(@TempDir Path directory) throws Exception {
    start();
    Path file = Files.writeString(directory.resolve("events.json"), EVENTS);
    Path big =
        Files.writeString(
            directory.resolve("big.json"), "[{\"body\":\"" + "x".repeat(200_000) + "\"}]");
    String address = "http://127.0.0.1:" + source.address().getPort() + "/";
    assertThat(curl("--data-binary", "@" + file, address)).isEqualTo("200");
    // From 1 MiB on, or when it is told to, curl asks first.
    assertThat(curl("-H", "Expect: 100-continue", "--data-binary", "@" + big, address))
        .isEqualTo("200");
    assertThat(
            curl("-H", "Transfer-Encoding: chunked", "-T", file.toString(), "-X", "POST", address))
        .isEqualTo("200");
    assertThat(curl("-X", "PUT", "-d", "x", address)).isEqualTo("405");
    assertThat(output.events()).hasSize(5);
  }

  private static String curl(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "-s",
                "-m",
                "20",
                "-o",
                "/dev/null",
                "-w",
                "%{http_code}",
                "--noproxy",
                "*"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), UTF_8);
    process.waitFor();
    return text;
  }
}
