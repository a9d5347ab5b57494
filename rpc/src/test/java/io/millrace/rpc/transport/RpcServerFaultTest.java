/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.transport;

import static io.millrace.rpc.Patience.await;
import static io.millrace.rpc.transport.RawPeer.FIRST;
import static io.millrace.rpc.transport.RawPeer.assertAnswered;
import static io.millrace.rpc.transport.RawPeer.connect;
import static io.millrace.rpc.transport.RawPeer.largeRequest;
import static io.millrace.rpc.transport.RawPeer.write;
import static io.millrace.rpc.transport.TestServer.OK;
import static io.millrace.rpc.transport.TestServer.limits;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EventBatch;
import io.millrace.rpc.frame.FrameEncoder;
import io.millrace.rpc.session.Answer;
import io.millrace.rpc.session.Request;
import java.io.DataInputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What peers may do to a server. */
@Timeout(300)
class RpcServerFaultTest {
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
      await().until(() -> server.metrics.value("ConnectionsClosedUnread") == 1);
      await().until(() -> server.metrics.value("OpenConnectionCount") == 0);
      await().until(() -> server.metrics.value("RequestBytesInFlight") == 0);
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
        assertThat(connection.appendBatch(EventBatch.EMPTY, Map.of()).get(60, TimeUnit.SECONDS))
            .isEqualTo(Answer.Status.FAILED);
      }
    }
  }

  private static ServerSettings wrapped(ServerSettings settings, Wrapping wrapping) {
    return new ServerSettings(
        settings.address(), settings.limits(), wrapping, settings.filter(), settings.ioThreads());
  }
}
