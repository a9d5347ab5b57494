/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.netcat;

import static io.millrace.components.testing.Patience.await;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ChannelFullException;
import io.millrace.api.DataSize;
import io.millrace.api.TransientException;
import io.millrace.components.listen.Connections;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.ToyOutput;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.rpc.proxy.ProxyProtocol;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.Charset;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class NetcatSourceTest {
  private final ToySourceContext context = new ToySourceContext();
  private final ToyOutput output = context.output();
  private final List<Socket> sockets = new ArrayList<>();
  private int maxLineLength = 512;
  private boolean ackEveryEvent = true;
  private Charset encoding = UTF_8;
  private int maxConnections = 1000;
  private long maxBytesInFlight = 32 << 20;
  private Duration idleTimeout = Duration.ZERO;
  private final AtomicLong now = new AtomicLong();
  private ProxyProtocolOptions proxy = ProxyProtocolOptions.OFF;
  private NetcatSource source;

  private void start() {
    source = new NetcatSource(options(0), context, now::get);
    source.start();
  }

  private NetcatOptions options(int port) {
    return new NetcatOptions(
        "127.0.0.1",
        port,
        maxLineLength,
        ackEveryEvent,
        encoding,
        maxConnections,
        DataSize.ofBytes(maxBytesInFlight),
        idleTimeout,
        proxy);
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), source.port());
    sockets.add(socket);
    return socket;
  }

  private void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(encoding));
    socket.getOutputStream().flush();
  }

  private String read(Socket socket, int bytes) throws IOException {
    return new String(socket.getInputStream().readNBytes(bytes), encoding);
  }

  private String readAll(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), encoding);
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    output.release();
    if (source != null) {
      source.stop();
      source.stop();
    }
  }

  @Test
  void everyLineIsAnEventAndIsAnsweredOk() throws IOException {
    start();
    Socket socket = connect();
    send(socket, "one\n\ntwo\r\nthr");
    assertThat(read(socket, 9)).isEqualTo("OK\nOK\nOK\n");
    send(socket, "ee\n");
    assertThat(read(socket, 3)).isEqualTo("OK\n");
    assertThat(output.bodies()).containsExactly("one", "", "two\r", "three");
  }

  @Test
  void anUnfinishedLastLineIsDeliveredAndAnsweredWhenTheClientEndsItsSide() throws IOException {
    start();
    Socket socket = connect();
    send(socket, "one\ntwo");
    socket.shutdownOutput();
    assertThat(readAll(socket)).isEqualTo("OK\nOK\n");
    assertThat(output.bodies()).containsExactly("one", "two");
  }

  @Test
  void linesThatArriveTogetherAreOneBatch() throws IOException {
    start();
    Socket socket = connect();
    send(socket, "a\n".repeat(100));
    read(socket, 300);
    assertThat(output.emits()).isLessThan(20);
  }

  @Test
  void nothingIsAnsweredBeforeTheChannelsHaveIt() throws IOException {
    output.hold();
    start();
    Socket socket = connect();
    send(socket, "one\n");
    await().until(() -> output.pending().size() == 1);
    send(socket, "two\n");
    await().until(() -> output.pending().size() == 2);
    output.pending().get(1).accept();
    assertThat(socket.getInputStream().available()).isZero();
    output.pending().get(0).fail(new ChannelFullException("channel c1 is full\r\nOK"));
    assertThat(read(socket, 33)).isEqualTo("FAILED: channel c1 is full??OK\nOK");
    assertThat(context.metrics().value("ChannelWriteFail")).isEqualTo(1);
  }

  @Test
  void withoutAcknowledgementsFailuresAreStillAnsweredPerLine() throws IOException {
    ackEveryEvent = false;
    output.hold();
    start();
    Socket socket = connect();
    send(socket, "one\ntwo\n");
    await().until(() -> output.pending().stream().mapToInt(p -> p.batch().eventCount()).sum() == 2);
    output.pending().forEach(pending -> pending.fail(new ChannelFullException("full")));
    assertThat(read(socket, 26)).isEqualTo("FAILED: full\nFAILED: full\n");
    output.release();
    send(socket, "three\n");
    await().until(() -> output.bodies().contains("three"));
    socket.shutdownOutput();
    assertThat(readAll(socket)).isEmpty();
  }

  @Test
  void anOverlongLineIsRefusedAfterTheLinesBeforeItAndEndsTheConnection() throws IOException {
    start();
    Socket socket = connect();
    send(socket, "a".repeat(511) + "\n" + "b".repeat(512) + "\nafter\n");
    assertThat(readAll(socket))
        .isEqualTo("OK\nFAILED: Event exceeds the maximum length (512 chars, including newline)\n");
    assertThat(output.bodies()).containsExactly("a".repeat(511));
    assertThat(context.metrics().value("LinesTooLong")).isEqualTo(1);
  }

  @Test
  void anOverlongLineIsRefusedBeforeItEnds() throws IOException {
    start();
    Socket socket = connect();
    send(socket, "b".repeat(512));
    assertThat(readAll(socket)).startsWith("FAILED: Event exceeds");
  }

  @Test
  void theLengthOfALineIsCountedInCharacters() throws IOException {
    maxLineLength = 5;
    start();
    Socket socket = connect();
    send(socket, "äöü€\n😀😀\nabcde\n");
    assertThat(readAll(socket)).startsWith("OK\nOK\nFAILED");
    assertThat(output.bodies()).containsExactly("äöü€", "😀😀");
  }

  @Test
  void otherEncodingsBecomeUtf8AndAnswersUseThem() throws IOException {
    encoding = UTF_16LE;
    start();
    Socket socket = connect();
    byte[] bytes = "grün 😀\nzwei\n".getBytes(UTF_16LE);
    for (byte single : bytes) {
      socket.getOutputStream().write(single);
      socket.getOutputStream().flush();
    }
    assertThat(read(socket, 12)).isEqualTo("OK\nOK\n");
    assertThat(output.bodies()).containsExactly("grün 😀", "zwei");
  }

  @Test
  void singleByteEncodingsWork() throws IOException {
    encoding = ISO_8859_1;
    start();
    Socket socket = connect();
    send(socket, "grün\nlast ü");
    socket.shutdownOutput();
    assertThat(readAll(socket)).isEqualTo("OK\nOK\n");
    assertThat(output.bodies()).containsExactly("grün", "last ü");
  }

  @Test
  void nothingIsReadWhileTooMuchIsInFlight() throws Exception {
    maxBytesInFlight = 1000;
    output.hold();
    start();
    Socket first = connect();
    send(first, ("x".repeat(400) + "\n").repeat(3));
    await().until(() -> inFlightEvents() == 3);
    Socket second = connect();
    Thread writer = writer(second, ("y".repeat(400) + "\n").repeat(1000).getBytes(UTF_8));
    awaitStandstill();
    assertThat(inFlightEvents()).as("the second connection is not read").isEqualTo(3);
    output.release();
    assertThat(read(first, 9)).isEqualTo("OK\nOK\nOK\n");
    assertThat(read(second, 3000)).isEqualTo("OK\n".repeat(1000));
    await().until(() -> context.metrics().value("BytesInFlight") == 0);
    second.close();
    writer.join();
  }

  private int inFlightEvents() {
    return output.pending().stream().mapToInt(pending -> pending.batch().eventCount()).sum();
  }

  @Test
  void aClientThatTakesNoAnswersIsNotReadForEver() throws Exception {
    start();
    Socket socket = connect();
    Thread writer = writer(socket, "\n".repeat(64 * 1024).getBytes(UTF_8));
    awaitStandstill();
    assertThat(writer.isAlive()).isTrue();
    socket.close();
    writer.join();
  }

  /** Writes the lines a thousand times, or until the socket is closed. */
  private static Thread writer(Socket socket, byte[] lines) {
    Thread writer =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < 1000; i++) {
                  socket.getOutputStream().write(lines);
                }
              } catch (IOException e) {
                // The test is over.
              }
            });
    writer.start();
    return writer;
  }

  private void awaitStandstill() {
    long[] last = {-1};
    await()
        .pollInterval(Duration.ofMillis(500))
        .until(
            () -> {
              long now = output.emits();
              boolean isStill = now == last[0];
              last[0] = now;
              return isStill;
            });
  }

  @Test
  void oneConnectionTooManyIsRefused() throws IOException {
    maxConnections = 1;
    start();
    Socket first = connect();
    send(first, "one\n");
    assertThat(read(first, 3)).isEqualTo("OK\n");
    assertThat(readAll(connect())).isEqualTo("FAILED: too many connections (1)\n");
    first.close();
    await().until(() -> context.metrics().value("OpenConnectionCount") == 0);
    Socket third = connect();
    send(third, "three\n");
    assertThat(read(third, 3)).isEqualTo("OK\n");
  }

  @Test
  void whenAllPlacesAreTakenTheOneThatWasSilentLongestGoes() throws IOException {
    maxConnections = 2;
    start();
    Socket silent = connect();
    send(silent, "one\npart");
    assertThat(read(silent, 3)).isEqualTo("OK\n");
    now.addAndGet(Connections.SILENCE.toNanos());
    Socket busy = connect();
    send(busy, "two\n");
    assertThat(read(busy, 3)).isEqualTo("OK\n");
    Socket fresh = connect();
    send(fresh, "three\n");
    assertThat(read(fresh, 3)).isEqualTo("OK\n");
    assertThat(readAll(silent)).isEmpty();
    send(busy, "four\n");
    assertThat(read(busy, 3)).isEqualTo("OK\n");
    assertThat(readAll(connect())).startsWith("FAILED: too many connections");
    assertThat(context.metrics().value("ConnectionsEvicted")).isEqualTo(1);
  }

  @Test
  void idleConnectionsEndWhenTheOptionSaysSo() throws IOException {
    idleTimeout = Duration.ofMillis(50);
    start();
    assertThat(readAll(connect())).isEmpty();
    assertThat(context.metrics().value("ConnectionsIdleClosed")).isEqualTo(1);
  }

  @Test
  void aStopAnswersWhatIsInFlight() throws Exception {
    output.hold();
    start();
    Socket socket = connect();
    send(socket, "one\n");
    await().until(() -> output.pending().size() == 1);
    Thread stopper = new Thread(source::stop);
    stopper.start();
    output.release();
    stopper.join();
    assertThat(readAll(socket)).isEqualTo("OK\n");
    assertThat(output.bodies()).containsExactly("one");
  }

  @Test
  void aPortInUseIsSaidWithAddressAndRemedyAndStartCanBeTriedAgain() throws IOException {
    NetcatSource late;
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      late = new NetcatSource(options(taken.getLocalPort()), context);
      assertThatThrownBy(late::start)
          .isInstanceOf(TransientException.class)
          .hasMessageContaining("127.0.0.1:" + taken.getLocalPort())
          .hasMessageContaining("Free the port");
    }
    late.start();
    late.stop();
  }

  @Test
  void garbageIsLinesToo() throws IOException {
    start();
    Socket socket = connect();
    byte[] bytes = new byte[256];
    for (int i = 0; i < 256; i++) {
      bytes[i] = (byte) i;
    }
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().write('\n');
    assertThat(read(socket, 6)).isEqualTo("OK\nOK\n");
  }

  @Test
  void linesCarryTheAddressOfTheClientThatAProxyHeaderNames() throws IOException {
    proxy = behind(ProxyProtocol.REQUIRED);
    start();
    Socket socket = connect();
    send(socket, "PROXY TCP4 10.1.2.3 10.0.0.1 4567 44444\r\none\nt");
    assertThat(read(socket, 3)).isEqualTo("OK\n");
    send(socket, "wo\n");
    assertThat(read(socket, 3)).isEqualTo("OK\n");
    assertThat(output.bodies()).containsExactly("one", "two");
    assertThat(output.events())
        .allSatisfy(event -> assertThat(event.headers()).isEqualTo(Map.of("client", "10.1.2.3")));
  }

  @Test
  void aLineWhereAProxyHeaderIsRequiredEndsTheConnectionAndIsCounted() throws IOException {
    proxy = behind(ProxyProtocol.REQUIRED);
    start();
    Socket socket = connect();
    send(socket, "one\n");
    assertThat(readAll(socket)).isEmpty();
    assertThat(output.bodies()).isEmpty();
    assertThat(context.metrics().value("ProxyHeadersMissing")).isOne();
    await().until(() -> context.metrics().value("OpenConnectionCount") == 0);
  }

  @Test
  void whereAProxyHeaderIsOptionalShortLinesAndOnesLikeItAreLines() throws IOException {
    proxy = behind(ProxyProtocol.OPTIONAL);
    start();
    for (String line : List.of("x", "", "PROXIES are fine", "PRO")) {
      Socket socket = connect();
      send(socket, line + "\n");
      assertThat(read(socket, 3)).isEqualTo("OK\n");
    }
    Socket unfinished = connect();
    send(unfinished, "PROXY");
    unfinished.shutdownOutput();
    assertThat(readAll(unfinished)).isEqualTo("OK\n");
    assertThat(output.bodies()).containsExactly("x", "", "PROXIES are fine", "PRO", "PROXY");
  }

  @Test
  void withoutTheOptionAProxyHeaderIsALine() throws IOException {
    start();
    Socket socket = connect();
    send(socket, "PROXY UNKNOWN\n");
    assertThat(read(socket, 3)).isEqualTo("OK\n");
    assertThat(output.bodies()).containsExactly("PROXY UNKNOWN");
    assertThat(output.events().get(0).headers()).isEmpty();
  }

  private static ProxyProtocolOptions behind(ProxyProtocol mode) {
    return new ProxyProtocolOptions(
        mode, List.of("127.0.0.1"), Duration.ofSeconds(10), Optional.of("client"));
  }
}
