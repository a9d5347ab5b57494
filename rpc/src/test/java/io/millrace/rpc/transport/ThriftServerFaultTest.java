/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static io.millrace.rpc.Patience.await;
import static io.millrace.rpc.transport.TestServer.OK;
import static io.millrace.rpc.transport.TestServer.limits;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.TransientException;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.thrift.ThriftDialect;
import io.millrace.rpc.thrift.ThriftProtocol;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What peers may do to a Thrift server, and Thrift servers to a client. */
@Timeout(300)
class ThriftServerFaultTest {
  private static final ThriftDialect COMPACT = new ThriftDialect(ThriftProtocol.COMPACT);
  private static final String EVENT = "1c 1b 01 88 01 6b 01 76 18 02 6869 00 00";

  /** Not finished: the body is missing. */
  private static final String BAD_EVENT = "1c 1b 00 00 00";

  private static final int ANSWER_BYTES = 18;

  @Test
  void answersKeepTheOrderOfTheCallsWhateverEndsFirst() throws Exception {
    List<CompletableFuture<Answer>> open = new CopyOnWriteArrayList<>();
    try (TestServer server = server(holding(open), settings -> settings);
        Socket socket = connect(server)) {
      ByteArrayOutputStream calls = new ByteArrayOutputStream();
      for (int i = 1; i <= 5; i++) {
        calls.writeBytes(call(i, EVENT));
      }
      calls.writeBytes(call(6, BAD_EVENT));
      calls.writeBytes(call(7, EVENT));
      socket.getOutputStream().write(calls.toByteArray());
      await().until(() -> open.size() == 6);
      for (int i = 5; i > 0; i--) {
        open.get(i).complete(Answer.Status.OK);
      }
      await().until(() -> server.metrics.value("RequestsInFlight") == 1);
      assertThat(socket.getInputStream().available()).isZero();
      open.get(0).complete(Answer.Status.FAILED);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (int i = 1; i <= 7; i++) {
        byte[] answer = new byte[in.readInt()];
        in.readFully(answer);
        assertThat(answer[1]).as("type").isEqualTo((byte) (i == 6 ? 0x61 : 0x41));
        assertThat(answer[2]).as("sequence id").isEqualTo((byte) i);
        if (i == 1) {
          assertThat(answer[answer.length - 2]).as("FAILED").isEqualTo((byte) 2);
        }
      }
    }
  }

  @Test
  void bytesThatAreNoFrameCostTheirConnectionAlone() throws Exception {
    try (TestServer server = server(OK, settings -> settings);
        Socket good = connect(server)) {
      for (byte[] bad :
          List.of(
              "GET / HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
              hex("16030100f5010000f10303"), // TLS to a plain port
              hex("ffffffff 00"),
              hex("7fffffff 82"),
              hex("00000000"),
              hex("00000005 80010001 00"), // the binary protocol
              hex("00000003 824101"))) { // an answer
        try (Socket socket = connect(server)) {
          socket.getOutputStream().write(bad);
          assertThat(socket.getInputStream().read()).isEqualTo(-1);
        }
      }
      assertThat(
              server.metrics.value("FramesRejectedMalformed")
                  + server.metrics.value("FramesRejectedTooLarge"))
          .isEqualTo(7);
      assertAnswered(good, 1);
      await().until(() -> server.metrics.value("OpenConnectionCount") == 1);
    }
  }

  @Test
  void aMalformedCallIsAnsweredAndTheConnectionGoesOn() throws Exception {
    try (TestServer server = server(OK, settings -> settings);
        Socket socket = connect(server)) {
      socket.getOutputStream().write(call(1, BAD_EVENT));
      DataInputStream in = new DataInputStream(socket.getInputStream());
      byte[] answer = new byte[in.readInt()];
      in.readFully(answer);
      assertThat(new String(answer, StandardCharsets.UTF_8)).contains("body missing");
      assertThat(server.metrics.value("RequestsRejectedMalformed")).isOne();
      assertAnswered(socket, 2);
    }
  }

  @Test
  void aRequestInSingleBytesIsServed() throws Exception {
    try (TestServer server = server(OK, settings -> settings);
        Socket socket = connect(server)) {
      socket.setTcpNoDelay(true);
      for (byte b : call(1, EVENT)) {
        socket.getOutputStream().write(b);
        socket.getOutputStream().flush();
      }
      new DataInputStream(socket.getInputStream()).readFully(new byte[ANSWER_BYTES]);
    }
  }

  @Test
  void aFrameThatDoesNotGetOnAndAConnectionThatNeverAsksAreClosed() throws Exception {
    try (TestServer server =
            server(
                OK,
                limits(
                    l -> l.times(Duration.ofMinutes(1), Duration.ZERO, Duration.ofMillis(100))));
        Socket slow = connect(server)) {
      slow.getOutputStream().write(call(1, EVENT), 0, 10);
      assertThat(slow.getInputStream().read()).isEqualTo(-1);
      assertThat(server.metrics.value("ConnectionsClosedSlow")).isOne();
      await().until(() -> server.metrics.value("RequestBytesInFlight") == 0);
    }
    try (TestServer server =
            server(
                OK,
                limits(
                    l -> l.times(Duration.ofMillis(100), Duration.ZERO, Duration.ofMinutes(1))));
        Socket silent = connect(server)) {
      assertThat(silent.getInputStream().read()).isEqualTo(-1);
      assertThat(server.metrics.value("ConnectionsClosedHandshakeTimeout")).isOne();
    }
  }

  @Test
  void aConnectionWithManyRequestsInFlightIsNotReadOn() throws Exception {
    List<CompletableFuture<Answer>> open = new CopyOnWriteArrayList<>();
    try (TestServer server = server(holding(open), limits(l -> l.requestsPerConnection(4)));
        Socket socket = connect(server)) {
      byte[] large = call(1, "1c 1b 00 18 " + "e0a712" + "00".repeat(300_000) + " 00 00");
      Thread sender =
          TestServer.daemon("sender")
              .newThread(
                  () -> {
                    for (int i = 0; i < 40; i++) {
                      write(socket, large);
                    }
                  });
      sender.start();
      for (int completed = 0; completed < 40; completed++) {
        int next = completed;
        await().pollInterval(Duration.ofMillis(5)).until(() -> open.size() > next);
        assertThat(server.metrics.value("RequestsInFlight")).isLessThanOrEqualTo(5);
        open.get(completed).complete(Answer.Status.OK);
      }
      new DataInputStream(socket.getInputStream()).readFully(new byte[40 * ANSWER_BYTES]);
    }
  }

  /**
   * Refused calls wait behind an open one for their turn: they must not pile up without a limit.
   */
  @Test
  void refusedCallsBehindAnOpenOneStopTheReadingToo() throws Exception {
    List<CompletableFuture<Answer>> open = new CopyOnWriteArrayList<>();
    try (TestServer server = server(holding(open), limits(l -> l.requestsPerConnection(100)));
        Socket socket = connect(server)) {
      socket.getOutputStream().write(call(1, EVENT));
      byte[] bad = call(2, BAD_EVENT);
      ByteArrayOutputStream many = new ByteArrayOutputStream();
      for (int i = 0; i < 10_000; i++) {
        many.writeBytes(bad);
      }
      Thread sender =
          TestServer.daemon("sender")
              .newThread(
                  () -> {
                    for (int i = 0; i < 100; i++) {
                      write(socket, many.toByteArray());
                    }
                  });
      sender.start();
      await().until(() -> server.metrics.value("RequestsRejectedMalformed") > 100);
      long[] last = {-1};
      await()
          .pollInterval(Duration.ofMillis(300))
          .until(
              () -> {
                long now = server.metrics.value("RequestsRejectedMalformed");
                boolean stands = now == last[0];
                last[0] = now;
                return stands;
              });
      assertThat(last[0]).isLessThan(20_000);
      open.get(0).complete(Answer.Status.OK);
      new DataInputStream(socket.getInputStream()).readFully(new byte[ANSWER_BYTES]);
    }
  }

  @Test
  void oneWayMessagesAreTakenAndNotAnswered() throws Exception {
    AtomicInteger taken = new AtomicInteger();
    try (TestServer server =
            server(
                request -> {
                  taken.incrementAndGet();
                  return OK.handle(request);
                },
                settings -> settings);
        Socket socket = connect(server)) {
      byte[] oneWay = call(1, EVENT);
      oneWay[5] = (byte) 0x81;
      socket.getOutputStream().write(oneWay);
      assertAnswered(socket, 2);
      assertThat(taken.get()).isEqualTo(2);
    }
  }

  @Test
  void aStopAnswersWhatIsInFlightInOrderAndCloses() throws Exception {
    List<CompletableFuture<Answer>> open = new CopyOnWriteArrayList<>();
    TestServer server = server(holding(open), settings -> settings);
    try (Socket socket = connect(server)) {
      socket.getOutputStream().write(call(1, EVENT));
      socket.getOutputStream().write(call(2, EVENT));
      await().until(() -> open.size() == 2);
      CompletableFuture<Void> stopped =
          CompletableFuture.runAsync(
              () -> {
                try {
                  server.server.stop(Duration.ofSeconds(60));
                } catch (InterruptedException e) {
                  throw new IllegalStateException(e);
                }
              });
      open.get(1).complete(Answer.Status.OK);
      open.get(0).complete(Answer.Status.OK);
      byte[] answers = socket.getInputStream().readAllBytes();
      assertThat(answers).hasSize(2 * ANSWER_BYTES);
      assertThat(answers[6]).isEqualTo((byte) 1);
      assertThat(answers[ANSWER_BYTES + 6]).isEqualTo((byte) 2);
      stopped.get(70, TimeUnit.SECONDS);
    }
  }

  @Test
  void aServerThatSendsNonsenseOrGoesAwayFailsTheCallsAtOnce() throws Exception {
    for (byte[] nonsense :
        List.of(
            new byte[0],
            hex("ffffffff"),
            hex("0000000c 80010002 00000000 00000001"),
            hex("0000000e 82 41 09 06 617070656e64 05 00 00 00"))) {
      try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
          RpcClient client =
              ThriftInteropTest.ourClient(ThriftProtocol.COMPACT, listener.getLocalPort())) {
        CompletableFuture<Answer> answer =
            client
                .connect()
                .call(COMPACT.appendBatch(FlumeInteropTest.batch(0, 10), 1 << 20).orElseThrow());
        try (Socket accepted = listener.accept()) {
          accepted.getInputStream().read();
          accepted.getOutputStream().write(nonsense);
        }
        assertThatThrownBy(() -> answer.get(60, TimeUnit.SECONDS))
            .hasCauseInstanceOf(TransientException.class)
            .hasMessageContaining("Thrift server localhost:" + listener.getLocalPort());
      }
    }
  }

  private static RequestHandler holding(List<CompletableFuture<Answer>> open) {
    return request -> {
      CompletableFuture<Answer> answer = new CompletableFuture<>();
      open.add(answer);
      return answer;
    };
  }

  private static TestServer server(RequestHandler handler, UnaryOperator<ServerSettings> change)
      throws IOException {
    return new TestServer(COMPACT, handler, change);
  }

  /** A call of append. */
  private static byte[] call(int sequenceId, String arguments) {
    byte[] head = hex("82 21 %02x 06 617070656e64".formatted(sequenceId));
    byte[] rest = hex(arguments);
    return java.nio.ByteBuffer.allocate(4 + head.length + rest.length)
        .putInt(head.length + rest.length)
        .put(head)
        .put(rest)
        .array();
  }

  private static void assertAnswered(Socket socket, int sequenceId) throws IOException {
    socket.getOutputStream().write(call(sequenceId, EVENT));
    byte[] answer = new byte[ANSWER_BYTES];
    new DataInputStream(socket.getInputStream()).readFully(answer);
    assertThat(answer)
        .isEqualTo(hex("0000000e 82 41 %02x 06 617070656e64 05 00 00 00".formatted(sequenceId)));
  }

  private static void write(Socket socket, byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
    } catch (IOException e) {
      // The other side has closed; the test looks at that elsewhere.
    }
  }

  private static Socket connect(TestServer server) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text.replace(" ", ""));
  }
}
