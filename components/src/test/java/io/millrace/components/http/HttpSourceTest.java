/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static io.millrace.components.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ChannelFullException;
import io.millrace.api.ConfigurationException;
import io.millrace.api.DataSize;
import io.millrace.api.RejectedException;
import io.millrace.api.StorageException;
import io.millrace.api.TransientException;
import io.millrace.components.http.RawClient.Response;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.ToyOutput;
import io.millrace.rpc.proxy.ProxyProtocol;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of events. */
@Timeout(300)
class HttpSourceTest {
  private final HttpRig rig = new HttpRig();

  @AfterEach
  void stop() throws Exception {
    rig.close();
  }

  @Test
  void anArrayOfEventsIsOneBatchAndIsAnswered200() throws IOException {
    rig.start();
    Response response = rig.post(HttpRig.EVENTS);
    assertThat(response.status()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    assertThat(response.head()).contains("content-length: 0").contains("date: ");
    assertThat(rig.output.events())
        .containsExactly(
            new ToyOutput.Event(Map.of("a", "1", "b", "zwei"), "first"),
            new ToyOutput.Event(Map.of(), "grüße"));
    assertThat(rig.output.emits()).isEqualTo(1);
    assertThat(rig.context.metrics().value("AppendBatchAcceptedCount")).isEqualTo(1);
  }

  @Test
  void aConnectionCarriesManyRequestsAlsoSuchThatComeTogether() throws IOException {
    rig.start();
    RawClient client = rig.connect();
    String one = "[{\"body\":\"x\"}]";
    String request = RawClient.head("Content-Length: " + one.length() + "\r\n") + one;
    client.send(request.repeat(50));
    for (int i = 0; i < 50; i++) {
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(rig.output.events()).hasSize(50);
  }

  @Test
  void answersComeInTheOrderOfTheRequestsAndNotBeforeTheChannelsHaveTheEvents() throws Exception {
    rig.output.hold();
    rig.start();
    RawClient client = rig.connect();
    client.post("[{\"body\":\"one\"}]");
    client.post("[{\"body\":\"two\"}]");
    client.post("broken");
    await().until(() -> rig.output.pending().size() == 2);
    rig.output.pending().get(1).accept();
    assertThat(client.available()).isZero();
    rig.output.pending().get(0).fail(new ChannelFullException("channel c1 is full"));
    Response first = client.read();
    assertThat(first.status()).isEqualTo(503);
    assertThat(first.head()).contains("retry-after: 1");
    assertThat(client.read().status()).isEqualTo(200);
    assertThat(client.read().status()).isEqualTo(400);
    assertThat(rig.output.bodies()).containsExactly("two");
  }

  @Test
  void aFullChannelAnswers503AndLater200OnTheSameConnection() throws Exception {
    rig.output.hold();
    rig.start();
    RawClient client = rig.connect();
    client.post(HttpRig.EVENTS);
    await().until(() -> rig.output.pending().size() == 1);
    rig.output.pending().get(0).fail(new ChannelFullException("channel c1 is full"));
    assertThat(client.read().status()).isEqualTo(503);
    rig.output.release();
    client.post(HttpRig.EVENTS);
    assertThat(client.read().status()).isEqualTo(200);
    assertThat(rig.output.events()).hasSize(2);
    assertThat(rig.context.metrics().value("ChannelWriteFail")).isEqualTo(1);
  }

  @Test
  void eachFailureOfTheChannelsHasItsStatus() throws Exception {
    rig.output.hold();
    rig.start();
    RawClient client = rig.connect();
    for (Map.Entry<RuntimeException, Integer> failure :
        Map.of(
                new StorageException("disk", null), 503,
                new TransientException("stopping"), 503,
                new RejectedException("too large"), 400,
                new IllegalStateException("ours"), 500)
            .entrySet()) {
      client.post(HttpRig.EVENTS);
      await().until(() -> rig.output.pending().size() == 1);
      rig.output.pending().get(0).fail(failure.getKey());
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
    rig.start();
    Response response = rig.post(body);
    assertThat(response.status()).isEqualTo(400);
    assertThat(response.body()).isNotEmpty();
    assertThat(rig.output.events()).isEmpty();
    assertThat(rig.context.metrics().value("RequestsRejectedMalformed")).isEqualTo(1);
    assertThat(rig.post(HttpRig.EVENTS).status()).isEqualTo(200);
  }

  @Test
  void tenThousandLevelsAreAnswered400() throws IOException {
    rig.start();
    assertThat(rig.post("[".repeat(10_000)).status()).isEqualTo(400);
    assertThat(rig.post("[{\"x\":" + "{\"x\":".repeat(10_000)).status()).isEqualTo(400);
  }

  @Test
  void numbersOfAnyLengthAreTextOrAreRefused() throws IOException {
    rig.start();
    assertThat(rig.post("[{\"headers\":{\"n\":1e99999,\"b\":true,\"z\":null}}]").status())
        .isEqualTo(200);
    assertThat(rig.output.events().get(0).headers()).isEqualTo(Map.of("n", "1e99999", "b", "true"));
    assertThat(rig.post("[{\"headers\":{\"n\":" + "9".repeat(5000) + "}}]").status())
        .isEqualTo(400);
  }

  @Test
  void ofHeadersThatComeTwiceTheLastCounts() throws IOException {
    rig.start();
    rig.post("[{\"headers\":{\"a\":\"1\",\"a\":\"2\"},\"body\":\"x\",\"body\":\"y\"}]");
    assertThat(rig.output.events()).containsExactly(new ToyOutput.Event(Map.of("a", "2"), "y"));
  }

  @Test
  void halfOfASurrogatePairBecomesAQuestionMark() throws IOException {
    rig.start();
    assertThat(rig.post("[{\"body\":\"a\\ud800b \\ud83d\\ude00\"}]").status()).isEqualTo(200);
    assertThat(rig.output.bodies()).containsExactly("a?b 😀");
  }

  @Test
  void bytesThatAreNoTextBecomeReplacementCharacters() throws IOException {
    rig.start();
    byte[] body = "[{\"body\":\"a?b\"}]".getBytes(UTF_8);
    body[11] = (byte) 0xE4;
    assertThat(rig.postWith("", body).status()).isEqualTo(200);
    assertThat(rig.output.bodies()).containsExactly("a\uFFFDb");
  }

  @Test
  void theCharsetOfTheContentTypeCounts() throws IOException {
    rig.start();
    byte[] body = HttpRig.EVENTS.getBytes(UTF_16);
    assertThat(rig.postWith("Content-Type: application/json; charset=UTF-16\r\n", body).status())
        .isEqualTo(200);
    assertThat(rig.output.events().get(0).headers()).isEqualTo(Map.of("a", "1", "b", "zwei"));
    assertThat(
            rig.postWith(
                    "Content-Type: application/json; charset=\"utf-8\"\r\n",
                    HttpRig.EVENTS.getBytes(UTF_8))
                .status())
        .isEqualTo(200);
    assertThat(
            rig.postWith(
                    "Content-Type: text/plain; charset=klingon\r\n", HttpRig.EVENTS.getBytes(UTF_8))
                .status())
        .isEqualTo(400);
  }

  @Test
  void linesOfEventsAreTakenWithTheirContentType() throws IOException {
    rig.start();
    byte[] lines = "{\"body\":\"a\"}\n{\"body\":\"b\"}\n\n{\"body\":\"\\u00e4\"}".getBytes(UTF_8);
    assertThat(rig.postWith("Content-Type: application/x-ndjson\r\n", lines).status())
        .isEqualTo(200);
    assertThat(rig.output.bodies()).containsExactly("a", "b", "ä");
  }

  @Test
  void anEmptyArrayIsAnswered200() throws IOException {
    rig.start();
    assertThat(rig.post("[]").status()).isEqualTo(200);
    assertThat(rig.output.emits()).isZero();
  }

  @Test
  void getRunsTheHandlerAsInFlume() throws IOException {
    rig.handler = new BlobHandlerOptions(List.of());
    rig.start();
    Response response = rig.exchange("GET /x?host=web%201&host=b&q HTTP/1.1\r\nHost: h\r\n\r\n");
    assertThat(response.status()).isEqualTo(200);
    assertThat(rig.output.events())
        .containsExactly(new ToyOutput.Event(Map.of("host", "web 1", "q", ""), ""));
  }

  @Test
  void theBlobHandlerAsksForItsMandatoryParameters() throws IOException {
    rig.handler = new BlobHandlerOptions(List.of("host", " id "));
    rig.start();
    assertThat(
            rig.exchange("POST /?host=a HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").status())
        .isEqualTo(400);
    assertThat(
            rig.exchange("POST /?host=a&id=7 HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc")
                .status())
        .isEqualTo(200);
    assertThat(rig.output.events())
        .containsExactly(new ToyOutput.Event(Map.of("host", "a", "id", "7"), "abc"));
  }

  @Test
  void theMorphlineHandlerKeepsTheContentTypeAndRefusesLongBodies() throws IOException {
    rig.handler = new MorphlineBlobHandlerOptions(DataSize.ofBytes(5));
    rig.start();
    assertThat(rig.postWith("Content-Type: image/png\r\n", "12345".getBytes(UTF_8)).status())
        .isEqualTo(200);
    assertThat(rig.postWith("", "123456".getBytes(UTF_8)).status()).isEqualTo(400);
    assertThat(rig.postWith("", new byte[0]).status()).isEqualTo(200);
    assertThat(rig.output.events())
        .containsExactly(new ToyOutput.Event(Map.of("Content-Type", "image/png"), "12345"));
  }

  @Test
  void moreThanTheChannelsAcceptIsAnswered413() throws IOException {
    rig.output.maxBatchBytes(10);
    rig.start();
    assertThat(rig.post(HttpRig.EVENTS).status()).isEqualTo(413);
    assertThat(rig.output.emits()).isZero();
  }

  @Test
  void aStopAnswersWhatIsInFlightAndRefusesWhatIsHalfReceived() throws Exception {
    rig.output.hold();
    rig.start();
    InetSocketAddress address = rig.source.address();
    RawClient inFlight = rig.connect();
    inFlight.post(HttpRig.EVENTS);
    RawClient half = rig.connect();
    half.send(RawClient.head("Content-Length: 100\r\n") + "[");
    await().until(() -> rig.output.pending().size() == 1);
    await().until(() -> rig.context.metrics().value("OpenConnectionCount") == 2);
    await().until(() -> rig.context.metrics().value("RequestBytesInFlight") > 1100);
    Thread stop =
        new Thread(
            () -> {
              try {
                rig.source.stop();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
            });
    stop.start();
    assertThat(half.read().status()).isEqualTo(503);
    rig.output.pending().get(0).accept();
    assertThat(inFlight.read().status()).isEqualTo(200);
    stop.join();
    assertThatThrownBy(() -> new RawClient(address)).isInstanceOf(IOException.class);
  }

  @Test
  void clientsBehindABalancerAreKnownByTheirAddress() throws IOException {
    rig.proxy =
        new ProxyProtocolOptions(
            ProxyProtocol.REQUIRED, List.of(), Duration.ofMinutes(2), Optional.of("client"));
    rig.start();
    RawClient client = rig.connect();
    client.send("PROXY TCP4 192.0.2.7 127.0.0.1 4711 80\r\n");
    client.post("[{\"headers\":{\"client\":\"liar\"},\"body\":\"x\"}]");
    assertThat(client.read().status()).isEqualTo(200);
    assertThat(rig.output.events())
        .containsExactly(new ToyOutput.Event(Map.of("client", "192.0.2.7"), "x"));
  }

  @Test
  void aPortInUseIsSaid() {
    rig.start();
    HttpSource second = new HttpSource(rig.options(rig.source.address().getPort()), rig.context);
    assertThatThrownBy(second::start)
        .isInstanceOf(TransientException.class)
        .hasMessageContaining("port " + rig.source.address().getPort());
  }

  @Test
  void anUnusableSettingOfFlumesServerIsAnError() {
    rig.serverConnector = Map.of("idleTimeout", "soon");
    assertThatThrownBy(() -> rig.options(0))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("ServerConnector.idleTimeout: 'soon'");
  }

  @Test
  void settingsOfFlumesServerWithoutAnEffectAreAnswered() {
    rig.serverConnector = Map.of("idleTimeout", "1000", "reuseAddress", "true");
    assertThat(rig.options(0).ineffective()).containsOnlyKeys("ServerConnector.reuseAddress");
  }
}
