/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.app.admin.AdminEndpoint;
import io.millrace.app.admin.Answer;
import io.millrace.app.admin.Route;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MonitoringTest {
  private static final Map<String, Map<String, String>> METRICS =
      Map.of("CHANNEL.c1", Map.of("ChannelSize", "17", "Open", "true"));

  private static final List<Route> ROUTES =
      List.of(Route.any("/metrics", "figures", request -> Answer.json(200, METRICS)));

  @Test
  void metricsAreServedInTheFormOfFlume() throws Exception {
    try (AdminEndpoint endpoint = open("http", "0").orElseThrow()) {
      HttpResponse<String> answer = request(endpoint, "GET", "/metrics");

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.headers().firstValue("Content-Type"))
          .contains("application/json;charset=utf-8");
      assertThat(answer.body())
          .isIn(
              "{\"CHANNEL.c1\":{\"ChannelSize\":\"17\",\"Open\":\"true\"}}",
              "{\"CHANNEL.c1\":{\"Open\":\"true\",\"ChannelSize\":\"17\"}}");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "GET,/METRICS,200",
    "HEAD,/metrics,200",
    "POST,/metrics,200",
    "GET,/,200",
    "GET,/else,404",
    "TRACE,/metrics,403",
    "OPTIONS,/metrics,403"
  })
  void everyRequestIsAnsweredAsByFlume(String method, String path, int status) throws Exception {
    try (AdminEndpoint endpoint = open("http", "0").orElseThrow()) {
      if (method.equals("TRACE")) {
        assertThat(rawAnswer(endpoint, method + " " + path)).contains(" " + status + " ");
      } else {
        assertThat(request(endpoint, method, path).statusCode()).isEqualTo(status);
      }
    }
  }

  @Test
  void theEndpointListensOnTheLoopbackAddressUnlessOpened() {
    try (AdminEndpoint endpoint = open("http", "0").orElseThrow()) {
      assertThat(endpoint.address().getAddress().isLoopbackAddress()).isTrue();
    }
    Map<String, String> opened =
        Map.of(
            "flume.monitoring.type", "http",
            "flume.monitoring.port", "0",
            "flume.monitoring.bind", "0.0.0.0");
    try (AdminEndpoint endpoint = open(opened).orElseThrow()) {
      assertThat(endpoint.address().getAddress().isAnyLocalAddress()).isTrue();
    }
  }

  @Test
  void theEndpointMayBeAskedForUnderItsOwnNames() {
    Map<String, String> own = Map.of("millrace.admin.port", "0", "millrace.admin.bind", "0.0.0.0");
    try (AdminEndpoint endpoint = open(own).orElseThrow()) {
      assertThat(endpoint.address().getAddress().isAnyLocalAddress()).isTrue();
    }
    assertThat(open(Map.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"loopback,LOOPBACK", "any,ANYONE", "none,NOBODY", "everybody,NOBODY"})
  void whoMayGiveCommandsIsForTheOperatorToSay(String text, Route.Access access) {
    assertThat(new Monitoring(Map.of("millrace.admin.commands", text)::get).commandAccess())
        .isEqualTo(access);
  }

  @Test
  void aPortInUseDoesNotKeepTheAgentFromRunning() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      assertThat(open("http", String.valueOf(taken.getLocalPort()))).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "65536", "many"})
  void anUnusablePortDoesNotKeepTheAgentFromRunning(String port) {
    assertThat(open("http", port)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ganglia", "prometheus", "com.example.Monitor"})
  void aTypeThatIsNotProvidedDoesNotKeepTheAgentFromRunning(String type) {
    assertThat(open(type, "0")).isEmpty();
  }

  private static Optional<AdminEndpoint> open(String type, String port) {
    Map<String, String> properties =
        Map.of("flume.monitoring.type", type, "flume.monitoring.port", port);
    return open(properties);
  }

  private static Optional<AdminEndpoint> open(Map<String, String> properties) {
    Monitoring monitoring = new Monitoring(properties::get);
    return monitoring.address().flatMap(address -> monitoring.open(address, ROUTES));
  }

  private static HttpResponse<String> request(AdminEndpoint endpoint, String method, String path)
      throws IOException, InterruptedException {
    URI uri = URI.create("http://127.0.0.1:" + endpoint.address().getPort() + path);
    return HttpClient.newHttpClient()
        .send(
            HttpRequest.newBuilder(uri).method(method, BodyPublishers.noBody()).build(),
            BodyHandlers.ofString());
  }

  /** For methods that the JDK's client does not send. */
  private static String rawAnswer(AdminEndpoint endpoint, String request) throws IOException {
    try (Socket socket =
        new Socket(endpoint.address().getAddress(), endpoint.address().getPort())) {
      socket
          .getOutputStream()
          .write(
              (request + " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n").getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }
}
