/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.scribe;

import static io.millrace.components.testing.Patience.await;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.ChannelFullException;
import io.millrace.api.DataSize;
import io.millrace.components.hop.ConnectionLimitOptions;
import io.millrace.components.listen.ProxyProtocolOptions;
import io.millrace.components.testing.ToyOutput;
import io.millrace.components.testing.ToySourceContext;
import io.millrace.kit.tls.ServerTlsOptions;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
class ScribeSourceTest {
  private static final int REPLY = 2;
  private static final int EXCEPTION = 3;
  private static final int OK = 0;
  private static final int TRY_LATER = 1;

  private final ToySourceContext context = new ToySourceContext();
  private final ToyOutput output = context.output();
  private ScribeSource source;

  @BeforeEach
  void start() {
    ScribeSourceOptions options =
        new ScribeSourceOptions(
            "127.0.0.1",
            0,
            100_000,
            Optional.empty(),
            ServerTlsOptions.none(),
            new ConnectionLimitOptions(
                100,
                100,
                DataSize.ofMebibytes(64),
                Optional.empty(),
                Duration.ofSeconds(600),
                Duration.ZERO,
                Duration.ofSeconds(30),
                Duration.ofSeconds(300),
                Duration.ZERO),
            ProxyProtocolOptions.OFF);
    source = (ScribeSource) options.build(context);
    source.start();
  }

  @AfterEach
  void stop() throws InterruptedException {
    output.release();
    source.stop();
    source.stop();
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket("127.0.0.1", source.address().getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  /** A call as Thrift's binary protocol writes it; a null stands for a field that is left out. */
  private static byte[] call(String method, boolean isStrict, int sequence, String[]... entries)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    if (isStrict) {
      out.writeInt(0x80010001);
      string(out, method);
    } else {
      string(out, method);
      out.writeByte(1);
    }
    out.writeInt(sequence);
    out.writeByte(15);
    out.writeShort(1);
    out.writeByte(12);
    out.writeInt(entries.length);
    for (String[] entry : entries) {
      for (int field = 0; field < 2; field++) {
        if (entry[field] != null) {
          out.writeByte(11);
          out.writeShort(field + 1);
          string(out, entry[field]);
        }
      }
      out.writeByte(0);
    }
    out.writeByte(0);
    return bytes.toByteArray();
  }

  private static void string(DataOutputStream out, String text) throws IOException {
    byte[] bytes = text.getBytes(UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static void send(Socket socket, byte[] message) throws IOException {
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    out.writeInt(message.length);
    out.write(message);
    out.flush();
  }

  private record Answer(int type, int sequence, int status) {}

  private static Answer read(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    byte[] frame = in.readNBytes(in.readInt());
    DataInputStream message = new DataInputStream(new java.io.ByteArrayInputStream(frame));
    int type = message.readInt() & 0xFF;
    message.readNBytes(message.readInt());
    int sequence = message.readInt();
    if (type != REPLY) {
      return new Answer(type, sequence, -1);
    }
    assertThat(message.readByte()).isEqualTo((byte) 8);
    assertThat(message.readShort()).isZero();
    return new Answer(type, sequence, message.readInt());
  }

  private static String[] entry(String category, String message) {
    return new String[] {category, message};
  }

  @Test
  void entriesAreEventsWithTheirCategoryAndAreAnsweredOk() throws IOException {
    try (Socket socket = connect()) {
      send(
          socket,
          call("Log", true, 7, entry("web", "one"), entry(null, "zwei ü"), entry("x", null)));
      assertThat(read(socket)).isEqualTo(new Answer(REPLY, 7, OK));
      send(socket, call("Log", false, 8, entry("old", "three")));
      assertThat(read(socket)).isEqualTo(new Answer(REPLY, 8, OK));
    }
    assertThat(output.events())
        .containsExactly(
            new ToyOutput.Event(Map.of("category", "web"), "one"),
            new ToyOutput.Event(Map.of(), "zwei ü"),
            new ToyOutput.Event(Map.of("category", "x"), ""),
            new ToyOutput.Event(Map.of("category", "old"), "three"));
    assertThat(output.emits()).isEqualTo(2);
  }

  @Test
  void aCallWithoutEntriesIsAnsweredOk() throws IOException {
    try (Socket socket = connect()) {
      send(socket, call("Log", true, 1));
      assertThat(read(socket)).isEqualTo(new Answer(REPLY, 1, OK));
    }
    assertThat(output.emits()).isZero();
  }

  @Test
  void aFullChannelAnswersTryLaterAndThenOk() throws IOException {
    output.hold();
    try (Socket socket = connect()) {
      send(socket, call("Log", true, 1, entry("a", "x")));
      await().until(() -> output.pending().size() == 1);
      output.pending().get(0).fail(new ChannelFullException("full"));
      assertThat(read(socket)).isEqualTo(new Answer(REPLY, 1, TRY_LATER));
      output.release();
      send(socket, call("Log", true, 2, entry("a", "x")));
      assertThat(read(socket)).isEqualTo(new Answer(REPLY, 2, OK));
    }
    assertThat(output.events()).hasSize(1);
  }

  @Test
  void anUnknownCallIsAnsweredWithAnExceptionAndTheConnectionGoesOn() throws IOException {
    try (Socket socket = connect()) {
      send(socket, call("getStatus", true, 1));
      assertThat(read(socket).type()).isEqualTo(EXCEPTION);
      send(socket, call("Log", true, 2, entry("a", "x")));
      assertThat(read(socket).status()).isEqualTo(OK);
    }
  }

  @Test
  void aTooLongFrameEndsTheConnection() throws IOException {
    try (Socket socket = connect()) {
      DataOutputStream out = new DataOutputStream(socket.getOutputStream());
      out.writeInt(100_001);
      out.write(new byte[8]);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(context.metrics().value("FramesRejectedTooLarge")).isEqualTo(1);
  }

  // Goal: whatever comes, in whatever pieces, is answered or ends the connection, and the source
  // serves the next client. Method: true calls with bytes changed, cut and split at random.
  @Test
  void anyBytesAreAnsweredOrEndTheConnection() throws IOException {
    long seed = Long.getLong("millrace.seed", System.nanoTime());
    System.out.println("seed " + seed);
    Random random = new Random(seed);
    for (int round = 0; round < 300; round++) {
      byte[] message =
          call("Log", random.nextBoolean(), round, entry("a", "x".repeat(random.nextInt(200))));
      for (int i = random.nextInt(4); i > 0; i--) {
        message[random.nextInt(message.length)] = (byte) random.nextInt();
      }
      try (Socket socket = connect()) {
        DataOutputStream out = new DataOutputStream(socket.getOutputStream());
        out.writeInt(message.length);
        int split = random.nextInt(message.length);
        out.write(message, 0, split);
        out.flush();
        out.write(message, split, message.length - split);
        out.flush();
        socket.shutdownOutput();
        socket.getInputStream().readAllBytes();
      } catch (java.net.SocketException e) {
        // Ended by the source while the rest was written.
      }
    }
    try (Socket socket = connect()) {
      send(socket, call("Log", true, 2, entry("a", "last")));
      assertThat(read(socket).status()).isEqualTo(OK);
    }
    await().until(() -> context.metrics().value("RequestBytesInFlight") == 0);
  }
}
