/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import io.millrace.api.DataSize;
import io.millrace.api.Source;
import io.millrace.api.SourceContext;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.FreePort;
import io.millrace.components.testing.SocketLines;
import io.millrace.components.testing.SourceContract;
import io.millrace.components.testing.SourceFixture;
import io.millrace.kit.tls.ServerTlsOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

class HttpContractTest extends SourceContract {
  @Override
  protected SourceFixture fixture(Path directory) throws IOException {
    return new Fixture(FreePort.any(), HttpClient.newHttpClient());
  }

  private record Fixture(int port, HttpClient client) implements SourceFixture {
    private static final int MAX_BYTES_IN_FLIGHT = 4 << 20;

    /** Of about a thousand bytes, in a flood: less than a mebibyte together. */
    private static final int EVENTS_PER_REQUEST = 800;

    @Override
    public Source build(SourceContext context) {
      return new HttpSourceOptions(
              "127.0.0.1",
              port,
              new JsonHandlerOptions(),
              ServerTlsOptions.none(),
              new HttpLimitOptions(
                  1_000,
                  1_000,
                  DataSize.ofBytes(8 << 20),
                  DataSize.ofBytes(8192),
                  Optional.of(DataSize.ofBytes(MAX_BYTES_IN_FLIGHT)),
                  Duration.ofSeconds(30),
                  Duration.ofSeconds(30),
                  Duration.ofSeconds(300),
                  Duration.ZERO),
              ProxyProtocolOptions.OFF,
              Map.of(),
              Map.of(),
              Map.of(),
              Map.of())
          .build(context);
    }

    private int post(String body) throws IOException {
      HttpRequest request =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/"))
              .timeout(Duration.ofSeconds(60))
              .POST(HttpRequest.BodyPublishers.ofString(body))
              .build();
      try {
        return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }

    @Override
    public Set<String> offer(List<String> bodies) throws IOException {
      String events =
          bodies.stream()
              .map(body -> "{\"headers\":{},\"body\":\"" + body + "\"}")
              .collect(Collectors.joining(",", "[", "]"));
      return post(events) == 200 ? new HashSet<>(bodies) : Set.of();
    }

    /**
     * Requests as long as the channels accept, of which not all fit into the bytes in flight
     * together; longer ones would be answered 413.
     */
    @Override
    public void flood(List<String> bodies) throws IOException {
      for (int i = 0; i < bodies.size(); i += EVENTS_PER_REQUEST) {
        offer(bodies.subList(i, Math.min(i + EVENTS_PER_REQUEST, bodies.size())));
      }
    }

    @Override
    public void offerGarbage() throws IOException {
      post("this is no JSON");
      post("[{\"headers\":{},\"body\":");
      SocketLines.send(port, "\u0000\u0001 / HTTP/9\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** The events of a request may be as long again as the request. */
    @Override
    public long maxBytesInFlight() {
      return 4 * MAX_BYTES_IN_FLIGHT;
    }
  }
}
