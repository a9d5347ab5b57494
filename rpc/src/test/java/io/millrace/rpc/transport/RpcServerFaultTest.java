/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static io.millrace.rpc.transport.TestServer.OK;
import static io.millrace.rpc.transport.TestServer.limits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.millrace.api.EventBatch;
import io.millrace.rpc.frame.FrameEncoder;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Request;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What peers may do to a server. */
@Timeout(60)
class RpcServerFaultTest {
  private static final String HASH = "86aadae2c45474c0fe93ffd0f2350a65";
  private static final byte[] FIRST =
      HexFormat.of()
          .parseHex(
              "00000001000000020000002b"
                  + HASH
                  + "00"
                  + HASH
                  + "0200000c617070656e64"
                  + "0000000902026b027600046869");

  @Test
  void bytesThatAreNoFrameCostTheirConnectionAlone() throws Exception {
    try (TestServer server = new TestServer(OK);
        Socket good = connect(server)) {
      try (Socket bad = connect(server)) {
        bad.getOutputStream().write("GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes("US-ASCII"));
        assertThat(bad.getInputStream().read()).isEqualTo(-1);
      }
      try (Socket bad = connect(server)) {
        bad.getOutputStream().write(FrameEncoder.frame(1, new byte[10]));
        assertThat(bad.getInputStream().read()).isEqualTo(-1);
      }
      try (Socket bad = connect(server)) {
        bad.getOutputStream().write(new byte[] {0, 0, 0, 1, 0, 0, 0, 1, 127, 0, 0, 0});
        assertThat(bad.getInputStream().read()).isEqualTo(-1);
      }
      assertThat(
              server.metrics.value("FramesRejectedMalformed")
                  + server.metrics.value("FramesRejectedTooLarge"))
          .isEqualTo(3);
      assertAnswered(good);
      await().until(() -> server.metrics.value("OpenConnectionCount") == 1);
    }
  }

  @Test
  void aRequestInSingleBytesIsServed() throws Exception {
    try (TestServer server = new TestServer(OK);
        Socket socket = connect(server)) {
      socket.setTcpNoDelay(true);
      for (byte b : FIRST) {
        socket.getOutputStream().write(b);
        socket.getOutputStream().flush();
      }
      new DataInputStream(socket.getInputStream()).readFully(new byte[27]);
    }
  }

  @Test
  void aFrameThatDoesNotGetOnIsClosed() throws Exception {
    try (TestServer server =
            new TestServer(
                OK,
                limits(
                    l -> l.times(Duration.ofMinutes(1), Duration.ZERO, Duration.ofMillis(100))));
        Socket slow = connect(server)) {
      slow.getOutputStream().write(FIRST, 0, 30);
      assertThat(slow.getInputStream().read()).isEqualTo(-1);
      assertThat(server.metrics.value("ConnectionsClosedSlow")).isOne();
      await().until(() -> server.metrics.value("RequestBytesInFlight") == 0);
    }
  }

  @Test
  void aFrameThatTakesTooLongIsClosedAtAnyRate() throws Exception {
    try (TestServer server =
            new TestServer(
                OK, limits(l -> l.deadlines(Duration.ofMillis(200), Duration.ofMinutes(1))));
        Socket slow = connect(server)) {
      slow.getOutputStream().write(FIRST, 0, 30);
      assertThat(slow.getInputStream().read()).isEqualTo(-1);
      assertThat(server.metrics.value("ConnectionsClosedSlow")).isOne();
    }
  }

  @Test
  void aConnectionThatNeverAsksIsClosed() throws Exception {
    try (TestServer server =
            new TestServer(
                OK,
                limits(
                    l -> l.times(Duration.ofMillis(100), Duration.ZERO, Duration.ofMinutes(1))));
        Socket silent = connect(server)) {
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(server.metrics.value("ConnectionsClosedHandshakeTimeout")).isOne();
    }
  }

  @Test
  void anIdleConnectionIsClosedOnlyIfAskedFor() throws Exception {
    try (TestServer server =
            new TestServer(
                OK,
                limits(
                    l ->
                        l.times(
                            Duration.ofMinutes(1),
                            Duration.ofMillis(100),
                            Duration.ofMinutes(1))));
        Socket idle = connect(server)) {
      assertAnswered(idle);
      assertThat(idle.getInputStream().read()).isEqualTo(-1);
      assertThat(server.metrics.value("ConnectionsClosedIdle")).isOne();
    }
  }

  @Test
  void connectionsAboveTheLimitsAreRefusedAndTheOthersServed() throws Exception {
    try (TestServer server = new TestServer(OK, limits(l -> l.connections(3, 2)));
        Socket first = connect(server);
        Socket second = connect(server)) {
      assertAnswered(first);
      await().until(() -> server.metrics.value("OpenConnectionCount") == 2);
      try (Socket third = connect(server)) {
        assertThat(third.getInputStream().read()).isEqualTo(-1);
      }
      assertThat(server.metrics.value("ConnectionsRefusedPeerLimit")).isOne();
      assertAnswered(second);
    }
    try (TestServer server = new TestServer(OK, limits(l -> l.connections(1, 1)))) {
      try (Socket first = connect(server)) {
        assertAnswered(first);
        try (Socket second = connect(server)) {
          assertThat(second.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(server.metrics.value("ConnectionsRefusedLimit")).isOne();
      }
      await().until(() -> server.metrics.value("OpenConnectionCount") == 0);
      try (Socket third = connect(server)) {
        assertAnswered(third);
      }
    }
  }

  @Test
  void hundredsOfIdleConnectionsTakeNoThreadsAndNoService() throws Exception {
    List<Socket> idle = new ArrayList<>();
    try (TestServer server = new TestServer(OK)) {
      int threads = Thread.activeCount();
      for (int i = 0; i < 500; i++) {
        Socket socket = connect(server);
        idle.add(socket);
        socket.getOutputStream().write(FIRST, 0, i % 20);
      }
      await().until(() -> server.metrics.value("OpenConnectionCount") == 500);
      assertThat(Thread.activeCount()).isLessThan(threads + 10);
      try (Socket working = connect(server)) {
        assertAnswered(working);
      }
      for (Socket socket : idle) {
        socket.close();
      }
      await().until(() -> server.metrics.value("OpenConnectionCount") == 0);
    }
  }

  @Test
  void aConnectionWithManyRequestsInFlightIsNotReadOn() throws Exception {
    List<CompletableFuture<Answer>> open = new CopyOnWriteArrayList<>();
    try (TestServer server =
            new TestServer(
                request -> {
                  CompletableFuture<Answer> answer = new CompletableFuture<>();
                  open.add(answer);
                  return answer;
                },
                limits(l -> l.requestsPerConnection(4)));
        RpcClient client = FlumeInteropTest.ourClient(server.port())) {
      RpcConnection connection = client.connect();
      List<CompletableFuture<Answer>> answers = new ArrayList<>();
      // Far more than one read takes, so that what is not read stays with the peer.
      EventBatch batch = EventBatch.of(Map.of(), new byte[300_000]);
      for (int i = 0; i < 40; i++) {
        answers.add(connection.appendBatch(batch, Map.of()));
      }
      int completed = 0;
      while (completed < 40) {
        int next = completed;
        await().until(() -> open.size() > next);
        assertThat(server.metrics.value("RequestsInFlight")).isLessThanOrEqualTo(5);
        open.get(completed++).complete(Answer.Status.OK);
      }
      for (CompletableFuture<Answer> answer : answers) {
        assertThat(answer.get(10, TimeUnit.SECONDS)).isEqualTo(Answer.Status.OK);
      }
    }
  }

  @Test
  void theSharedBudgetHoldsSendersBackAndAllAreServedInTheEnd() throws Exception {
    AtomicInteger served = new AtomicInteger();
    long budget = 2_000_000;
    try (TestServer server =
        new TestServer(
            request -> {
              served.incrementAndGet();
              return CompletableFuture.supplyAsync(() -> Answer.Status.OK);
            },
            limits(l -> l.bytesInFlight(budget).messageBytes(1 << 20)))) {
      // 20 half-received requests of half a megabyte fill the budget five times over.
      List<Socket> senders = new ArrayList<>();
      byte[] request = largeRequest(500_000);
      CompletableFuture<Void> rest = new CompletableFuture<>();
      for (int i = 0; i < 20; i++) {
        Socket socket = connect(server);
        senders.add(socket);
        TestServer.daemon("sender")
            .newThread(
                () -> {
                  write(socket, request, request.length - 1);
                  rest.join();
                  write(socket, new byte[] {request[request.length - 1]}, 1);
                })
            .start();
      }
      await().until(() -> server.metrics.value("ConnectionsPaused") > 0);
      assertThat(server.metrics.value("RequestBytesInFlight"))
          .isLessThan(2 * budget + 20 * 140_000);
      rest.complete(null);
      await().atMost(Duration.ofSeconds(30)).until(() -> served.get() == 20);
      await().until(() -> server.metrics.value("RequestBytesInFlight") == 0);
      for (Socket socket : senders) {
        socket.close();
      }
    }
  }

  @Test
  void whatGoneConnectionsHadHalfSentIsGivenBack() throws Exception {
    try (TestServer server = new TestServer(OK)) {
      byte[] request = largeRequest(500_000);
      for (int i = 0; i < 5; i++) {
        try (Socket socket = connect(server)) {
          socket.getOutputStream().write(request, 0, 300_000);
          await().until(() -> server.metrics.value("RequestBytesInFlight") > 0);
          socket.setSoLinger(true, 0);
        }
        await().until(() -> server.metrics.value("RequestBytesInFlight") == 0);
      }
    }
  }

  @Test
  void aDeflateBombIsRefusedBeforeItTakesMemory() throws Exception {
    Wrapping deflate = new Wrapping(Optional.of(6), Optional.empty());
    try (TestServer server =
            new TestServer(
                OK,
                settings ->
                    wrapped(limits(l -> l.messageBytes(1 << 20)).apply(settings), deflate));
        Socket socket = connect(server)) {
      byte[] bomb = new byte[200_000_000];
      System.arraycopy(new byte[] {0, 0, 0, 1, 0, 0, 0, 2, 0, 0x10, 0, 0}, 0, bomb, 0, 12);
      Arrays.fill(bomb, 12 + (1 << 20), bomb.length, (byte) 1);
      Deflater deflater = new Deflater(9);
      deflater.setInput(bomb);
      deflater.finish();
      byte[] packed = new byte[1_000_000];
      int length = deflater.deflate(packed);
      deflater.end();
      AtomicInteger most = new AtomicInteger();
      write(socket, packed, length);
      await()
          .until(
              () -> {
                most.accumulateAndGet(
                    (int) server.metrics.value("RequestBytesInFlight"), Math::max);
                return server.metrics.value("FramesRejectedTooLarge")
                        + server.metrics.value("FramesRejectedMalformed")
                    == 1;
              });
      assertThat(most.get()).isLessThan(4 << 20);
      await().until(() -> server.metrics.value("OpenConnectionCount") == 0);
    }
  }

  @Test
  void aPeerThatNeverReadsItsAnswersIsNotReadEither() throws Exception {
    AtomicInteger served = new AtomicInteger();
    byte[] error = FrameEncoder.frame(2, new byte[] {0, 6, 'f', 'o', 'o'});
    try (TestServer server =
            new TestServer(
                request -> {
                  served.incrementAndGet();
                  return OK.handle(request);
                });
        Socket socket = connect(server)) {
      assertAnswered(socket);
      byte[] many = new byte[error.length * 10_000];
      for (int i = 0; i < 10_000; i++) {
        System.arraycopy(error, 0, many, i * error.length, error.length);
      }
      Thread sender =
          TestServer.daemon("sender")
              .newThread(
                  () -> {
                    for (int i = 0; i < 1000; i++) {
                      write(socket, many, many.length);
                    }
                  });
      sender.start();
      // 10 million requests are on offer; the answers nobody reads stop them long before.
      long[] last = {-1};
      await()
          .pollInterval(Duration.ofMillis(500))
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                long now = server.metrics.value("RequestsRejectedUnknownMessage");
                boolean stands = now == last[0] && now > 0;
                last[0] = now;
                return stands;
              });
      assertThat(last[0]).isLessThan(5_000_000);
    }
  }

  @Test
  void aPeerThatNeverReadsItsAnswersIsClosedThoughARequestStandsHalf() throws Exception {
    try (TestServer server =
            new TestServer(
                OK,
                limits(
                    l -> l.times(Duration.ofMinutes(1), Duration.ZERO, Duration.ofMillis(300))));
        Socket socket = connect(server)) {
      assertAnswered(socket);
      byte[] refused = FrameEncoder.frame(2, new byte[] {0, 6, 'f', 'o', 'o'});
      byte[] half = Arrays.copyOf(largeRequest(200_000), 100_000);
      TestServer.daemon("sender")
          .newThread(
              () -> {
                for (int i = 0; i < 100_000; i++) {
                  write(socket, refused, refused.length);
                }
                write(socket, half, half.length);
              })
          .start();
      await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> server.metrics.value("ConnectionsClosedUnread") == 1);
      await().until(() -> server.metrics.value("OpenConnectionCount") == 0);
      assertThat(server.metrics.value("RequestBytesInFlight")).isZero();
    }
  }

  @Test
  void aHandlerThatThrowsOrFailsIsAnsweredFailed() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    RequestHandler broken =
        (Request request) -> {
          if (calls.getAndIncrement() == 0) {
            throw new IllegalStateException("broken");
          }
          return CompletableFuture.failedFuture(new IllegalStateException("broken"));
        };
    try (TestServer server = new TestServer(broken);
        RpcClient client = FlumeInteropTest.ourClient(server.port())) {
      RpcConnection connection = client.connect();
      for (int i = 0; i < 2; i++) {
        assertThat(connection.appendBatch(EventBatch.EMPTY, Map.of()).get(10, TimeUnit.SECONDS))
            .isEqualTo(Answer.Status.FAILED);
      }
    }
  }

  private static ServerSettings wrapped(ServerSettings settings, Wrapping wrapping) {
    return new ServerSettings(
        settings.address(), settings.limits(), wrapping, settings.filter(), settings.ioThreads());
  }

  private static byte[] largeRequest(int bodyBytes) {
    byte[] head =
        HexFormat.of().parseHex(HASH + "00" + HASH + "020000" + "16617070656e644261746368");
    EventBatch batch = EventBatch.of(Map.of(), new byte[bodyBytes]);
    byte[] payload = new byte[batch.encodedBytes()];
    batch.copyTo(payload, 0);
    return FrameEncoder.frame(1, head, payload);
  }

  private static void assertAnswered(Socket socket) throws IOException {
    socket.getOutputStream().write(FIRST);
    byte[] answer = new byte[27];
    new DataInputStream(socket.getInputStream()).readFully(answer);
    assertThat(Arrays.copyOfRange(answer, 25, 27)).containsExactly(0, 0);
  }

  private static void write(Socket socket, byte[] bytes, int length) {
    try {
      OutputStream out = socket.getOutputStream();
      out.write(bytes, 0, length);
      out.flush();
    } catch (IOException e) {
      // The other side has closed; the test looks at that elsewhere.
    }
  }

  private static Socket connect(TestServer server) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(20_000);
    return socket;
  }
}
