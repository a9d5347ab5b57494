/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.admin;

import static io.millrace.app.Patience.await;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.app.admin.Route.Access;
import io.millrace.app.admin.Route.Outcome;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The endpoint answers whoever else talks to it, and takes commands from whom it should. */
class AdminEndpointTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final Duration SOON = Duration.ofSeconds(5);

  /** Larger than what a socket buffers for a peer who does not read. */
  private static final byte[] LARGE = new byte[32 << 20];

  private final List<Socket> sockets = new ArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private final AtomicInteger commands = new AtomicInteger();
  private final AtomicBoolean wasInterrupted = new AtomicBoolean();
  private AdminEndpoint endpoint;

  @AfterEach
  void close() throws IOException {
    released.countDown();
    for (Socket socket : sockets) {
      socket.close();
    }
    if (endpoint != null) {
      endpoint.close();
    }
  }

  @Test
  void connectionsThatSayNothingKeepNobodyFromAnAnswer() throws Exception {
    open();
    for (int i = 0; i < 200; i++) {
      connect();
    }
    assertThat(get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  void requestsThatNeverEndKeepNobodyFromAnAnswer() throws Exception {
    open();
    for (int i = 0; i < 3 * RequestThreads.MAX_THREADS; i++) {
      connect().getOutputStream().write("GET /health HT".getBytes(US_ASCII));
    }
    for (int i = 0; i < 5; i++) {
      assertThat(get("/health").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void peersWhoDoNotReadTheirAnswersKeepNobodyFromAnAnswer() throws Exception {
    open();
    for (int i = 0; i < 2 * RequestThreads.MAX_THREADS; i++) {
      connect()
          .getOutputStream()
          .write("GET /large HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(US_ASCII));
    }
    assertThat(get("/health").statusCode()).isEqualTo(200);
  }

  /** Goal: as many as may come at once, again and again, and not one more thread than allowed. */
  @Test
  void aFloodIsAnsweredByAFewThreads() throws Exception {
    open();
    for (int round = 0; round < 5; round++) {
      for (int i = 0; i < AdminEndpoint.MAX_CONNECTIONS; i++) {
        try {
          connect().getOutputStream().write("POST / HTTP/1.1\r\nHost: h\r\n".getBytes(US_ASCII));
        } catch (IOException e) {
          break; // it closes what is too much
        }
      }
      assertThat(requestThreads()).isLessThanOrEqualTo(RequestThreads.MAX_THREADS);
      for (Socket socket : sockets) {
        socket.close();
      }
      sockets.clear();
    }
    await().until(() -> isAnswered("/health", 200));
  }

  @Test
  void aRouteThatHangsIsRefusedAndTheOthersAnswer() throws Exception {
    open();
    for (int i = 0; i < 2 * RequestThreads.MAX_THREADS; i++) {
      connect()
          .getOutputStream()
          .write("GET /hangs HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(US_ASCII));
    }
    await().until(() -> isAnswered("/hangs", 503));
    assertThat(get("/health").statusCode()).isEqualTo(200);
    released.countDown();
    await().until(() -> isAnswered("/hangs", 200));
    assertThat(wasInterrupted).as("a route that works is never interrupted").isFalse();
  }

  @Test
  void aRouteThatFailsIsAnErrorAndNotTheEnd() throws Exception {
    open();
    assertThat(get("/fails").statusCode()).isEqualTo(500);
    assertThat(get("/fails").body()).contains("IllegalStateException");
    assertThat(get("/health").statusCode()).isEqualTo(200);
  }

  @Test
  void aCommandIsDoneOnceAndSaysWhatCameOfIt() throws Exception {
    open();
    HttpResponse<String> done = post("/do", "");
    assertThat(done.statusCode()).isEqualTo(200);
    assertThat(done.body()).contains("\"done\" : true", "all is done");
    assertThat(post("/refused", "").statusCode()).isEqualTo(422);
    assertThat(get("/do").statusCode()).as("to look is no command").isEqualTo(405);
    assertThat(commands).hasValue(2);
  }

  @Test
  void aPageInABrowserCannotGiveACommand() throws Exception {
    open();
    assertThat(post("/do", "https://elsewhere.example").statusCode()).isEqualTo(403);
    assertThat(commands).hasValue(0);
  }

  @Test
  void commandsAreNotTakenWhenNobodyMayGiveThem() throws Exception {
    open();
    assertThat(post("/never", "").statusCode()).isEqualTo(403);
    assertThat(commands).hasValue(0);
  }

  @Test
  void anotherHostMayLookAndNotCommand() throws Exception {
    Route command = Route.command("/do", "", Access.LOOPBACK, this::count);
    InetAddress elsewhere = InetAddress.getByAddress(new byte[] {10, 0, 0, 7});

    Answer answer = command.answer(new Request("POST", "/do", "", "", false, elsewhere));

    assertThat(answer.status()).isEqualTo(403);
    assertThat(commands).hasValue(0);
  }

  @Test
  void theFirstPageNamesWhatThereIs() throws Exception {
    open();
    assertThat(get("/").body()).contains("href=\"/health\"", "POST /do");
    assertThat(get("/helth").body()).contains("/health");
  }

  private Outcome count() {
    commands.incrementAndGet();
    return new Outcome(true, "all is done");
  }

  private void open() throws IOException {
    endpoint =
        AdminEndpoint.open(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            List.of(
                Route.get("/health", "how it is", request -> Answer.text(200, "well\n")),
                Route.get("/large", "", request -> new Answer(200, "x", LARGE)),
                Route.get("/hangs", "", request -> hang()),
                Route.get(
                    "/fails",
                    "",
                    request -> {
                      throw new IllegalStateException("a defect");
                    }),
                Route.command("/do", "does it", Access.LOOPBACK, this::count),
                Route.command("/never", "", Access.NOBODY, this::count),
                Route.command(
                    "/refused",
                    "",
                    Access.ANYONE,
                    () -> {
                      commands.incrementAndGet();
                      return new Outcome(false, "no");
                    })));
  }

  private Answer hang() {
    try {
      released.await();
    } catch (InterruptedException e) {
      wasInterrupted.set(true);
      Thread.currentThread().interrupt();
    }
    return Answer.text(200, "at last\n");
  }

  private static long requestThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().matches("millrace/http/\\d+"))
        .count();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(endpoint.address().getAddress(), endpoint.address().getPort());
    sockets.add(socket);
    return socket;
  }

  /** Whether that is the answer now; one that does not come soon is none. */
  private boolean isAnswered(String path, int status) throws InterruptedException {
    try {
      return send(HttpRequest.newBuilder(uri(path)), SOON).statusCode() == status;
    } catch (IOException e) {
      return false;
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).GET(), LIMIT);
  }

  private HttpResponse<String> post(String path, String origin)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).POST(BodyPublishers.noBody());
    return send(origin.isEmpty() ? request : request.header("Origin", origin), LIMIT);
  }

  private static HttpResponse<String> send(HttpRequest.Builder request, Duration limit)
      throws IOException, InterruptedException {
    return HttpClient.newHttpClient().send(request.timeout(limit).build(), BodyHandlers.ofString());
  }

  private URI uri(String path) {
    return URI.create("http://127.0.0.1:" + endpoint.address().getPort() + path);
  }
}
