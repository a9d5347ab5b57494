/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static io.millrace.components.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataSize;
import io.millrace.components.http.RawClient.Response;
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
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests as such: their framing, their limits, their clients. */
@Timeout(300)
class HttpProtocolTest {
  private final HttpRig rig = new HttpRig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
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
    rig.start();
    Response response = rig.exchange(method + " / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(response.status()).isEqualTo(status);
    if (status == 405) {
      assertThat(response.head()).contains("allow: get, head, post");
    }
  }

  @Test
  void anAnswerToHeadHasNoBody() throws IOException {
    rig.start();
    RawClient client = rig.connect();
    client.send("HEAD / HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(client.read(false).status()).isEqualTo(400);
    client.post(HttpRig.EVENTS);
    assertThat(client.read().status()).isEqualTo(200);
  }

  @Test
  void chunkedBodiesAreTakenInAnyPieces() throws IOException {
    rig.start();
    RawClient client = rig.connect();
    client.send(RawClient.head("Transfer-Encoding: chunked\r\n"));
    for (byte b : HttpRig.EVENTS.getBytes(UTF_8)) {
      client.send(new byte[] {'1', '\r', '\n', b, '\r', '\n'});
    }
    client.send("0\r\nTrailer: x\r\n\r\n");
    assertThat(client.read().status()).isEqualTo(200);
    assertThat(rig.output.bodies()).containsExactly("first", "grüße");
    client.post(HttpRig.EVENTS);
    assertThat(client.read().status()).isEqualTo(200);
  }

  @Test
  void aClientThatExpectsItIsToldToContinue() throws IOException {
    rig.start();
    RawClient client = rig.connect();
    client.send(RawClient.head("Expect: 100-continue\r\nContent-Length: 14\r\n"));
    assertThat(client.read().status()).isEqualTo(100);
    client.send("[{\"body\":\"x\"}]");
    assertThat(client.read().status()).isEqualTo(200);
  }

  @Test
  void aTooLongBodyIsRefusedBeforeItIsSent() throws IOException {
    rig.start();
    RawClient client = rig.connect();
    client.send(RawClient.head("Expect: 100-continue\r\nContent-Length: 999999999999\r\n"));
    assertThat(client.read().status()).isEqualTo(413);
    assertThat(client.isEnded()).isTrue();
    assertThat(rig.context.metrics().value("RequestsRejectedTooLarge")).isEqualTo(1);
  }

  @Test
  void aBodyThatGrowsTooLongInChunksIsRefused() throws IOException {
    rig.maxRequestBytes = 4096;
    rig.start();
    RawClient client = rig.connect();
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
    rig.handler = new BlobHandlerOptions(List.of());
    rig.start();
    RawClient client = rig.connect();
    client.send(
        RawClient.head(headers)
            + "0\r\n\r\nPOST /smuggled HTTP/1.1\r\nHost: h\r\n"
            + "Content-Length: 0\r\n\r\n");
    assertThat(client.read().status()).isIn(400, 413, 501);
    assertThat(client.isEnded()).isTrue();
    assertThat(rig.output.events()).isEmpty();
  }

  @Test
  void longHeadersAndFirstLinesAreRefused() throws IOException {
    rig.start();
    assertThat(rig.exchange("GET /" + "x".repeat(9000) + " HTTP/1.1\r\n\r\n").status())
        .isEqualTo(414);
    assertThat(rig.exchange(RawClient.head("X: " + "y".repeat(9000) + "\r\n")).status())
        .isEqualTo(431);
  }

  @Test
  void otherProtocolsAreRefused() throws IOException {
    rig.start();
    assertThat(rig.exchange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").status()).isIn(400, 505);
    assertThat(rig.exchange("\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n").status())
        .isEqualTo(400);
    assertThat(rig.exchange("POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n").status())
        .isEqualTo(400);
  }

  @Test
  void aClientThatEndsItsSideGetsItsAnswer() throws IOException {
    rig.output.hold();
    rig.start();
    RawClient client = rig.connect();
    client.post(HttpRig.EVENTS);
    client.endOutput();
    await().until(() -> rig.output.pending().size() == 1);
    rig.output.pending().get(0).accept();
    assertThat(client.read().status()).isEqualTo(200);
    assertThat(client.isEnded()).isTrue();
  }

  @Test
  void aMalformedAddressIsAnswered400() throws IOException {
    rig.handler = new BlobHandlerOptions(List.of());
    rig.start();
    assertThat(rig.exchange("GET /?a=%zz HTTP/1.1\r\nHost: h\r\n\r\n").status()).isEqualTo(400);
  }

  @Test
  void anOldClientIsAnsweredAndItsConnectionEnds() throws IOException {
    rig.start();
    RawClient client = rig.connect();
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
    rig.start();
    assertThat(
            rig.postWith("Content-Encoding: gzip\r\n", gzip(HttpRig.EVENTS.getBytes(UTF_8)))
                .status())
        .isEqualTo(200);
    ByteArrayOutputStream zlib = new ByteArrayOutputStream();
    try (OutputStream out = new DeflaterOutputStream(zlib)) {
      out.write(HttpRig.EVENTS.getBytes(UTF_8));
    }
    assertThat(rig.postWith("Content-Encoding: deflate\r\n", zlib.toByteArray()).status())
        .isEqualTo(200);
    assertThat(rig.output.events()).hasSize(4);
    assertThat(rig.postWith("Content-Encoding: gzip\r\n", HttpRig.EVENTS.getBytes(UTF_8)).status())
        .isEqualTo(400);
    assertThat(rig.postWith("Content-Encoding: br\r\n", HttpRig.EVENTS.getBytes(UTF_8)).status())
        .isEqualTo(415);
  }

  @Test
  void aBombIsNotInflatedBeyondTheLimit() throws IOException {
    rig.start();
    byte[] bomb = gzip(new byte[200 << 20]);
    assertThat(bomb.length).isLessThan(1 << 20);
    assertThat(rig.postWith("Content-Encoding: gzip\r\n", bomb).status()).isEqualTo(413);
    assertThat(rig.post(HttpRig.EVENTS).status()).isEqualTo(200);
  }

  @Test
  void aSilentConnectionEndsBetweenTwoRequests() throws IOException {
    rig.idleTimeout = Duration.ofMillis(300);
    rig.start();
    assertThat(rig.connect().isEnded()).isTrue();
    assertThat(rig.context.metrics().value("ConnectionsClosedIdle")).isEqualTo(1);
  }

  @Test
  void aConnectionThatFallsSilentWithinARequestEnds() throws IOException {
    rig.slowRequestTimeout = Duration.ofMillis(300);
    rig.start();
    RawClient halfHead = rig.connect();
    halfHead.send("POST / HTTP/1.1\r\nHo");
    RawClient halfBody = rig.connect();
    halfBody.send(RawClient.head("Content-Length: 1000\r\n") + "[");
    assertThat(halfHead.isEnded()).isTrue();
    assertThat(halfBody.isEnded()).isTrue();
    assertThat(rig.context.metrics().value("ConnectionsClosedSlow")).isEqualTo(2);
  }

  @Test
  void aClientThatTricklesItsHeadIsClosed() throws Exception {
    rig.slowRequestTimeout = Duration.ofMillis(400);
    rig.start();
    RawClient slow = rig.connect();
    slow.send("POST / HTTP/1.1\r\nHost: h\r\n");
    await()
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              try {
                slow.send("X: y\r\n");
                return false;
              } catch (IOException e) {
                return true;
              }
            });
    assertThat(rig.context.metrics().value("ConnectionsClosedSlow")).isEqualTo(1);
  }

  @Test
  void idleTimeoutOfFlumesServerCounts() throws IOException {
    rig.serverConnector = Map.of("idleTimeout", "200");
    rig.start();
    assertThat(rig.connect().isEnded()).isTrue();
  }

  @Test
  void moreConnectionsThanPermittedAreClosed() throws IOException {
    rig.maxConnections = 2;
    rig.start();
    RawClient first = rig.connect();
    first.post(HttpRig.EVENTS);
    first.read();
    RawClient second = rig.connect();
    second.post(HttpRig.EVENTS);
    second.read();
    assertThat(rig.connect().isEnded()).isTrue();
    assertThat(rig.context.metrics().value("ConnectionsRefusedLimit")).isEqualTo(1);
  }

  @Test
  void aHalfSentRequestLeavesNothingBehind() throws IOException {
    rig.start();
    RawClient client = rig.connect();
    client.send(RawClient.head("Content-Length: 100\r\n") + "[{\"body\":\"x\"}");
    client.close();
    await().until(() -> rig.context.metrics().value("OpenConnectionCount") == 0);
    await().until(() -> rig.context.metrics().value("RequestBytesInFlight") == 0);
    assertThat(rig.output.events()).isEmpty();
  }

  @Test
  void theBudgetBoundsWhatIsInFlightAndIsGivenBack() throws Exception {
    rig.maxInFlight = Optional.of(DataSize.ofBytes(256 * 1024));
    rig.output.hold();
    rig.start();
    String body = "[{\"body\":\"" + "x".repeat(100_000) + "\"}]";
    for (int i = 0; i < 20; i++) {
      RawClient client = rig.connect();
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
    await().until(() -> rig.context.metrics().value("ConnectionsPaused") > 0);
    assertThat(rig.context.metrics().value("RequestBytesInFlight")).isLessThan(2 << 20);
    rig.output.release();
    await().until(() -> rig.output.events().size() == 20);
    await().until(() -> rig.context.metrics().value("RequestsInFlight") == 0);
  }

  @Test
  void javasOwnClientIsServed() throws Exception {
    rig.start();
    InetSocketAddress address = rig.source.address();
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + address.getPort() + "/"))
            .POST(HttpRequest.BodyPublishers.ofString(HttpRig.EVENTS))
            .build();
    for (int i = 0; i < 3; i++) {
      assertThat(client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode())
          .isEqualTo(200);
    }
    assertThat(rig.output.events()).hasSize(6);
  }

  @Test
  void curlIsServed(@TempDir Path directory) throws Exception {
    rig.start();
    Path file = Files.writeString(directory.resolve("events.json"), HttpRig.EVENTS);
    Path big =
        Files.writeString(
            directory.resolve("big.json"), "[{\"body\":\"" + "x".repeat(200_000) + "\"}]");
    String address = "http://127.0.0.1:" + rig.source.address().getPort() + "/";
    assertThat(curl("--data-binary", "@" + file, address)).isEqualTo("200");
    // From 1 MiB on, or when it is told to, curl asks first.
    assertThat(curl("-H", "Expect: 100-continue", "--data-binary", "@" + big, address))
        .isEqualTo("200");
    assertThat(
            curl("-H", "Transfer-Encoding: chunked", "-T", file.toString(), "-X", "POST", address))
        .isEqualTo("200");
    assertThat(curl("-X", "PUT", "-d", "x", address)).isEqualTo("405");
    assertThat(rig.output.events()).hasSize(5);
  }

  private static String curl(String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "curl",
                "-s",
                "-m",
                "120",
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
