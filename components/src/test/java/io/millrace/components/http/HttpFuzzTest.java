/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import static io.millrace.components.testing.Patience.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.DataSize;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.tls.ServerTlsOptions;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a client sends, in whatever pieces: a clear answer or an orderly end. */
@Timeout(300)
class HttpFuzzTest {
  private static final int ROUNDS = Integer.getInteger("millrace.fuzz.rounds", 1500);
  private static final List<String> PIECES =
      List.of(
          "POST / HTTP/1.1\r\n",
          "GET /?a=b HTTP/1.1\r\n",
          "HEAD / HTTP/1.0\r\n",
          "Host: h\r\n",
          "Content-Length: 14\r\n",
          "Content-Length: 0\r\n",
          "Content-Length: 99999999999\r\n",
          "Transfer-Encoding: chunked\r\n",
          "Content-Encoding: gzip\r\n",
          "Expect: 100-continue\r\n",
          "Content-Type: application/x-ndjson\r\n",
          "Connection: close\r\n",
          "\r\n",
          "[{\"body\":\"x\"}]",
          "e\r\n[{\"body\":\"x\"}]\r\n",
          "0\r\n\r\n",
          "{\"body\":\"x\"}",
          "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 14\r\n\r\n[{\"body\":\"x\"}]",
          "\u0000",
          "\n",
          " ",
          ":",
          "\u00ff\u00fe",
          "X: " + "y".repeat(9000));

  private final ToySourceContext context = new ToySourceContext();
  private HttpSource source;

  @BeforeEach
  void start() {
    source =
        new HttpSource(
            new HttpSourceOptions(
                "127.0.0.1",
                0,
                new JsonHandlerOptions(),
                ServerTlsOptions.none(),
                new HttpLimitOptions(
                    100,
                    100,
                    DataSize.ofMebibytes(1),
                    DataSize.ofBytes(8192),
                    Optional.empty(),
                    Duration.ofMillis(500),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(300),
                    Duration.ZERO),
                ProxyProtocolOptions.OFF,
                Map.of(),
                Map.of(),
                Map.of(),
                Map.of()),
            context);
    source.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    source.stop();
  }

  @Test
  void anyBytesInAnyPiecesAreAnsweredOrEndTheConnection() throws IOException {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < ROUNDS; round++) {
      StringBuilder text = new StringBuilder();
      for (int i = random.nextInt(12); i >= 0; i--) {
        text.append(PIECES.get(random.nextInt(PIECES.size())));
      }
      exchange(text.toString().getBytes(StandardCharsets.ISO_8859_1), random, seed, round);
    }
    await().until(() -> context.metrics().value("OpenConnectionCount") == 0);
    await().until(() -> context.metrics().value("RequestBytesInFlight") == 0);
    assertThat(context.metrics().value("GenericProcessingFail")).isZero();
    try (RawClient client = new RawClient(source.address())) {
      client.post("[{\"body\":\"last\"}]");
      assertThat(client.read().status()).isEqualTo(200);
    }
  }

  /** Sends in two pieces, ends its side, and reads to the end. */
  private void exchange(byte[] bytes, Random random, long seed, int round) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", source.address().getPort())) {
      socket.setSoTimeout(60_000);
      OutputStream out = socket.getOutputStream();
      int split = random.nextInt(bytes.length + 1);
      out.write(bytes, 0, split);
      out.flush();
      out.write(bytes, split, bytes.length - split);
      out.flush();
      socket.shutdownOutput();
      InputStream in = socket.getInputStream();
      String answer = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(answer.isEmpty() || answer.startsWith("HTTP/1.1 "))
          .as("seed %d, round %d: %s", seed, round, answer)
          .isTrue();
    } catch (SocketException e) {
      // The source ended it while the rest was written.
    }
  }
}
